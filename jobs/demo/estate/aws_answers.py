"""What AWS would answer about Larkspur: EC2's descriptions and CloudWatch's data, a folder an account and region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jobs.demo.estate import company
from jobs.demo.estate.answers import OLDEST, daily_sums, hours_of, launched, moment, save
from jobs.demo.estate.aws_ids import allocation_id, instance_id, region, volume_id
from jobs.demo.estate.fleet import Address, Disk, Fleet, Machine
from jobs.demo.estate.machines import MEASURED_DAYS, Measured, measure
from jobs.demo.estate.timeline import Timeline


def write(timeline: Timeline, fleet: Fleet, folder: Path) -> None:
    """Write every answer."""
    named = {company.AWS_PAYER: company.AWS_PAYER_NAME, **{one.id: one.name for one in company.AWS.values()}}
    listed = [{"Id": key, "Name": name, "Status": "ACTIVE"} for key, name in named.items()]
    save(folder.parent / "ListAccounts.json", {"Accounts": listed})
    for place, account in company.AWS.items():
        here = folder / account.id / region(place)
        machines = [one for one in fleet.machines if one.place == place]
        disks = [one for one in fleet.disks if one.place == place]
        addresses = [one for one in fleet.addresses if one.place == place]
        reservations = [
            {
                "ReservationId": f"r-0{company.digest(one.name)[:16]}",
                "OwnerId": account.id,
                "Groups": [],
                "Instances": [_instance(timeline, one)],
            }
            for one in machines
        ]
        save(here / "DescribeInstances.json", {"Reservations": reservations})
        save(here / "DescribeVolumes.json", {"Volumes": [_volume(timeline, one) for one in disks]})
        save(here / "DescribeAddresses.json", {"Addresses": [_address(timeline, one) for one in addresses]})
        results = [result for one in machines for result in _cpu(timeline, one)]
        results += [result for one in disks for result in _operations(timeline, one)]
        save(here / "GetMetricData.json", {"MetricDataResults": results, "Messages": []})


def _tags(name: str, tags: Any) -> list[dict[str, str]]:  # noqa: ANN401
    return [{"Key": key, "Value": value} for key, value in {"Name": name, **tags}.items()]


def _instance(timeline: Timeline, one: Machine) -> dict[str, Any]:
    where = region(one.place)
    disk = Disk(f"{one.name}-disk", one.place, one.disk, one)
    attached = {
        "AttachTime": launched(timeline, one).isoformat(),
        "Status": "attached",
        "VolumeId": volume_id(timeline, disk),
    }
    return {
        "InstanceId": instance_id(timeline, one),
        "InstanceType": one.size,
        "ImageId": "ami-0c2b8ca1dad447f8a",
        "LaunchTime": launched(timeline, one).isoformat(),
        "Placement": {"AvailabilityZone": f"{where}a", "GroupName": "", "Tenancy": "default"},
        "State": {"Code": 16, "Name": "running"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": attached}],
        "PlatformDetails": "Linux/UNIX",
        "Tags": _tags(one.name, one.tags),
    }


def _volume(timeline: Timeline, disk: Disk) -> dict[str, Any]:
    attachments = []
    if disk.machine:
        attachments = [
            {
                "AttachTime": launched(timeline, disk.machine).isoformat(),
                "Device": "/dev/xvda",
                "InstanceId": instance_id(timeline, disk.machine),
                "State": "attached",
                "VolumeId": volume_id(timeline, disk),
            }
        ]
    return {
        "VolumeId": volume_id(timeline, disk),
        "Size": disk.gib,
        "VolumeType": "gp3",
        "Iops": 3000,
        "State": "in-use" if disk.machine else "available",
        "AvailabilityZone": f"{region(disk.place)}a",
        "CreateTime": launched(timeline, disk.machine).isoformat(),
        "Attachments": attachments,
        "Tags": _tags(disk.name, disk.tags),
    }


def _address(timeline: Timeline, address: Address) -> dict[str, Any]:
    associated = {}
    if address.machine:
        associated = {
            "InstanceId": instance_id(timeline, address.machine),
            "AssociationId": f"eipassoc-0{company.digest(address.name)[:16]}",
        }
    return {
        "PublicIp": address.ip,
        "AllocationId": allocation_id(timeline, address),
        "Domain": "vpc",
        "NetworkBorderGroup": region(address.place),
        "Tags": _tags(address.name, address.tags),
        **associated,
    }


def _result(resource: str, metric: str, stat: str, points: Sequence[tuple[datetime, float]]) -> dict[str, Any]:
    # CloudWatch answers the newest first; the label is what our own queries ask it to be.
    newest = sorted(points, reverse=True)
    return {
        "Id": f"m{company.digest(resource, metric, stat)[:12]}",
        "Label": f"{resource} {metric} {stat}",
        "Timestamps": [at.isoformat() for at, _ in newest],
        "Values": [value for _, value in newest],
        "StatusCode": "Complete",
    }


def _cpu(timeline: Timeline, one: Machine) -> list[dict[str, Any]]:
    seen = measure(timeline, one, "aws")
    name, times = instance_id(timeline, one), hours_of(timeline, seen.start, MEASURED_DAYS * 24)
    percent: Callable[[Any], list[tuple[datetime, float]]] = lambda values: [  # noqa: E731
        (at, round(float(value) * 100, 4)) for at, value, ran in zip(times, values, seen.ran, strict=True) if ran
    ]
    return [
        _result(name, "CPUUtilization", "Average", percent(seen.mean)),
        _result(name, "CPUUtilization", "Maximum", percent(seen.maximum)),
        _result(name, "NetworkIn", "Sum", _days(timeline, seen, seen.bytes_in)),
        _result(name, "NetworkOut", "Sum", _days(timeline, seen, seen.bytes_out)),
    ]


def _days(timeline: Timeline, seen: Measured, values: Any) -> list[tuple[datetime, float]]:  # noqa: ANN401
    first = hours_of(timeline, seen.start, 1)[0]
    return [(first + timedelta(days=day), total) for day, total in daily_sums(list(values), list(seen.ran))]


def _operations(timeline: Timeline, disk: Disk) -> list[dict[str, Any]]:
    """A volume tells its operations only while it is attached; one left behind falls silent on that day."""
    young = disk.machine.launched if disk.machine else OLDEST
    days = range(min(MEASURED_DAYS, young), disk.left if disk.machine is None else 0, -1)
    chance = timeline.noise(f"operations/{disk.name}")
    points = [(moment(timeline, ago), float(int(chance.uniform(20_000, 90_000)))) for ago in days]
    return [_result(volume_id(timeline, disk), "VolumeReadOps", "Sum", points)]
