"""What EC2 and CloudWatch answer, as resources and their utilization.

Recorded answers lie in a folder ACCOUNT/REGION: `aws ec2 describe-instances --region REGION > DescribeInstances.json`,
likewise DescribeVolumes and DescribeAddresses, and GetMetricData whose labels read `RESOURCE METRIC STATISTIC`. Other
lists, those of `lists`, may be there too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Answers, Inventory, Recorded, cpu, folders, instant, network, reading
from jobs.providers.aws import lists

PROVIDER = "aws"
LISTS = ("DescribeInstances", "DescribeVolumes", "DescribeAddresses")
STATES = {"running": "running", "stopped": "stopped", "stopping": "stopped"}
GONE = ("terminated", "shutting-down")
MEASURED = timedelta(days=21)
"""A week more than the rules look at, because bills settle days later."""
HOUR, DAY = 3600, 86400
METRICS = (
    ("AWS/EC2", "InstanceId", "CPUUtilization", "Average", HOUR),
    ("AWS/EC2", "InstanceId", "CPUUtilization", "Maximum", HOUR),
    ("AWS/EC2", "InstanceId", "NetworkIn", "Sum", DAY),
    ("AWS/EC2", "InstanceId", "NetworkOut", "Sum", DAY),
    ("AWS/EBS", "VolumeId", "VolumeReadOps", "Sum", DAY),
)
QUERIES_A_CALL = 500
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""

Points = dict[datetime, float]
Series = dict[tuple[str, str, str], Points]
"""Measurements by resource, metric and statistic."""


def recorded(root: Path, *, at: datetime) -> Inventory:
    """Read a folder of recorded answers. Raises BadAnswerError."""
    parts = []
    for account, region in folders(root, 2):
        answers = Recorded(root / account / region)
        for operation in LISTS:
            answers.required(operation)
        parts.append(read(answers, account, region, at=at))
    return merge(parts)


def merge(parts: Sequence[Inventory]) -> Inventory:
    """Make one inventory of several regions' and accounts'."""
    return Inventory(
        PROVIDER,
        tuple(scope for part in parts for scope in part.scopes),
        tuple(resource for part in parts for resource in part.resources),
        tuple(row for part in parts for row in part.utilization),
    )


def read(answers: Answers, account: str, region: str, *, at: datetime) -> Inventory:
    """Ask one account's region. Raises BadAnswerError."""
    machines = [*_machines(answers, account, region)]
    disks = [*_disks(answers, account, region)]
    series = _series(answers, _queries([*machines, *disks]), at)
    utilization = [row for one in machines for row in _utilization(one.resource_id, series)]
    others = lists.read(answers, lists.Place(account, region, at))
    resources = [*machines, *_dated(disks, series), *_addresses(answers, account, region, at), *others]
    return Inventory(PROVIDER, ((account, region),), tuple(resources), tuple(utilization))


