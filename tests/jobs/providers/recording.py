"""Answers of three providers as they are recorded: one of each kind of resource, and a day of metrics."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs.providers.gcp import metrics as gcp_metrics

AT = datetime(2026, 9, 18, 6, tzinfo=UTC)
DAY = "2026-09-17T{:02}:00:00Z"


def put(folder: Path, **answers: Any) -> Path:  # noqa: ANN401  any JSON
    """Write answers under their operations' names; `_` stands for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
    return folder


def instance(state: str = "running") -> dict[str, Any]:
    """Return an instance as EC2 describes it."""
    return {
        "InstanceId": "i-1",
        "InstanceType": "m5.large",
        "LaunchTime": "2026-01-02T03:04:05+00:00",
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "State": {"Code": 16, "Name": state},
        "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "team", "Value": "search"}],
    }


def volume(**more: Any) -> dict[str, Any]:  # noqa: ANN401  any field
    """Return a volume as EC2 describes it, left behind."""
    return {
        "VolumeId": "vol-1",
        "Size": 8,
        "VolumeType": "gp3",
        "State": "available",
        "AvailabilityZone": "us-east-1a",
        "CreateTime": "2026-01-02T03:04:05+00:00",
        "Attachments": [],
    } | more


def metric(label: str, values: dict[str, float]) -> dict[str, Any]:
    """Return a result as CloudWatch gives it."""
    return {
        "Id": "m1",
        "Label": label,
        "Timestamps": list(values),
        "Values": list(values.values()),
        "StatusCode": "Complete",
    }


def aws_answers(root: Path, **other: Any) -> Path:  # noqa: ANN401  any JSON
    """Record one account's region: a machine, a volume, an address, and their metrics."""
    hours = {DAY.format(hour): 10.0 + hour for hour in range(24)}
    results = [
        metric("i-1 CPUUtilization Average", hours),
        metric("i-1 CPUUtilization Maximum", {at: value * 2 for at, value in hours.items()}),
        metric("i-1 NetworkIn Sum", {DAY.format(0): 1000.0}),
        metric("i-1 NetworkOut Sum", {DAY.format(0): 500.0}),
        metric("vol-2 VolumeReadOps Sum", {"2026-09-03T00:00:00Z": 5.0}),
        metric("vol-1 VolumeReadOps Sum", {}),
    ]
    given = {
        "DescribeInstances": {"Reservations": [{"OwnerId": "1", "Instances": [instance()]}]},
        "DescribeVolumes": {"Volumes": [volume()]},
        "DescribeAddresses": {"Addresses": [{"PublicIp": "192.0.2.1", "AllocationId": "eipalloc-1"}]},
        "GetMetricData": {"MetricDataResults": results},
    }
    put(root / "012345678901" / "us-east-1", **(given | other))
    return root


VM = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"
DISK = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Compute/disks/d"
ADDRESS = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/ip"


def azure_answers(root: Path, power: str = "PowerState/running", **other: Any) -> Path:  # noqa: ANN401  any JSON
    """Record one subscription: a machine with metrics, a disk and an address that are free."""
    about = {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "timeCreated": "2026-01-02T03:04:05.1234567+00:00",
        "instanceView": {"statuses": [{"code": "ProvisioningState/succeeded"}, {"code": power}]},
    }
    free = {
        "diskSizeGB": 128,
        "diskState": "Unattached",
        "timeCreated": "2026-01-02T03:04:05Z",
        "LastOwnershipUpdateTime": "2026-08-01T00:00:00Z",
    }
    cpu = [{"timeStamp": DAY.format(0), "average": 5.0, "maximum": 9.0}, {"timeStamp": DAY.format(1)}]
    metrics = [
        ("Percentage CPU", cpu),
        ("Network In Total", [{"timeStamp": DAY.format(0), "total": 10.0}]),
        ("Network Out Total", [{"timeStamp": DAY.format(0), "total": 5.0}]),
    ]
    series = [
        {
            "id": f"{VM}/providers/Microsoft.Insights/metrics/{name}",
            "name": {"value": name},
            "timeseries": [{"data": data}],
        }
        for name, data in metrics
    ]
    given = {
        "VirtualMachines_ListAll": {
            "value": [{"id": VM, "name": "web", "location": "westeurope", "properties": about, "tags": {"team": "web"}}]
        },
        "Disks_List": {
            "value": [
                {"id": DISK, "name": "d", "location": "westeurope", "sku": {"name": "Premium_LRS"}, "properties": free}
            ]
        },
        "PublicIPAddresses_ListAll": {
            "value": [
                {
                    "id": ADDRESS,
                    "name": "ip",
                    "location": "westeurope",
                    "sku": {"name": "Standard"},
                    "properties": {"ipAddress": "192.0.2.1"},
                }
            ]
        },
        "Metrics_List-web": {"value": series},
    }
    put(root / "s-1", **(given | other))
    return root


def gcp_answers(root: Path, **other: Any) -> Path:  # noqa: ANN401  any JSON
    """Record one project: a machine with metrics, disks and addresses."""
    base, made = "https://www.googleapis.com/compute/v1/projects/p-1", "2026-01-02T03:04:05.000-07:00"
    machine = {
        "id": "11",
        "name": "web",
        "creationTimestamp": made,
        "zone": f"{base}/zones/us-central1-a",
        "machineType": f"{base}/zones/us-central1-a/machineTypes/n2-standard-4",
        "status": "RUNNING",
    }
    disk = {
        "id": "12",
        "name": "d",
        "creationTimestamp": made,
        "zone": f"{base}/zones/us-central1-a",
        "sizeGb": "10",
        "type": f"{base}/zones/us-central1-a/diskTypes/pd-ssd",
        "lastAttachTimestamp": made,
        "lastDetachTimestamp": "2026-08-01T00:00:00.000-07:00",
    }
    address = {
        "id": "13",
        "name": "ip",
        "creationTimestamp": made,
        "region": f"{base}/regions/us-central1",
        "status": "RESERVED",
        "addressType": "EXTERNAL",
        "address": "192.0.2.1",
    }

    def lists(kind: str, item: dict[str, Any]) -> dict[str, Any]:
        return {"items": {"zones/x": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}, "zones/y": {kind: [item]}}}

    def series(kind: str, value: dict[str, Any]) -> dict[str, Any]:
        point = {"interval": {"startTime": DAY.format(0), "endTime": DAY.format(1)}, "value": value}
        labels = {"project_id": "p-1", "instance_id": "11"}
        return {"metric": {"type": kind}, "resource": {"type": "gce_instance", "labels": labels}, "points": [point]}

    sums = [series(kind, {"int64Value": "50"}) for kind in gcp_metrics.NETWORK]
    given = {
        "projects.get": {"name": "projects/42", "projectId": "p-1"},
        "instances.aggregatedList": lists("instances", machine),
        "disks.aggregatedList": lists("disks", disk),
        "addresses.aggregatedList": lists("addresses", address),
        "timeSeries.list.ALIGN_MEAN": {"timeSeries": [series(gcp_metrics.CPU, {"doubleValue": 0.05})]},
        "timeSeries.list.ALIGN_MAX": {"timeSeries": [series(gcp_metrics.CPU, {"doubleValue": 0.09})]},
        "timeSeries.list.ALIGN_SUM": {"timeSeries": sums},
    }
    put(root / "p-1", **(given | other))
    return root
