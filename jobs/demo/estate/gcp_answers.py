"""What Google would answer about Larkspur: Compute Engine's lists and Monitoring's series, a folder a project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jobs.demo.estate import company
from jobs.demo.estate.answers import daily_sums, hours_of, launched, moment, save, zulu
from jobs.demo.estate.fleet import Address, Disk, Fleet, Machine
from jobs.demo.estate.gcp_ids import REGION, ZONE, number_of
from jobs.demo.estate.machines import MEASURED_DAYS, measure
from jobs.demo.estate.timeline import Timeline

COMPUTE = "https://www.googleapis.com/compute/v1"
CPU = "compute.googleapis.com/instance/cpu/utilization"
NETWORK = (
    "compute.googleapis.com/instance/network/received_bytes_count",
    "compute.googleapis.com/instance/network/sent_bytes_count",
)
EMPTY = {
    "warning": {
        "code": "NO_RESULTS_ON_PAGE",
        "message": "There are no results for scope 'zones/us-central1-b' on this page.",
    }
}


def write(timeline: Timeline, fleet: Fleet, folder: Path) -> None:
    """Write every answer, named by the method that gives it."""
    for place, project in company.GCP.items():
        here = folder / project.id
        machines = [one for one in fleet.machines if one.place == place]
        disks = [_disk(timeline, one) for one in fleet.disks if one.place == place]
        addresses = [_address(timeline, one) for one in fleet.addresses if one.place == place]
        save(
            here / "projects.get.json",
            {"name": f"projects/{project.number}", "projectId": project.id, "state": "ACTIVE"},
        )
        _aggregated(here, project.id, "instances", f"zones/{ZONE}", [_instance(timeline, one) for one in machines])
        _aggregated(here, project.id, "disks", f"zones/{ZONE}", disks)
        _aggregated(here, project.id, "addresses", f"regions/{REGION}", addresses)
        for aligner in ("ALIGN_MEAN", "ALIGN_MAX", "ALIGN_SUM"):
            series = [each for one in machines for each in _series(timeline, one, aligner)]
            save(here / f"timeSeries.list.{aligner}.json", {"timeSeries": series, "unit": "1"} if series else {})


def _aggregated(folder: Path, project: str, kind: str, scope: str, items: list[dict[str, Any]]) -> None:
    lists = {scope: {kind: items}} if items else {}
    answer = {"id": f"projects/{project}/aggregated/{kind}", "items": {"zones/us-central1-b": EMPTY, **lists}}
    save(folder / f"{kind}.aggregatedList.json", answer)


def _url(place: str, path: str) -> str:
    return f"{COMPUTE}/projects/{company.GCP[place].id}/{path}"


def _instance(timeline: Timeline, one: Machine) -> dict[str, Any]:
    return {
        "kind": "compute#instance",
        "id": number_of(timeline, "instances", one),
        "creationTimestamp": launched(timeline, one).isoformat(),
        "name": one.name,
        "zone": _url(one.place, f"zones/{ZONE}"),
        "machineType": _url(one.place, f"zones/{ZONE}/machineTypes/{one.size}"),
        "status": "RUNNING",
        "labels": dict(one.tags),
        "disks": [{"boot": True, "source": _url(one.place, f"zones/{ZONE}/disks/{one.name}-disk")}],
        "selfLink": _url(one.place, f"zones/{ZONE}/instances/{one.name}"),
    }


def _disk(timeline: Timeline, disk: Disk) -> dict[str, Any]:
    if disk.machine:
        use: dict[str, Any] = {"users": [_url(disk.place, f"zones/{ZONE}/instances/{disk.machine.name}")]}
    else:
        use = {"lastDetachTimestamp": moment(timeline, disk.left, 11).isoformat()}
    return {
        "kind": "compute#disk",
        "id": number_of(timeline, "disks", disk),
        "creationTimestamp": launched(timeline, disk.machine).isoformat(),
        "name": disk.name,
        "sizeGb": str(disk.gib),
        "zone": _url(disk.place, f"zones/{ZONE}"),
        "type": _url(disk.place, f"zones/{ZONE}/diskTypes/pd-balanced"),
        "status": "READY",
        "labels": dict(disk.tags),
        "lastAttachTimestamp": launched(timeline, disk.machine).isoformat(),
        **use,
    }


def _address(timeline: Timeline, address: Address) -> dict[str, Any]:
    made = launched(timeline, address.machine) if address.machine else moment(timeline, address.left, 11)
    use = {"users": [_url(address.place, f"zones/{ZONE}/instances/{address.machine.name}")]} if address.machine else {}
    return {
        "kind": "compute#address",
        "id": number_of(timeline, "addresses", address),
        "creationTimestamp": made.isoformat(),
        "name": address.name,
        "address": address.ip,
        "addressType": "EXTERNAL",
        "status": "IN_USE" if address.machine else "RESERVED",
        "region": _url(address.place, f"regions/{REGION}"),
        "labels": dict(address.tags),
        **use,
    }


def _series(timeline: Timeline, one: Machine, aligner: str) -> Iterator[dict[str, Any]]:
    seen = measure(timeline, one, "gcp")
    hours, day = hours_of(timeline, seen.start, MEASURED_DAYS * 24), timedelta(days=1)
    if aligner == "ALIGN_SUM":
        for kind, values in zip(NETWORK, (seen.bytes_in, seen.bytes_out), strict=True):
            sums = daily_sums(list(values), list(seen.ran))
            points = [(hours[number * 24], day, {"int64Value": str(int(total))}) for number, total in sums]
            yield _one(timeline, one, kind, "INT64", points)
        return
    values = seen.mean if aligner == "ALIGN_MEAN" else seen.maximum
    seconds = timedelta(hours=1)
    gauge = [
        (at, seconds, {"doubleValue": float(value)})
        for at, value, ran in zip(hours, values, seen.ran, strict=True)
        if ran
    ]
    yield _one(timeline, one, CPU, "DOUBLE", gauge)


def _one(
    timeline: Timeline,
    one: Machine,
    kind: str,
    value_type: str,
    points: Sequence[tuple[datetime, timedelta, dict[str, Any]]],
) -> dict[str, Any]:
    labels = {
        "project_id": company.GCP[one.place].id,
        "instance_id": number_of(timeline, "instances", one),
        "zone": ZONE,
    }
    told = [
        {"interval": {"startTime": zulu(at), "endTime": zulu(at + span)}, "value": value}
        for at, span, value in sorted(points, key=lambda point: point[0], reverse=True)
    ]
    return {
        "metric": {"type": kind, "labels": {"instance_name": one.name}},
        "resource": {"type": "gce_instance", "labels": labels},
        "metricKind": "GAUGE" if value_type == "DOUBLE" else "DELTA",
        "valueType": value_type,
        "points": told,
    }
