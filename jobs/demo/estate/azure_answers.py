"""What Azure would answer about Larkspur: lists of its resources and Azure Monitor, a folder a subscription."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobs.demo.estate import company
from jobs.demo.estate.answers import daily_sums, hours_of, launched, moment, save, zulu
from jobs.demo.estate.azure_ids import address_id, disk_id, machine_id
from jobs.demo.estate.fleet import Address, Disk, Fleet, Machine
from jobs.demo.estate.machines import MEASURED_DAYS, measure
from jobs.demo.estate.timeline import Timeline

LOCATION = "westeurope"


def write(timeline: Timeline, fleet: Fleet, folder: Path) -> None:
    """Write every answer, named by the operation that gives it."""
    for place, subscription in company.AZURE.items():
        here = folder / subscription.id
        machines = [one for one in fleet.machines if one.place == place]
        lists = {
            "VirtualMachines_ListAll": [_machine(timeline, one) for one in machines],
            "Disks_List": [_disk(timeline, one) for one in fleet.disks if one.place == place],
            "PublicIPAddresses_ListAll": [_address(one) for one in fleet.addresses if one.place == place],
        }
        for operation, value in lists.items():
            save(here / f"{operation}.json", {"value": value})
        for one in machines:
            save(here / f"Metrics_List-{one.name}-hourly.json", _cpu(timeline, one))
            save(here / f"Metrics_List-{one.name}-daily.json", _network(timeline, one))


def _machine(timeline: Timeline, one: Machine) -> dict[str, Any]:
    disk = disk_id(Disk(f"{one.name}-disk", one.place, one.disk, one))
    return {
        "name": one.name,
        "id": machine_id(one),
        "type": "Microsoft.Compute/virtualMachines",
        "location": LOCATION,
        "tags": dict(one.tags),
        "properties": {
            "vmId": company.uuid_text("vm", one.place, one.name),
            "hardwareProfile": {"vmSize": one.size},
            "storageProfile": {"osDisk": {"osType": "Linux", "name": f"{one.name}-disk", "managedDisk": {"id": disk}}},
            "provisioningState": "Succeeded",
            "timeCreated": zulu(launched(timeline, one)),
            "instanceView": {
                "statuses": [
                    {"code": "ProvisioningState/succeeded", "level": "Info"},
                    {"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"},
                ]
            },
        },
    }


def _disk(timeline: Timeline, disk: Disk) -> dict[str, Any]:
    owner = {"managedBy": machine_id(disk.machine)} if disk.machine else {}
    changed = launched(timeline, disk.machine) if disk.machine else moment(timeline, disk.left, 11)
    return {
        "name": disk.name,
        "id": disk_id(disk),
        "type": "Microsoft.Compute/disks",
        "location": LOCATION,
        "tags": dict(disk.tags),
        "sku": {"name": "Premium_LRS", "tier": "Premium"},
        "properties": {
            "diskSizeGB": disk.gib,
            "diskState": "Attached" if disk.machine else "Unattached",
            "provisioningState": "Succeeded",
            "timeCreated": zulu(launched(timeline, disk.machine)),
            "LastOwnershipUpdateTime": zulu(changed),
        },
        **owner,
    }


def _address(address: Address) -> dict[str, Any]:
    used = {}
    if address.machine:
        interface = machine_id(address.machine).replace(
            "Microsoft.Compute/virtualMachines", "Microsoft.Network/networkInterfaces"
        )
        used = {"ipConfiguration": {"id": f"{interface}-nic/ipConfigurations/primary"}}
    return {
        "name": address.name,
        "id": address_id(address),
        "type": "Microsoft.Network/publicIPAddresses",
        "location": LOCATION,
        "tags": dict(address.tags),
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {
            "ipAddress": address.ip,
            "publicIPAllocationMethod": "Static",
            "provisioningState": "Succeeded",
            **used,
        },
    }


def _metric(one: Machine, name: str, unit: str, data: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"{machine_id(one)}/providers/Microsoft.Insights/metrics/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "unit": unit,
        "timeseries": [{"metadatavalues": [], "data": data}],
        "errorCode": "Success",
    }


def _answer(timeline: Timeline, interval: str, metrics: list[dict[str, Any]]) -> dict[str, Any]:
    span = f"{zulu(moment(timeline, MEASURED_DAYS))}/{zulu(moment(timeline, 0))}"
    return {
        "cost": 359,
        "timespan": span,
        "interval": interval,
        "value": metrics,
        "namespace": "Microsoft.Compute/virtualMachines",
        "resourceregion": LOCATION,
    }


def _cpu(timeline: Timeline, one: Machine) -> dict[str, Any]:
    seen = measure(timeline, one, "azure")
    times = hours_of(timeline, seen.start, MEASURED_DAYS * 24)
    data = []
    for at, mean, highest, ran in zip(times, seen.mean, seen.maximum, seen.ran, strict=True):
        # Azure Monitor names every hour; one without a measurement carries no numbers.
        numbers = {"average": round(float(mean) * 100, 4), "maximum": round(float(highest) * 100, 4)} if ran else {}
        data.append({"timeStamp": zulu(at), **numbers})
    return _answer(timeline, "PT1H", [_metric(one, "Percentage CPU", "Percent", data)])


def _network(timeline: Timeline, one: Machine) -> dict[str, Any]:
    seen, metrics = measure(timeline, one, "azure"), []
    for name, values in (("Network In Total", seen.bytes_in), ("Network Out Total", seen.bytes_out)):
        sums = daily_sums(list(values), list(seen.ran))
        data = [{"timeStamp": zulu(moment(timeline, MEASURED_DAYS - day)), "total": total} for day, total in sums]
        metrics.append(_metric(one, name, "Bytes", data))
    return _answer(timeline, "P1D", metrics)
