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
from finops.utilization import daily
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
    ("AWS/RDS", "DBInstanceIdentifier", "CPUUtilization", "Average", HOUR),
    ("AWS/RDS", "DBInstanceIdentifier", "CPUUtilization", "Maximum", HOUR),
    ("AWS/RDS", "DBInstanceIdentifier", "DatabaseConnections", "Average", HOUR),
    ("AWS/RDS", "DBInstanceIdentifier", "DatabaseConnections", "Maximum", HOUR),
    ("AWS/ApplicationELB", "LoadBalancer", "RequestCount", "Sum", DAY),
)
MEASURED_BY = {"machine": "InstanceId", "disk": "VolumeId", "database": "DBInstanceIdentifier"} | {
    "load_balancer": "LoadBalancer"
}
"""By which dimension CloudWatch knows a kind of resource."""
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
    others = [*lists.read(answers, lists.Place(account, region, at))]
    series = _series(answers, _queries([*machines, *disks, *others]), at)
    utilization = [row for one in (*machines, *others) for row in _utilization(one.resource_id, series)]
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
    wanted = [(one, each) for one in resources for each in METRICS if MEASURED_BY.get(one.resource_type) == each[1]]
    return [
        {
            "Id": f"m{number}",
            "Label": f"{one.resource_id} {metric} {statistic}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [{"Name": dimension, "Value": _dimension(one)}],
                },
                "Period": period,
                "Stat": statistic,
            },
        }
        for number, (one, (namespace, dimension, metric, statistic, period)) in enumerate(wanted)
    ]


def _dimension(one: Resource) -> str:
    """Return what CloudWatch calls a resource: the end of an ARN, for what the bill names by its ARN."""
    return one.resource_id.rpartition(":")[2].removeprefix("loadbalancer/")


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


def _utilization(resource: str, series: Series) -> Iterator[DailyUtilization]:
    percent = [series.get((resource, "CPUUtilization", one), {}) for one in ("Average", "Maximum")]
    mean, highest = ({at: value / 100 for at, value in points.items()} for points in percent)
    yield from cpu(resource, mean, highest)
    yield from network(resource, [series.get((resource, metric, "Sum"), {}) for metric in ("NetworkIn", "NetworkOut")])
    open_, most = (series.get((resource, "DatabaseConnections", one), {}) for one in ("Average", "Maximum"))
    yield from daily(resource, "connections", open_, peaks=most)
    requests = network(resource, [series.get((resource, "RequestCount", "Sum"), {})])
    yield from (replace(row, metric="requests") for row in requests)


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
