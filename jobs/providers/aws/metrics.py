"""What CloudWatch is asked, of which things, and how its series become days of utilization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from finops.resources import DailyUtilization, Resource
from finops.utilization import daily
from jobs.providers.answers import Answers, instant, network, reading

MEASURED = timedelta(days=21)
"""A week more than the rules look at, because bills settle days later."""
HOUR, DAY = 3600, 86400
PERCENT = 100
QUERIES_A_CALL = 500
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""
AGENT, MACHINE = "CWAgent", "InstanceId"
UNREAL = ("tmpfs", "devtmpfs", "overlay", "squashfs", "iso9660")
"""File systems that are no disk; some of them are full by nature."""

Points = dict[datetime, float]
Series = dict[tuple[str, str, str], Points]
"""Measurements by resource, CloudWatch's metric and statistic."""
Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One of our metrics of one kind of resource, and what CloudWatch calls it."""

    kind: str
    metric: str
    names: tuple[str, ...]
    """Several are added up where a day's sum counts; else whichever a thing has."""
    namespace: str
    dimension: str
    whole: int = 1
    """What the number is a share of: 100 for percents, which become ratios."""
    summed: bool = False
    """Whether a day's sum counts, not its course by the hour."""
    size: str = ""
    """Of which size alone, where things of one kind have several namespaces."""

    @property
    def statistics(self) -> tuple[tuple[str, int], ...]:
        """Return which statistics are asked for, and seconds between their points."""
        return (("Sum", DAY),) if self.summed else (("Average", HOUR), ("Maximum", HOUR))


OPERATIONS = Measure("disk", "operations", ("VolumeReadOps",), "AWS/EBS", "VolumeId", summed=True)
"""Counted while a volume is attached only: it tells since when one is not, and is not kept."""
_EC2, _RDS = ("machine", "AWS/EC2", MACHINE), ("database", "AWS/RDS", "DBInstanceIdentifier")
_CACHE, _NAT = ("cache", "AWS/ElastiCache", "CacheClusterId"), ("nat_gateway", "AWS/NATGateway", "NatGatewayId")
_ALB, _NLB = (("load_balancer", f"AWS/{name}ELB", "LoadBalancer") for name in ("Application", "Network"))


def _of(about: tuple[str, str, str], metric: str, *names: str, **more: Any) -> Measure:  # noqa: ANN401
    kind, namespace, dimension = about
    return Measure(kind, metric, names, namespace, dimension, **more)


MEASURES = (
    _of(_EC2, "cpu", "CPUUtilization", whole=PERCENT),
    _of(_EC2, "network", "NetworkIn", "NetworkOut", summed=True),
    _of(_EC2, "disk", "EBSReadBytes", "EBSWriteBytes", summed=True),
    OPERATIONS,
    _of(_RDS, "cpu", "CPUUtilization", whole=PERCENT),
    _of(_RDS, "connections", "DatabaseConnections"),
    _of(_ALB, "requests", "RequestCount", summed=True, size="application"),
    # What a network load balancer is asked for is a connection.
    _of(_NLB, "requests", "NewFlowCount", summed=True, size="network"),
    _of(_NLB, "connections", "ActiveFlowCount", size="network"),
    _of(_CACHE, "cpu", "CPUUtilization", whole=PERCENT),
    _of(_CACHE, "memory", "DatabaseMemoryUsagePercentage", whole=PERCENT),
    _of(_CACHE, "connections", "CurrConnections"),
    _of(("function", "AWS/Lambda", "FunctionName"), "requests", "Invocations", summed=True),
    _of(_NAT, "network", "BytesOutToDestination", "BytesInFromDestination", summed=True),
    _of(_NAT, "connections", "ActiveConnectionCount"),
)
AGENTS = (
    _of(("machine", AGENT, MACHINE), "memory", "mem_used_percent", "Memory % Committed Bytes In Use", whole=PERCENT),
    _of(("machine", AGENT, MACHINE), "disk_used", "disk_used_percent", whole=PERCENT),
)
"""Told by machines only that run CloudWatch's agent: under dimensions that its settings choose, so they are listed."""


