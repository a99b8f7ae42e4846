"""What Cloud Monitoring is asked, of which things, and how its series become days of utilization."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Answers, cpu, instant, network, reading

MEAN, MAX, SUM = "ALIGN_MEAN", "ALIGN_MAX", "ALIGN_SUM"
CPU = "compute.googleapis.com/instance/cpu/utilization"
NETWORK = tuple(f"compute.googleapis.com/instance/network/{way}_bytes_count" for way in ("received", "sent"))
DISK = tuple(f"compute.googleapis.com/instance/disk/{way}_bytes_count" for way in ("read", "write"))
MEMORY = "agent.googleapis.com/memory/percent_used"
"""Told only by machines that run the Ops Agent; in percent, while all other shares are ratios."""
DATABASE = "cloudsql.googleapis.com/database"
MOMENT = timedelta(microseconds=1)

Points = dict[datetime, float]


@dataclass(frozen=True, slots=True)
class Group:
    """What is asked about one type of thing."""

    label: str
    """Monitoring's label that tells one from another."""
    gauges: Mapping[str, str] = field(default_factory=dict)
    """Our metric by Google's; mean and maximum, by the hour."""
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Google's metrics, which are added up, by ours; by the day."""


GROUPS = {
    "machine": Group("instance_id", {CPU: "cpu", MEMORY: "memory"}, {"network": NETWORK, "disk": DISK}),
    "database": Group(
        "database_id",
        {
            f"{DATABASE}/cpu/utilization": "cpu",
            f"{DATABASE}/memory/utilization": "memory",
            f"{DATABASE}/network/connections": "connections",
        },
    ),
    "load_balancer": Group(
        "forwarding_rule_name", sums={"requests": ("loadbalancing.googleapis.com/https/request_count",)}
    ),
    "function": Group("service_name", sums={"requests": ("run.googleapis.com/request_count",)}),
}
"""By our resource types. Of functions, those that are services of Cloud Run."""
TYPES = {
    kind: group
    for group in GROUPS.values()
    for kind in (*group.gauges, *(one for kinds in group.sums.values() for one in kinds))
}


def name(one: Resource) -> str | None:
    """Return what Monitoring calls a thing; nothing for what it is not asked about."""
    if one.resource_type == "machine":
        return one.resource_id.rsplit("/", 1)[-1]
    if one.resource_type == "database":
        return f"{one.sub_account_id}:{one.name}"
    known = one.resource_type == "load_balancer" or one.resource_id.startswith("//run.googleapis.com/")
    return one.name if known else None


def utilization(answers: Answers, found: Iterable[Resource]) -> Iterator[DailyUtilization]:
    """Return how much things were used. Raises BadAnswerError."""
    series = _series(answers)
    for one in found:
        group, called = GROUPS.get(one.resource_type), name(one)
        if group is None or called is None:
            continue
        for kind, metric in group.gauges.items():
            held = [series.get((called, kind, aligner), {}) for aligner in (MEAN, MAX)]
            yield from (replace(row, metric=metric) for row in cpu(one.resource_id, *held))
        for metric, kinds in group.sums.items():
            rows = network(one.resource_id, [series.get((called, kind, SUM), {}) for kind in kinds])
            yield from (replace(row, metric=metric) for row in rows)


def _series(answers: Answers) -> dict[tuple[str, str, str], Points]:
    """Return points by what a thing is called, Google's metric, and how it was aligned."""
    series: dict[tuple[str, str, str], Points] = defaultdict(dict)
    for aligner in (MEAN, MAX, SUM):
        with reading(f"Google's timeSeries.list ({aligner})"):
            for page in answers.pages(f"timeSeries.list.{aligner}"):
                for one in page.get("timeSeries", ()):
                    kind = one["metric"]["type"]
                    if kind in TYPES:
                        _add(series[one["resource"]["labels"][TYPES[kind].label], kind, aligner], one, aligner)
    return series


def _add(points: Points, series: Mapping[str, Any], aligner: str) -> None:
    """Add a series to those before it: what one thing did comes in several, by device, database or response."""
    scale = 100 if series["metric"]["type"] == MEMORY else 1
    for moment, value in _points(series):
        before = points.get(moment)
        if before is None or aligner == SUM:
            points[moment] = value / scale + (before or 0.0)
        else:
            points[moment] = max(before, value / scale)


def _points(series: Mapping[str, Any]) -> Iterator[tuple[datetime, float]]:
    for point in series["points"]:
        value, interval = point["value"], point["interval"]
        number = value["doubleValue"] if "doubleValue" in value else value["int64Value"]
        end = instant(interval["endTime"]) if "endTime" in interval else None
        start = instant(interval["startTime"]) if "startTime" in interval else end
        if start is None:
            message = "a point has no time"
            raise ValueError(message)
        # A gauge's point has no length: it tells of the time before it.
        yield (start - MOMENT if start == end else start), float(number)
