"""What Compute Engine and Cloud Monitoring answer, as resources and their utilization.

Recorded answers lie in a folder PROJECT, named by the method: instances.aggregatedList, disks.aggregatedList,
addresses.aggregatedList, projects.get (the bill names projects by number), and timeSeries.list.ALIGNER for each way of
aligning: ALIGN_MEAN and ALIGN_MAX of `instance/cpu/utilization` by the hour, ALIGN_SUM of
`instance/network/{received,sent}_bytes_count` by the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Answers, Inventory, Recorded, cpu, folders, instant, network, reading
from jobs.providers.gcp.items import PROVIDER, READERS, Item, Place

LISTS = {
    "instances": "compute.googleapis.com/Instance",
    "disks": "compute.googleapis.com/Disk",
    "addresses": "compute.googleapis.com/Address",
}
"""What must be recorded, by what Cloud Asset Inventory calls it."""
CPU = "compute.googleapis.com/instance/cpu/utilization"
NETWORK = tuple(f"compute.googleapis.com/instance/network/{way}_bytes_count" for way in ("received", "sent"))
DISK = tuple(f"compute.googleapis.com/instance/disk/{way}_bytes_count" for way in ("read", "write"))
MEMORY = "agent.googleapis.com/memory/percent_used"
"""Told only by machines that run the Ops Agent; in percent."""
MEAN, MAX, SUM = "ALIGN_MEAN", "ALIGN_MAX", "ALIGN_SUM"
MOMENT = timedelta(microseconds=1)

Points = dict[datetime, float]


def recorded(root: Path, *, at: datetime) -> Inventory:
    """Read a folder of recorded answers. Raises BadAnswerError."""
    resources: list[Resource] = []
    used: list[DailyUtilization] = []
    scopes = [name for (name,) in folders(root, 1)]
    for project in scopes:
        answers = Recorded(root / project)
        for operation in (*(f"{kind}.aggregatedList" for kind in LISTS), "projects.get"):
            answers.required(operation)
        place = Place(project, _number(answers), at)
        found = [one for kind in LISTS for one in _listed(answers, kind, place)]
        resources += found
        used += utilization(answers, machines(found))
    return Inventory(PROVIDER, tuple((name, None) for name in scopes), tuple(resources), tuple(used))


def _number(answers: Answers) -> str:
    with reading("Google's projects.get"):
        page = next(iter(answers.pages("projects.get")))
        return str(page.get("projectNumber") or page["name"].removeprefix("projects/"))


def _listed(answers: Answers, kind: str, place: Place) -> Iterator[Resource]:
    with reading(f"Google's {kind}.aggregatedList"):
        for page in answers.pages(f"{kind}.aggregatedList"):
            for scope in page["items"].values():
                for item in scope.get(kind, ()):  # a scope without any carries a warning instead
                    found = READERS[LISTS[kind]](item, place)
                    if found:
                        yield found


def read(kind: str, item: Item, place: Place) -> Resource | None:
    """Return one thing of a kind of Cloud Asset Inventory; nothing for what costs nothing. Raises BadAnswerError."""
    with reading(f"Google's {kind} {place.name}"):
        return READERS[kind](item, place)


def machines(found: Iterable[Resource]) -> dict[str, str]:
    """Return the machines' ids by the numbers under which Monitoring knows them."""
    return {one.resource_id.rsplit("/", 1)[-1]: one.resource_id for one in found if one.resource_type == "machine"}


def utilization(answers: Answers, names: Mapping[str, str]) -> Iterator[DailyUtilization]:
    """Return how much machines were used, by their numbers. Raises BadAnswerError."""
    series: dict[tuple[str, str, str], Points] = defaultdict(dict)
    for aligner in (MEAN, MAX, SUM):
        with reading(f"Google's timeSeries.list ({aligner})"):
            for page in answers.pages(f"timeSeries.list.{aligner}"):
                for one in page.get("timeSeries", ()):
                    points = series[one["resource"]["labels"]["instance_id"], one["metric"]["type"], aligner]
                    for moment, value in _points(one):
                        # What one machine sent comes in several series: by device, by way of a load balancer.
                        points[moment] = value + (points.get(moment, 0.0) if aligner == SUM else 0.0)
    for machine in sorted({name for name, _, _ in series if name in names}):
        yield from cpu(names[machine], *(series.get((machine, CPU, aligner), {}) for aligner in (MEAN, MAX)))
        held = (series.get((machine, MEMORY, aligner), {}) for aligner in (MEAN, MAX))
        shares = ({moment: value / 100 for moment, value in points.items()} for points in held)
        yield from (replace(row, metric="memory") for row in cpu(names[machine], *shares))
        yield from network(names[machine], [series.get((machine, kind, SUM), {}) for kind in NETWORK])
        written = network(names[machine], [series.get((machine, kind, SUM), {}) for kind in DISK])
        yield from (replace(row, metric="disk") for row in written)


def _points(series: dict[str, Any]) -> Iterator[tuple[datetime, float]]:
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
