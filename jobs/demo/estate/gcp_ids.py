"""The ids under which Google's bill and Google's answers speak of the same things."""

from __future__ import annotations

from jobs.demo.estate import company
from jobs.demo.estate.fleet import Address, Disk, Machine
from jobs.demo.estate.timeline import Timeline

REGION, ZONE = "us-central1", "us-central1-a"


def number_of(timeline: Timeline, kind: str, one: Machine | Disk | Address) -> str:
    """Return a resource's numeric id."""
    return company.number(timeline.seed, kind, one.place, one.name)


def global_name(timeline: Timeline, kind: str, one: Machine | Disk | Address) -> str:
    """Return the name by which the detailed export knows a resource; `kind` is instances, disks or addresses."""
    where = f"regions/{REGION}" if kind == "addresses" else f"zones/{ZONE}"
    project = company.GCP[one.place].number
    return f"//compute.googleapis.com/projects/{project}/{where}/{kind}/{number_of(timeline, kind, one)}"
