"""What Azure's resource providers and Azure Monitor answer, as resources and their utilization.

Recorded answers lie in a folder SUBSCRIPTION, named by the REST operation: VirtualMachines_ListAll (with
`$expand=instanceView`), Disks_List, PublicIPAddresses_ListAll, and Metrics_List-anything for each machine: `Percentage
CPU` by the hour (average and maximum), `Network In Total` and `Network Out Total` by the day (total).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Inventory, Recorded, cpu, folders, instant, network, reading
from jobs.providers.azure.items import PROVIDER, Item, resource

LISTS = ("VirtualMachines_ListAll", "Disks_List", "PublicIPAddresses_ListAll")

Points = dict[datetime, float]


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
    return Inventory(PROVIDER, tuple((name, None) for name in scopes), tuple(found), tuple(utilization))


def _items(answers: Recorded, operation: str) -> Iterator[Item]:
    for page in answers.pages(operation):
        yield from page["value"]


def resources(items: Iterable[Item], at: datetime, *, what: str) -> Iterator[Resource]:
    """Read things as Azure describes them. Raises BadAnswerError naming what was asked."""
    with reading(what):
        for item in items:
            if found := resource(item, at):
                yield found


def measured(metrics: Iterable[dict[str, Any]]) -> Iterator[DailyUtilization]:
    """Sum up days of metrics as Azure Monitor answers them. Raises BadAnswerError."""
    series: dict[tuple[str, str], Points] = defaultdict(dict)
    with reading("Azure's Metrics_List"):
        for metric in metrics:
            machine, name = metric["id"].split("/providers/Microsoft.Insights/")[0], metric["name"]["value"]
            for point in (one for line in metric["timeseries"] for one in line["data"]):
                for statistic in ("average", "maximum", "total"):
                    if point.get(statistic) is not None:
                        series[machine, f"{name} {statistic}"][instant(point["timeStamp"])] = float(point[statistic])
    for machine in sorted({name for name, _ in series}):
        parts = [series.get((machine, f"Percentage CPU {one}"), {}) for one in ("average", "maximum")]
        mean, highest = ({at: value / 100 for at, value in points.items()} for points in parts)
        yield from cpu(machine, mean, highest)
        ways = [series.get((machine, f"Network {way} Total total"), {}) for way in ("In", "Out")]
        yield from network(machine, ways)
