"""The ids under which Azure's bill and Azure's answers speak of the same things."""

from __future__ import annotations

from jobs.demo.estate import company
from jobs.demo.estate.fleet import Address, Disk, Machine


def resource_id(place: str, group: str, path: str) -> str:
    """Return a full resource id."""
    return f"/subscriptions/{company.AZURE[place].id}/resourceGroups/{group}/providers/{path}"


def group_of(app: str) -> str:
    """Return the resource group in which an app lives."""
    return f"rg-{app}"


def machine_id(machine: Machine) -> str:
    """Return a virtual machine's id."""
    return resource_id(machine.place, group_of(machine.app), f"Microsoft.Compute/virtualMachines/{machine.name}")


def disk_id(disk: Disk) -> str:
    """Return a managed disk's id."""
    group = group_of(disk.machine.app) if disk.machine else "rg-leftovers"
    return resource_id(disk.place, group, f"Microsoft.Compute/disks/{disk.name}")


def address_id(address: Address) -> str:
    """Return a public address's id."""
    group = group_of(address.machine.app) if address.machine else "rg-leftovers"
    return resource_id(address.place, group, f"Microsoft.Network/publicIPAddresses/{address.name}")
