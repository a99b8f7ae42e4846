"""Which of Azure Monitor's metrics say how much a resource is used, and a day of each summed up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from finops.resources import DailyUtilization
from jobs.providers.answers import cpu, instant, network, reading
from jobs.providers.azure.items import kind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STATISTICS = ("average", "maximum", "minimum", "total")
PERCENT = 100

Points = Mapping[datetime, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """One of our metrics, and what Azure calls it."""

    metric: str
    names: tuple[str, ...]
    """Several are summed up."""
    whole: int = 1
    """What Azure's number is a share of: 100 for percents, which become ratios."""
    summed: bool = False
    """Whether a day's total counts, not its course by the hour."""
    free: bool = False
    """Whether Azure tells what is left, not what is used."""
    everywhere: bool = False
    """Whether Azure knows it of every resource of the type, in every region."""

    @property
    def step(self) -> timedelta:
        """How far its points are apart."""
        return DAY if self.summed else HOUR

    @property
    def statistics(self) -> tuple[str, ...]:
        """Which of each point are asked for: the first is the course of the day, the second its peaks."""
        if self.summed:
            return ("total",)
        return ("average", "minimum" if self.free else "maximum")


def _share(metric: str, name: str, **more: Any) -> Measure:  # noqa: ANN401
    return Measure(metric, (name,), whole=PERCENT, **more)


def _sum(metric: str, *names: str, everywhere: bool = False) -> Measure:
    return Measure(metric, names, summed=True, everywhere=everywhere)


_CPU = _share("cpu", "Percentage CPU", everywhere=True)
_TRAFFIC = _sum("network", "Network In Total", "Network Out Total", everywhere=True)
_SERVER = (
    _share("cpu", "cpu_percent"),
    _share("memory", "memory_percent"),
    Measure("connections", ("active_connections",)),
    _sum("network", "network_bytes_ingress", "network_bytes_egress"),
)
MEASURES: dict[str, tuple[Measure, ...]] = {
    "microsoft.compute/virtualmachines": (
        _CPU,
        _TRAFFIC,
        _sum("disk", "Disk Read Bytes", "Disk Write Bytes", everywhere=True),
        _share("memory", "Available Memory Percentage", free=True),
    ),
    "microsoft.compute/virtualmachinescalesets": (_CPU, _TRAFFIC),
    "microsoft.sql/servers/databases": (_share("cpu", "cpu_percent"), _sum("connections", "connection_successful")),
    "microsoft.dbforpostgresql/flexibleservers": _SERVER,
    "microsoft.dbformysql/flexibleservers": _SERVER,
    "microsoft.cache/redis": (
        _share("cpu", "allpercentprocessortime"),
        _share("memory", "allusedmemorypercentage"),
        Measure("connections", ("allconnectedclients",)),
    ),
    "microsoft.network/loadbalancers": (_sum("network", "ByteCount"),),
    "microsoft.network/natgateways": (_sum("network", "ByteCount"),),
    "microsoft.storage/storageaccounts": (_sum("requests", "Transactions"), _sum("network", "Ingress", "Egress")),
    "microsoft.web/sites": (_sum("requests", "Requests"),),
    "microsoft.containerservice/managedclusters": (
        _share("cpu", "node_cpu_usage_percentage"),
        _share("memory", "node_memory_working_set_percentage"),
    ),
}


def measured(metrics: Iterable[dict[str, Any]]) -> Iterator[DailyUtilization]:
    """Sum up days of metrics as Azure Monitor answers them. Raises BadAnswerError."""
    series: dict[str, dict[str, dict[datetime, float]]] = defaultdict(lambda: defaultdict(dict))
    with reading("Azure's Metrics_List"):
        for metric in metrics:
            resource, name = metric["id"].split("/providers/Microsoft.Insights/")[0], metric["name"]["value"]
            for point in (one for line in metric["timeseries"] for one in line["data"]):
                for statistic in STATISTICS:
                    if point.get(statistic) is not None:
                        series[resource][f"{name} {statistic}"][instant(point["timeStamp"])] = float(point[statistic])
        for resource, told in sorted(series.items()):
            for measure in MEASURES.get(kind({"id": resource}), ()):
                yield from _days(resource, measure, told)


def _days(resource: str, measure: Measure, told: Mapping[str, Points]) -> Iterator[DailyUtilization]:
    points = [told.get(f"{name} {one}", {}) for name in measure.names for one in measure.statistics]
    if measure.summed:
        rows = network(resource, points)
    else:
        mean, highest = ({at: _used(measure, value) for at, value in each.items()} for each in points)
        rows = cpu(resource, mean, highest)
    yield from (replace(row, metric=measure.metric) for row in rows)


def _used(measure: Measure, value: float) -> float:
    share = value / measure.whole
    return 1 - share if measure.free else share
