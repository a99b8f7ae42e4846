"""Azure Monitor's metrics, asked for many resources of one type and region at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.azure import clients
from jobs.providers.azure.items import kind
from jobs.providers.azure.measures import MEASURES, Measure, measured

if TYPE_CHECKING:
    from azure.monitor.querymetrics import MetricsClient

METRICS = "Microsoft.Insights/metrics"
BATCH = 50
"""Resources that may be asked about in one question."""
WINDOW = timedelta(days=21)
UNKNOWN = 400
"""What Azure answers if a metric is not known of a resource in its region."""

Span = tuple[datetime, datetime]


def utilization(found: Iterable[Resource], at: datetime) -> Iterator[DailyUtilization]:
    """Return how much resources were used on the whole days of the last weeks. Raises BadAnswerError, RefusedError."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in found:
        if (of := kind({"id": one.resource_id})) in MEASURES:
            groups[one.sub_account_id, one.region, of].append(one.resource_id)
    end = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for (_, region, of), ids in sorted(groups.items()):
        client = clients.metrics(region)
        for start in range(0, len(ids), BATCH):  # so many and no more are held in memory
            some = ids[start : start + BATCH]
            told = (one for each in MEASURES[of] for one in _answers(client, of, some, each, (end - WINDOW, end)))
            yield from measured(told)


def _answers(
    client: MetricsClient, of: str, ids: Sequence[str], measure: Measure, span: Span
) -> Iterator[dict[str, Any]]:
    """Return metrics in the shape in which Azure lists those of a single resource."""
    try:
        with clients.asking(f"{METRICS} of {of}", needs=f"{METRICS}/read"):
            answers = client.query_resources(
                resource_ids=ids,
                metric_namespace=of,
                metric_names=measure.names,
                timespan=span,
                granularity=measure.step,
                aggregations=measure.statistics,
            )
    except clients.AnsweredError as error:
        if error.status == UNKNOWN and not measure.everywhere:
            return
        raise
    for metric in (one for answer in answers for one in answer.metrics):
        points = [_point(point) for line in metric.timeseries for point in line.data]
        yield {"id": metric.id, "name": {"value": metric.name}, "timeseries": [{"data": points}]}


def _point(point: Any) -> dict[str, Any]:  # noqa: ANN401  the SDK's own value
    return {
        "timeStamp": point.timestamp,
        "average": point.average,
        "maximum": point.maximum,
        "minimum": point.minimum,
        "total": point.total,
    }
