"""Recorded answers of three providers become resources and utilization, in the names of their bills."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from finops.resources import Resource
from jobs.providers.answers import Inventory
from jobs.providers.aws import inventory as aws
from jobs.providers.azure import inventory as azure
from jobs.providers.gcp import inventory as gcp
from tests.jobs.providers.recording import (
    AT,
    VM,
    aws_answers,
    azure_answers,
    gcp_answers,
    instance,
    metric,
    volume,
)


def one(found: Inventory, kind: str) -> Resource:
    """Return the only resource of a kind."""
    (resource,) = (each for each in found.resources if each.resource_type == kind)
    return resource


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


def test_measurements_of_before_daylight_saving_are_of_utc_days(tmp_path: Path) -> None:
    """An hour with an offset counts to the day that it is in UTC."""
    late = metric("i-1 CPUUtilization Average", {"2026-09-16T23:00:00-04:00": 7.0})
    top = metric("i-1 CPUUtilization Maximum", {"2026-09-16T23:00:00-04:00": 7.0})
    found = aws.recorded(aws_answers(tmp_path, GetMetricData={"MetricDataResults": [late, top]}), at=AT)
    assert [row.day for row in found.utilization] == [date(2026, 9, 17)]
    assert found.utilization[0].day == (AT - timedelta(days=1)).date()
