"""What EC2 and CloudWatch answer, as resources and their utilization.

Recorded answers lie in a folder ACCOUNT/REGION: `aws ec2 describe-instances --region REGION > DescribeInstances.json`,
likewise DescribeVolumes and DescribeAddresses, and GetMetricData whose labels read `RESOURCE METRIC STATISTIC`. Other
lists, those of `lists`, may be there too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Answers, Asked, BadAnswerError, Inventory, Recorded, folders, instant, reading
from jobs.providers.aws import lists, metrics
from jobs.providers.aws.lists import Place

PROVIDER = "aws"
LISTS = {"machine": "DescribeInstances", "disk": "DescribeVolumes", "address": "DescribeAddresses"}
"""What must be recorded, by the kind of resource that it lists."""
OPERATIONS = LISTS | {each.kind: each.operation for each in lists.LISTS}
STATES = {"running": "running", "stopped": "stopped", "stopping": "stopped"}
GONE = ("terminated", "shutting-down")

Reader = Callable[[Answers, Place], Iterator[Resource]]


def recorded(root: Path, *, at: datetime) -> Inventory:
    """Read a folder of recorded answers; a list that was not recorded was not asked for. Raises BadAnswerError."""
    parts = []
    for account, region in folders(root, 2):
        answers = Recorded(root / account / region)
        for operation in LISTS.values():
            answers.required(operation)
        kinds = frozenset(kind for kind, one in OPERATIONS.items() if next(iter(answers.pages(one)), None) is not None)
        part = read(answers, Place(account, region, at), kinds)
        if part.failed:  # a file that is there can be mended; half an inventory is for who cannot help it
            raise BadAnswerError(part.failed[0])
        parts.append(part)
    return merge(parts)


def merge(parts: Sequence[Inventory]) -> Inventory:
    """Make one inventory of several regions' and accounts'."""
    return Inventory(
        PROVIDER,
        tuple(scope for part in parts for scope in part.scopes),
        tuple(resource for part in parts for resource in part.resources),
        tuple(row for part in parts for row in part.utilization),
        frozenset(one for part in parts for one in part.asked or ()),
        tuple(dict.fromkeys(told for part in parts for told in part.failed)),
    )


def read(answers: Answers, place: Place, kinds: frozenset[str]) -> Inventory:
    """Ask one account's region for these kinds of resources.

    A list that fails is told and not kept; what the others list is kept.
    """
    found, failed = _listed(answers, place, kinds)
    asked: frozenset[Asked] = frozenset((place.account, place.region, kind) for kind in found)
    things = [one for each in found.values() for one in each]
    told = _measured(answers, things, place.at, failed)
    used: list[DailyUtilization] = [row for one in things for row in metrics.utilization(one, told)]
    found["disk"] = [*metrics.dated(found.get("disk", ()), told)]
    resources = tuple(one for each in found.values() for one in each)
    return Inventory(PROVIDER, ((place.account, place.region),), resources, tuple(used), asked, tuple(failed))


def _measured(answers: Answers, things: Sequence[Resource], at: datetime, failed: list[str]) -> metrics.Series:
    """Return what CloudWatch measured of these; what is wrong with its answers joins what failed."""
    agents: list[dict[str, Any]] = []
    try:
        if any(one.resource_type == "machine" for one in things):
            agents = metrics.agents(answers)
    except BadAnswerError as error:
        failed.append(str(error))
    try:
        return metrics.series(answers, metrics.asked(things, agents), at)
    except BadAnswerError as error:
        failed.append(str(error))
        return {}


def _listed(answers: Answers, place: Place, kinds: frozenset[str]) -> tuple[dict[str, Sequence[Resource]], list[str]]:
    """Return what every list holds by kind, all of a list or nothing, and what is wrong with those that failed."""
    found: dict[str, Sequence[Resource]] = {}
    failed: list[str] = []
    tags: dict[str, dict[str, str]] = {}
    try:
        tags = lists.tags(answers) if kinds & lists.TAGGED else {}
    except BadAnswerError as error:
        # Without its tags a thing would look as if somebody had taken them away.
        failed.append(str(error))
        kinds = kinds - lists.TAGGED
    readers: dict[str, Reader] = {"machine": _machines, "disk": _disks, "address": _addresses}
    readers |= {each.kind: partial(lists.read, each, tags) for each in lists.LISTS}
    for kind, reader in readers.items():
        if kind in kinds:
            try:
                found[kind] = [*reader(answers, place)]
            except BadAnswerError as error:
                failed.append(str(error))
    return found, failed


def _tags(item: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags") or ()}


def _resource(item: dict[str, Any], place: Place, **more: Any) -> Resource:  # noqa: ANN401
    tags = _tags(item)
    name = tags.pop("Name", "") or more["resource_id"].rsplit("/", 1)[-1]
    return Resource(provider=PROVIDER, name=name, sub_account_id=place.account, region=place.region, tags=tags, **more)


def _machines(answers: Answers, place: Place) -> Iterator[Resource]:
    with reading("AWS's DescribeInstances"):
        for page in answers.pages("DescribeInstances"):
            for item in (one for group in page["Reservations"] for one in group["Instances"]):
                state = item["State"]["Name"]
                if state not in GONE:
                    yield _resource(
                        item,
                        place,
                        resource_id=item["InstanceId"],
                        resource_type="machine",
                        state=STATES.get(state, state),
                        size=item["InstanceType"],
                        created_at=instant(item["LaunchTime"]),
                        metadata={"zone": item["Placement"]["AvailabilityZone"]},
                    )


def _disks(answers: Answers, place: Place) -> Iterator[Resource]:
    with reading("AWS's DescribeVolumes"):
        for page in answers.pages("DescribeVolumes"):
            for item in page["Volumes"]:
                attached = item.get("Attachments") or ()
                yield _resource(
                    item,
                    place,
                    resource_id=item["VolumeId"],
                    resource_type="disk",
                    state="unattached" if item["State"] == "available" else "attached",
                    size=f"{item['Size']} GiB {item['VolumeType']}",
                    created_at=instant(item["CreateTime"]),
                    attached_to=attached[0]["InstanceId"] if attached else None,
                    metadata={"zone": item["AvailabilityZone"], "kind": item["VolumeType"]},
                )


def _addresses(answers: Answers, place: Place) -> Iterator[Resource]:
    with reading("AWS's DescribeAddresses"):
        for page in answers.pages("DescribeAddresses"):
            for item in page["Addresses"]:
                allocation, address = item["AllocationId"], item["PublicIp"]
                yield _resource(
                    item,
                    place,
                    # The bill names an address by its ARN.
                    resource_id=place.arn("ec2", f"elastic-ip/{allocation}"),
                    resource_type="address",
                    state="attached" if item.get("AssociationId") else "unattached",
                    size="IPv4",
                    created_at=place.at,  # AWS does not say since when an address is ours
                    attached_to=item.get("InstanceId") or item.get("NetworkInterfaceId"),
                    metadata={"allocation_id": allocation, "address": address},
                )
