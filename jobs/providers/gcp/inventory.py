"""What Compute Engine and Cloud Monitoring answer, as resources and their utilization.

Recorded answers lie in a folder PROJECT, named by the method: instances.aggregatedList, disks.aggregatedList,
addresses.aggregatedList, projects.get (the bill names projects by number), and timeSeries.list.ALIGNER for each way of
aligning: ALIGN_MEAN and ALIGN_MAX of `instance/cpu/utilization` by the hour, ALIGN_SUM of
`instance/network/{received,sent}_bytes_count` by the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Answers, Inventory, Recorded, folders, reading
from jobs.providers.gcp import metrics
from jobs.providers.gcp.items import PROVIDER, READERS, Item, Place

LISTS = {
    "instances": "compute.googleapis.com/Instance",
    "disks": "compute.googleapis.com/Disk",
    "addresses": "compute.googleapis.com/Address",
}
"""What must be recorded, by what Cloud Asset Inventory calls it."""


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
        used += metrics.utilization(answers, found)
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
