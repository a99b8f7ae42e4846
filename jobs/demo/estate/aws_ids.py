"""The ids under which AWS's bill and AWS's answers speak of the same things."""

from __future__ import annotations

from jobs.demo.estate import company
from jobs.demo.estate.fleet import Address, Disk, Machine
from jobs.demo.estate.timeline import Timeline


def region(place: str) -> str:
    """Return the region in which an account works."""
    return "us-west-2" if place == "sandbox" else "us-east-1"


def instance_id(timeline: Timeline, machine: Machine) -> str:
    """Return a machine's id."""
    return f"i-0{company.digest(timeline.seed, 'aws', machine.place, machine.name)[:16]}"


def volume_id(timeline: Timeline, disk: Disk) -> str:
    """Return a volume's id."""
    return f"vol-0{company.digest(timeline.seed, 'aws-disk', disk.place, disk.name)[:16]}"


def allocation_id(timeline: Timeline, address: Address) -> str:
    """Return an elastic address's id."""
    return f"eipalloc-0{company.digest(timeline.seed, 'aws-ip', address.place, address.name)[:16]}"


def address_arn(timeline: Timeline, address: Address) -> str:
    """Return how the bill names an elastic address."""
    account = company.AWS[address.place].id
    return f"arn:aws:ec2:{region(address.place)}:{account}:elastic-ip/{allocation_id(timeline, address)}"
