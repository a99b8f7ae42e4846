"""Azure Monitor's metrics, asked for many resources of one type and region at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.azure import clients, inventory
from jobs.providers.azure.items import kind

if TYPE_CHECKING:
    from azure.monitor.querymetrics import MetricsClient

METRICS = "Microsoft.Insights/metrics"
BATCH = 50
"""Resources that may be asked about in one question."""
WINDOW = timedelta(days=21)
MACHINES = "microsoft.compute/virtualmachines"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED: tuple[tuple[tuple[str, ...], timedelta, tuple[str, ...]], ...] = (
    (("Percentage CPU",), HOUR, ("average", "maximum")),
    (("Network In Total", "Network Out Total"), DAY, ("total",)),
)


def utilization(found: Iterable[Resource], at: datetime) -> Iterator[DailyUtilization]:
    """Return how much machines were used on the whole days of the last weeks. Raises BadAnswerError, RefusedError."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found:
        if kind({"id": one.resource_id}) == MACHINES:
            groups[one.sub_account_id, one.region].append(one.resource_id)
    end = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for (_, region), ids in sorted(groups.items()):
        client = clients.metrics(region)
        for start in range(0, len(ids), BATCH):
            # So many and no more are held in memory.
            yield from inventory.measured(_answers(client, region, ids[start : start + BATCH], (end - WINDOW, end)))


def _answers(
    client: MetricsClient, region: str, ids: Sequence[str], span: tuple[datetime, datetime]
) -> Iterator[dict[str, Any]]:
    """Return metrics in the shape in which Azure lists those of a single resource."""
    for names, step, aggregations in ASKED:
        with clients.asking(f"{METRICS} in {region}", needs=f"{METRICS}/read"):
            answers = client.query_resources(
                resource_ids=ids,
                metric_namespace=MACHINES,
                metric_names=names,
                timespan=span,
                granularity=step,
                aggregations=aggregations,
            )
        for metric in (one for answer in answers for one in answer.metrics):
            points = [
                {"timeStamp": point.timestamp, "average": point.average, "maximum": point.maximum, "total": point.total}
                for line in metric.timeseries
                for point in line.data
            ]
            yield {"id": metric.id, "name": {"value": metric.name}, "timeseries": [{"data": points}]}