def _tags(item: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags") or ()}


def _resource(item: dict[str, Any], account: str, region: str, **more: Any) -> Resource:  # noqa: ANN401
    tags = _tags(item)
    name = tags.pop("Name", "") or more["resource_id"].rsplit("/", 1)[-1]
    return Resource(provider=PROVIDER, name=name, sub_account_id=account, region=region, tags=tags, **more)


def _machines(answers: Answers, account: str, region: str) -> Iterator[Resource]:
    with reading("AWS's DescribeInstances"):
        for page in answers.pages("DescribeInstances"):
            for item in (one for group in page["Reservations"] for one in group["Instances"]):
                state = item["State"]["Name"]
                if state not in GONE:
                    yield _resource(
                        item,
                        account,
                        region,
                        resource_id=item["InstanceId"],
                        resource_type="machine",
                        state=STATES.get(state, state),
                        size=item["InstanceType"],
                        created_at=instant(item["LaunchTime"]),
                        metadata={"zone": item["Placement"]["AvailabilityZone"]},
                    )


def _disks(answers: Answers, account: str, region: str) -> Iterator[Resource]:
    with reading("AWS's DescribeVolumes"):
        for page in answers.pages("DescribeVolumes"):
            for item in page["Volumes"]:
                attached = item.get("Attachments") or ()
                yield _resource(
                    item,
                    account,
                    region,
                    resource_id=item["VolumeId"],
                    resource_type="disk",
                    state="unattached" if item["State"] == "available" else "attached",
                    size=f"{item['Size']} GiB {item['VolumeType']}",
                    created_at=instant(item["CreateTime"]),
                    attached_to=attached[0]["InstanceId"] if attached else None,
                    metadata={"zone": item["AvailabilityZone"], "kind": item["VolumeType"]},
                )


def _addresses(answers: Answers, account: str, region: str, at: datetime) -> Iterator[Resource]:
    with reading("AWS's DescribeAddresses"):
        for page in answers.pages("DescribeAddresses"):
            for item in page["Addresses"]:
                allocation, address = item["AllocationId"], item["PublicIp"]
                yield _resource(
                    item,
                    account,
                    region,
                    # The bill names an address by its ARN.
                    resource_id=f"arn:aws:ec2:{region}:{account}:elastic-ip/{allocation}",
                    resource_type="address",
                    state="attached" if item.get("AssociationId") else "unattached",
                    size="IPv4",
                    created_at=at,  # AWS does not say since when an address is ours
                    attached_to=item.get("InstanceId") or item.get("NetworkInterfaceId"),
                    metadata={"allocation_id": allocation, "address": address},
                )


def _queries(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """Ask for every metric of every resource, labelled so that the answer says what it is about."""
    kinds = {"InstanceId": "machine", "VolumeId": "disk"}
    wanted = [(one, metric) for one in resources for metric in METRICS if kinds[metric[1]] == one.resource_type]
    return [
        {
            "Id": f"m{number}",
            "Label": f"{one.resource_id} {metric} {statistic}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [{"Name": dimension, "Value": one.resource_id}],
                },
                "Period": period,
                "Stat": statistic,
            },
        }
        for number, (one, (namespace, dimension, metric, statistic, period)) in enumerate(wanted)
    ]


def _series(answers: Answers, queries: Sequence[dict[str, Any]], at: datetime) -> Series:
    until = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    found: Series = defaultdict(dict)
    with reading("AWS's GetMetricData"):
        for start in range(0, len(queries), QUERIES_A_CALL):
            some = list(queries[start : start + QUERIES_A_CALL])
            asked = {"MetricDataQueries": some, "StartTime": until - MEASURED, "EndTime": until}
            for page in answers.pages("GetMetricData", **asked):
                for result in page["MetricDataResults"]:
                    resource, metric, statistic = result["Label"].split(" ")
                    points = zip(map(instant, result["Timestamps"]), map(float, result["Values"]), strict=True)
                    found[resource, metric, statistic].update(points)
    return found


def _utilization(machine: str, series: Series) -> Iterator[DailyUtilization]:
    percent = [series.get((machine, "CPUUtilization", one), {}) for one in ("Average", "Maximum")]
    mean, highest = ({at: value / 100 for at, value in points.items()} for points in percent)
    yield from cpu(machine, mean, highest)
    yield from network(machine, [series.get((machine, metric, "Sum"), {}) for metric in ("NetworkIn", "NetworkOut")])


def _dated(disks: Sequence[Resource], series: Series) -> Iterator[Resource]:
    """Say since when a volume is unattached, at the latest: it counts operations only while it is attached."""
    counted = {one: points for (one, metric, _), points in series.items() if metric == "VolumeReadOps"}
    window = min((at for points in counted.values() for at in points), default=None)
    for disk in disks:
        if disk.state == "unattached" and disk.resource_id in counted and window is not None:
            points = counted[disk.resource_id]
            silent = max(points) + timedelta(days=1) if points else window
            since = max(silent, disk.created_at)
            yield replace(disk, metadata={**disk.metadata, "state_since": since.isoformat()})
        else:
            yield disk
