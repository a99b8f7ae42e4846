"""What Azure's resource providers and Azure Monitor answer, as resources and their utilization.

Recorded answers lie in a folder SUBSCRIPTION, named by the REST operation: VirtualMachines_ListAll (with
`$expand=instanceView`), Disks_List, PublicIPAddresses_ListAll, and Metrics_List-anything for each machine: `Percentage
CPU` by the hour (average and maximum), `Network In Total` and `Network Out Total` by the day (total).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Answers, Inventory, Recorded, cpu, folders, instant, network, reading

PROVIDER = "azure"
LISTS = ("VirtualMachines_ListAll", "Disks_List", "PublicIPAddresses_ListAll")
POWER = "PowerState/"
STATES = {"running": "running", "deallocated": "stopped", "deallocating": "stopped"}
"""One that is `stopped` from inside is still paid for, and keeps that word."""
STILL_PAID = "stopped-allocated"
PARTS_OF_ID = 9
"""/subscriptions/S/resourceGroups/G/providers/P/T/N"""

Points = dict[datetime, float]


def recorded(root: Path, *, at: datetime) -> Inventory:
    """Read a folder of recorded answers. Raises BadAnswerError."""
    resources: list[Resource] = []
    utilization: list[DailyUtilization] = []
    scopes = [name for (name,) in folders(root, 1)]
    for subscription in scopes:
        answers = Recorded(root / subscription)
        for operation in LISTS:
            answers.required(operation)
        resources += [*_machines(answers), *_disks(answers), *_addresses(answers, at)]
        utilization += _utilization(answers)
    return Inventory(PROVIDER, tuple((name, None) for name in scopes), tuple(resources), tuple(utilization))


def _items(answers: Answers, operation: str) -> Iterator[dict[str, Any]]:
    for page in answers.pages(operation):
        yield from page["value"]


def _resource(item: dict[str, Any], *, metadata: dict[str, Any], **more: Any) -> Resource:  # noqa: ANN401
    parts = item["id"].split("/")
    if len(parts) != PARTS_OF_ID:
        message = f"{item['id']} is no resource id"
        raise ValueError(message)
    return Resource(
        provider=PROVIDER,
        resource_id=item["id"],
        name=item["name"],
        region=item["location"],
        sub_account_id=parts[2],
        tags=dict(item.get("tags") or {}),
        metadata={"resource_group": parts[4], **metadata},
        **more,
    )


def _machines(answers: Answers) -> Iterator[Resource]:
    with reading("Azure's VirtualMachines_ListAll"):
        for item in _items(answers, "VirtualMachines_ListAll"):
            about = item["properties"]
            statuses = [one["code"] for one in about.get("instanceView", {}).get("statuses", ())]
            power = next((code.removeprefix(POWER) for code in statuses if code.startswith(POWER)), "unknown")
            yield _resource(
                item,
                resource_type="machine",
                state=STILL_PAID if power == "stopped" else STATES.get(power, power),
                size=about["hardwareProfile"]["vmSize"],
                created_at=instant(about["timeCreated"]),
                metadata={},
            )


def _disks(answers: Answers) -> Iterator[Resource]:
    with reading("Azure's Disks_List"):
        for item in _items(answers, "Disks_List"):
            about = item["properties"]
            free = about["diskState"] == "Unattached" and not item.get("managedBy")
            changed = about.get("LastOwnershipUpdateTime") or about.get("lastOwnershipUpdateTime")
            # Never attached to anything: unattached since it was made.
            since = instant(changed or about["timeCreated"]).isoformat()
            yield _resource(
                item,
                resource_type="disk",
                state="unattached" if free else "attached",
                size=f"{about['diskSizeGB']} GiB {item['sku']['name']}",
                created_at=instant(about["timeCreated"]),
                attached_to=item.get("managedBy"),
                metadata={"kind": item["sku"]["name"], **({"state_since": since} if free else {})},
            )


def _addresses(answers: Answers, at: datetime) -> Iterator[Resource]:
    with reading("Azure's PublicIPAddresses_ListAll"):
        for item in _items(answers, "PublicIPAddresses_ListAll"):
            about = item["properties"]
            user = about.get("ipConfiguration") or about.get("natGateway")
            yield _resource(
                item,
                resource_type="address",
                state="attached" if user else "unattached",
                size="IPv4",
                created_at=at,  # Azure does not say since when an address is ours
                attached_to=user["id"] if user else None,
                metadata={"address": about.get("ipAddress"), "kind": item["sku"]["name"]},
            )


def _utilization(answers: Answers) -> Iterator[DailyUtilization]:
    series: dict[tuple[str, str], Points] = defaultdict(dict)
    with reading("Azure's Metrics_List"):
        for metric in _items(answers, "Metrics_List"):
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
