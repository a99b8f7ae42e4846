"""Recorded answers of three providers become resources and utilization; what is wrong with them is told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finops.resources import Resource
from jobs.providers.answers import BadAnswerError, Inventory, Recorded
from jobs.providers.aws import inventory as aws
from jobs.providers.azure import inventory as azure
from jobs.providers.gcp import inventory as gcp
from jobs.providers.gcp import metrics as gcp_metrics

AT = datetime(2026, 9, 18, 6, tzinfo=UTC)
DAY = "2026-09-17T{:02}:00:00Z"


def put(folder: Path, **answers: Any) -> Path:  # noqa: ANN401  any JSON
    """Write answers under their operations' names; `_` stands for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
    return folder


def one(found: Inventory, kind: str) -> Resource:
    """Return the only resource of a kind."""
    (resource,) = (each for each in found.resources if each.resource_type == kind)
    return resource


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


def test_aws_is_read_in_its_bills_names(tmp_path: Path) -> None:
    """Instances and volumes by id, addresses by ARN; accounts keep their leading zero."""
    found = aws.recorded(aws_answers(tmp_path), at=AT)
    assert found.scopes == (("012345678901", "us-east-1"),)
    machine, disk, address = (one(found, kind) for kind in ("machine", "disk", "address"))
    assert (machine.resource_id, machine.name, machine.state) == ("i-1", "web", "running")
    assert (machine.tags, machine.sub_account_id) == ({"team": "search"}, "012345678901")
    assert (disk.resource_id, disk.state, disk.size) == ("vol-1", "unattached", "8 GiB gp3")
    assert address.resource_id == "arn:aws:ec2:us-east-1:012345678901:elastic-ip/eipalloc-1"
    assert (address.state, address.metadata["address"]) == ("unattached", "192.0.2.1")


def test_a_day_of_cpu_is_summed_up_and_the_95th_percentile_is_of_its_hours(tmp_path: Path) -> None:
    """Hours from 10 to 33 %: the 23rd of 24 is P95."""
    rows = {row.metric: row for row in aws.recorded(aws_answers(tmp_path), at=AT).utilization}
    cpu, network = rows["cpu"], rows["network"]
    assert (cpu.day, cpu.samples) == (date(2026, 9, 17), 24)
    assert (cpu.minimum, cpu.mean, cpu.p95, cpu.maximum) == pytest.approx((0.10, 0.215, 0.32, 0.66))
    assert network.mean == 1500


@pytest.mark.parametrize("left_out", ["CPUUtilization Maximum", "NetworkOut"])
def test_half_a_measurement_is_none(tmp_path: Path, left_out: str) -> None:
    """CPU without maxima and network without one direction say nothing."""
    aws_answers(tmp_path)
    file = tmp_path / "012345678901" / "us-east-1" / "GetMetricData.json"
    results = json.loads(file.read_text())["MetricDataResults"]
    file.write_text(json.dumps({"MetricDataResults": [each for each in results if left_out not in each["Label"]]}))
    metrics = {row.metric for row in aws.recorded(tmp_path, at=AT).utilization}
    assert metrics == ({"network"} if left_out.startswith("CPU") else {"cpu"})


def test_a_volume_is_unattached_since_it_fell_silent(tmp_path: Path) -> None:
    """At the latest since the window begins; one of which nothing is told stays undated."""
    two = {"Volumes": [volume(), volume(VolumeId="vol-2"), volume(VolumeId="vol-3")]}
    found = aws.recorded(aws_answers(tmp_path, DescribeVolumes=two), at=AT)
    since = {
        each.resource_id: each.metadata.get("state_since") for each in found.resources if each.resource_type == "disk"
    }
    assert since == {
        "vol-1": "2026-09-03T00:00:00+00:00",
        "vol-2": "2026-09-04T00:00:00+00:00",
        "vol-3": None,
    }


def test_terminated_machines_are_not_listed(tmp_path: Path) -> None:
    """AWS shows them for an hour."""
    gone = {"Reservations": [{"Instances": [instance("terminated")]}]}
    found = aws.recorded(aws_answers(tmp_path, DescribeInstances=gone), at=AT)
    assert {each.resource_type for each in found.resources} == {"disk", "address"}


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


def test_azure_is_read(tmp_path: Path) -> None:
    """Hours without a number are no measurement; a disk tells when it lost its owner."""
    found = azure.recorded(azure_answers(tmp_path), at=AT)
    assert {kind for *_, kind in found.asked or ()} == {"machine", "disk", "address"}  # nothing else can be missing
    assert found.scopes == (("s-1", None),)
    machine, disk, address = (one(found, kind) for kind in ("machine", "disk", "address"))
    assert (machine.resource_id, machine.state, machine.size, machine.tags) == (
        VM,
        "running",
        "Standard_D2s_v5",
        {"team": "web"},
    )
    assert (disk.state, disk.metadata["state_since"]) == ("unattached", "2026-08-01T00:00:00+00:00")
    assert (address.state, address.metadata["resource_group"]) == ("unattached", "rg")
    rows = {row.metric: row for row in found.utilization}
    assert (rows["cpu"].resource_id, rows["cpu"].maximum, rows["cpu"].samples) == (VM, 0.09, 1)
    assert rows["network"].mean == 15