def asked(found: Iterable[Resource], agents: Iterable[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return a query for every metric of every resource, labelled so that the answer says what it is about."""
    things = list(found)
    wanted: list[tuple[Resource, Measure, str, Dimensions]] = [
        (one, each, name, ((each.dimension, dimension(one)),))
        for one in things
        for each in MEASURES
        if each.kind == one.resource_type and each.size in {"", one.size}
        for name in each.names
    ]
    wanted += _by_agents({one.resource_id: one for one in things if one.resource_type == "machine"}, agents)
    every = [(*one, *statistic) for one in wanted for statistic in one[1].statistics]
    return [
        {
            "Id": f"m{number}",
            "Label": f"{one.resource_id} {name} {statistic}",
            "MetricStat": {
                "Metric": {
                    "Namespace": each.namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                },
                "Period": period,
                "Stat": statistic,
            },
        }
        for number, (one, each, name, dimensions, statistic, period) in enumerate(every)
    ]


def dimension(one: Resource) -> str:
    """Return what CloudWatch calls a resource: the end of an ARN, for what the bill names by its ARN."""
    end = one.resource_id.rpartition(":")[2]
    return end.removeprefix("loadbalancer/").removeprefix("natgateway/")


def _by_agents(
    machines: dict[str, Resource], listed: Iterable[dict[str, Any]]
) -> Iterator[tuple[Resource, Measure, str, Dimensions]]:
    for metric in listed:
        told = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        machine = machines.get(told.get(MACHINE, ""))
        each = next((one for one in AGENTS if metric["MetricName"] in one.names), None)
        if machine and each and told.get("fstype") not in UNREAL:
            yield machine, each, metric["MetricName"], tuple(told.items())


def agents(answers: Answers) -> list[dict[str, Any]]:
    """Return which metrics the agents of a region's machines tell. Raises BadAnswerError."""
    with reading("AWS's ListMetrics"):
        return [one for page in answers.pages("ListMetrics", Namespace=AGENT) for one in page["Metrics"]]


def series(answers: Answers, queries: Sequence[dict[str, Any]], at: datetime) -> Series:
    """Return what was measured on the whole days of the last weeks. Raises BadAnswerError.

    Of several that carry one label, like the disks of a machine, the highest counts at each moment.
    """
    until = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    found: Series = defaultdict(dict)
    with reading("AWS's GetMetricData"):
        for start in range(0, len(queries), QUERIES_A_CALL):
            some = list(queries[start : start + QUERIES_A_CALL])
            request = {"MetricDataQueries": some, "StartTime": until - MEASURED, "EndTime": until}
            for page in answers.pages("GetMetricData", **request):
                for result in page["MetricDataResults"]:
                    _add(found, result)
    return found


def _add(found: Series, result: dict[str, Any]) -> None:
    # Names of Windows' metrics have spaces in them; ids and statistics have none.
    resource, _, rest = result["Label"].partition(" ")
    metric, space, statistic = rest.rpartition(" ")
    if not space:
        message = f"its label “{result['Label']}” is not RESOURCE METRIC STATISTIC"
        raise ValueError(message)
    known = found[resource, metric, statistic]
    for moment, value in zip(map(instant, result["Timestamps"]), map(float, result["Values"]), strict=True):
        known[moment] = max(known.get(moment, value), value)


def utilization(one: Resource, told: Series) -> Iterator[DailyUtilization]:
    """Return the days of everything that was measured of one resource."""
    for each in (*MEASURES, *AGENTS):
        if each.kind == one.resource_type and each is not OPERATIONS:
            yield from _days(one.resource_id, each, told)


def _days(key: str, each: Measure, told: Series) -> Iterator[DailyUtilization]:
    if each.summed:
        sums = network(key, [told.get((key, name, "Sum"), {}) for name in each.names])
        yield from (replace(row, metric=each.metric) for row in sums)
        return
    for name in each.names:
        shares = ({at: value / each.whole for at, value in told.get((key, name, statistic), {}).items()}
                  for statistic, _ in each.statistics)  # fmt: skip
        mean, highest = shares
        yield from daily(key, each.metric, mean, peaks=highest)


def dated(disks: Iterable[Resource], told: Series) -> Iterator[Resource]:
    """Say since when a volume is unattached, at the latest: it counts operations only while it is attached."""
    counted = {one: points for (one, metric, _), points in told.items() if metric in OPERATIONS.names}
    window = min((at for points in counted.values() for at in points), default=None)
    for disk in disks:
        if disk.state == "unattached" and disk.resource_id in counted and window is not None:
            points = counted[disk.resource_id]
            silent = max(points) + timedelta(days=1) if points else window
            since = max(silent, disk.created_at)
            yield replace(disk, metadata={**disk.metadata, "state_since": since.isoformat()})
        else:
            yield disk
