"""What Azure's resource providers and Azure Monitor answer, as resources and their utilization.

Recorded answers lie in a folder SUBSCRIPTION, named by the REST operation: VirtualMachines_ListAll (with
`$expand=instanceView`), Disks_List, PublicIPAddresses_ListAll, and Metrics_List-anything for each machine: `Percentage
CPU` by the hour (average and maximum), `Network In Total` and `Network Out Total` by the day (total), and whatever else
is a measure of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Inventory, Recorded, folders, reading
from jobs.providers.azure.items import PROVIDER, Item, resource
from jobs.providers.azure.measures import measured

LISTS = {"VirtualMachines_ListAll": "machine", "Disks_List": "disk", "PublicIPAddresses_ListAll": "address"}
"""What is recorded, and the kind of resource that it lists; what else a live inventory found is left as it was."""


def recorded(root: Path, *, at: datetime) -> Inventory:
    """Read a folder of recorded answers. Raises BadAnswerError."""
    found: list[Resource] = []
    utilization: list[DailyUtilization] = []
    scopes = [name for (name,) in folders(root, 1)]
    for subscription in scopes:
        answers = Recorded(root / subscription)
        for operation in LISTS:
            answers.required(operation)
            found += resources(_items(answers, operation), at, what=f"Azure's {operation}")
        utilization += measured(_items(answers, "Metrics_List"))
    asked = frozenset((name, None, kind) for name in scopes for kind in LISTS.values())
    return Inventory(PROVIDER, tuple((name, None) for name in scopes), tuple(found), tuple(utilization), asked)


def _items(answers: Recorded, operation: str) -> Iterator[Item]:
    for page in answers.pages(operation):
        yield from page["value"]


def resources(items: Iterable[Item], at: datetime, *, what: str) -> Iterator[Resource]:
    """Read things as Azure describes them. Raises BadAnswerError naming what was asked."""
    with reading(what):
        for item in items:
            if found := resource(item, at):
                yield found