@pytest.mark.parametrize(
    ("power", "state"),
    [("PowerState/deallocated", "stopped"), ("PowerState/stopped", "stopped-allocated"), ("none", "unknown")],
)
def test_azures_power_states_are_told_apart(tmp_path: Path, power: str, state: str) -> None:
    """A machine stopped from inside is still paid for."""
    assert one(azure.recorded(azure_answers(tmp_path, power), at=AT), "machine").state == state


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


def test_google_is_read_in_its_bills_names(tmp_path: Path) -> None:
    """By project number and resource number, as the detailed export names them."""
    found = gcp.recorded(gcp_answers(tmp_path), at=AT)
    machine, disk, address = (one(found, kind) for kind in ("machine", "disk", "address"))
    assert machine.resource_id == "//compute.googleapis.com/projects/42/zones/us-central1-a/instances/11"
    assert (machine.size, machine.region, machine.sub_account_id) == ("n2-standard-4", "us-central1", "p-1")
    assert (disk.state, disk.metadata["state_since"]) == ("unattached", "2026-08-01T00:00:00-07:00")
    assert address.resource_id == "//compute.googleapis.com/projects/42/regions/us-central1/addresses/13"
    rows = {row.metric: row for row in found.utilization}
    assert (rows["cpu"].mean, rows["cpu"].maximum, rows["network"].mean) == (0.05, 0.09, 100)


def test_several_pages_are_one_answer(tmp_path: Path) -> None:
    """In the order of their names; the last says that no more follows."""
    put(tmp_path, **{"List-1": {"value": [1], "nextLink": "more"}, "List-2": {"value": [2]}, "Listing": {"value": [3]}})
    assert [page["value"] for page in Recorded(tmp_path).pages("List")] == [[1], [2]]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('{"Reservations": [], "NextToken": "x"}', "is not the last page"),
        ('{"Reservations": [{"Instances": [{"InstanceId": "i-1"}]}]}', "DescribeInstances answered without"),
        ('{"Reservations": [7]}', "in a shape that is not its own"),
        ('{"Volumes": []}', "answered without 'Reservations'"),
        ('{"Error": {"Code": "UnauthorizedOperation"}}', "error instead of an answer .UnauthorizedOperation"),
        ("[]", "it is no object"),
        ('{"Reservations": [', "is no JSON"),
        ("", "is no JSON"),
        (None, "has no DescribeInstances.json"),
    ],
)
def test_a_wrong_answer_is_told_in_a_sentence(tmp_path: Path, answer: str | None, told: str) -> None:
    """A list that is absent, cut or refused must not look like nothing being there."""
    aws_answers(tmp_path)
    file = tmp_path / "012345678901" / "us-east-1" / "DescribeInstances.json"
    file.unlink() if answer is None else file.write_text(answer)
    with pytest.raises(BadAnswerError, match=told):
        aws.recorded(tmp_path, at=AT)


@pytest.mark.parametrize("read", [aws.recorded, azure.recorded, gcp.recorded])
def test_an_empty_or_absent_folder_is_told(tmp_path: Path, read: Any) -> None:  # noqa: ANN401  three functions
    """It says how the folder should look."""
    with pytest.raises(BadAnswerError, match="it needs a folder ACCOUNT"):
        read(tmp_path / "none", at=AT)


def test_a_refused_google_list_is_told(tmp_path: Path) -> None:
    """Google's errors carry a number."""
    refused = {"error": {"code": 403, "message": "Required compute.disks.list permission"}}
    with pytest.raises(BadAnswerError, match=r"error instead of an answer \(403\)"):
        gcp.recorded(gcp_answers(tmp_path, **{"disks.aggregatedList": refused}), at=AT)


def test_measurements_of_before_daylight_saving_are_of_utc_days(tmp_path: Path) -> None:
    """An hour with an offset counts to the day that it is in UTC."""
    late = metric("i-1 CPUUtilization Average", {"2026-09-16T23:00:00-04:00": 7.0})
    top = metric("i-1 CPUUtilization Maximum", {"2026-09-16T23:00:00-04:00": 7.0})
    found = aws.recorded(aws_answers(tmp_path, GetMetricData={"MetricDataResults": [late, top]}), at=AT)
    assert [row.day for row in found.utilization] == [date(2026, 9, 17)]
    assert found.utilization[0].day == (AT - timedelta(days=1)).date()
