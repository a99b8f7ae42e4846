"""The estate: a fictional company's native bills and its providers' answers, the same bytes for the same day."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from finops.errors import UnavailableError
from jobs.demo.estate import (
    aws_answers,
    aws_bill,
    aws_ids,
    azure_answers,
    azure_bill,
    azure_ids,
    company,
    gcp_answers,
    gcp_bill,
    gcp_ids,
    groups,
    truth,
)
from jobs.demo.estate.fleet import Fleet, fleet
from jobs.demo.estate.lines import Line
from jobs.demo.estate.timeline import Timeline

VERSION = 3
"""Of what is written here: a folder of another version is built anew."""
SEED = 20260101
ABANDONED = 600
"""Seconds after which a folder beside the estate is no build in progress: one takes five."""
SOURCES = """\
# What `costs run collect` reads. Paths are relative to this file.
sources:
  - {name: demo-aws, format: aws-cur, bills: "bills/aws/**/*.csv.gz", names: answers/ListAccounts.json}
  - {name: demo-azure, format: azure-export, bills: "bills/azure/**/*.csv.gz"}
  - {name: demo-gcp, format: gcp-export, bills: "bills/gcp/*.json.gz"}
  - {name: demo-aws-inventory, provider: aws, inventory: answers/aws}
  - {name: demo-azure-inventory, provider: azure, inventory: answers/azure}
  - {name: demo-gcp-inventory, provider: gcp, inventory: answers/gcp}
"""


@dataclass(frozen=True, slots=True)
class Estate:
    """A finished estate."""

    folder: Path
    rows: int
    built: bool
    """Whether it was made just now; False if a finished one was found."""

    @property
    def sources(self) -> Path:
        """The list of what to collect."""
        return self.folder / "sources.yaml"

    @property
    def truth(self) -> dict[str, Any]:
        """What is true about it."""
        known: dict[str, Any] = json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))
        return known


def build(folder: Path, *, today: date, seed: int = SEED, progress: Callable[[str], None] | None = None) -> Estate:
    """Build the estate in `folder`, or find it there. An interrupted build leaves what was there before.

    Raises UnavailableError if the folder cannot be written.
    """
    wanted = {"today": today.isoformat(), "seed": seed, "version": VERSION}
    known = _finished(folder)
    if known is not None and {name: known.get(name) for name in wanted} == wanted:
        return Estate(folder, int(known["rows"]), built=False)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
        ) as work:
            fresh = Path(work) / "estate"
            rows = _write(fresh, Timeline(today, seed), wanted, progress or (lambda _: None))
            _swap(fresh, folder, Path(work) / "before")
    except OSError as error:
        problem = error.strerror or error
        message = f"The demo could not be written to {folder} ({problem}): free disk space or set COSTS_HOME."
        raise UnavailableError(message) from error
    return Estate(folder, rows, built=True)


def _sweep(folder: Path) -> None:
    """Remove what builds left behind that were killed; one that still runs is younger."""
    for left in folder.parent.glob(f".{folder.name}-*"):
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def _finished(folder: Path) -> dict[str, Any] | None:
    try:
        known: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known


def _swap(fresh: Path, folder: Path, aside: Path) -> None:
    fresh.chmod(0o755)
    if folder.exists():
        folder.rename(aside)
    fresh.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _write(folder: Path, timeline: Timeline, wanted: dict[str, Any], progress: Callable[[str], None]) -> int:
    """Write everything; truth.json comes last, so that it stands for a finished build."""
    parts = {}
    for name, provider in (("aws", _aws), ("azure", _azure), ("gcp", _gcp)):
        progress(f"Writing thirteen months of {name} bills")
        parts[name] = provider(folder, timeline)
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    rows = sum(int(month["rows"]) for part in parts.values() for month in part["totals"].values())
    known = wanted | {
        "company": company.NAME,
        "currency": "USD",
        "rows": rows,
        "totals": {name: part["totals"] for name, part in parts.items()},
        "waste": [one for part in parts.values() for one in part["waste"]],
        "events": truth.events(timeline),
    }
    finished = folder / "truth.json"
    finished.write_text(json.dumps(known, indent=1), encoding="utf-8")
    with finished.open("rb") as file:
        os.fsync(file.fileno())
    return rows


def _fleet(timeline: Timeline, places: dict[str, company.Place], machines: Any, disks: Any, addresses: Any) -> Fleet:  # noqa: ANN401
    envs = {name: place.env for name, place in places.items()}
    return fleet(timeline, machines, envs, lost_disks=disks, lost_addresses=addresses)


def _aws(folder: Path, timeline: Timeline) -> dict[str, Any]:
    runs = _fleet(timeline, company.AWS, groups.AWS_GROUPS, groups.AWS_LOST_DISKS, groups.AWS_LOST_ADDRESSES)
    bill = aws_bill.lines(timeline, runs)
    aws_bill.write(timeline, bill, folder / "bills" / "aws")
    aws_answers.write(timeline, runs, folder / "answers" / "aws")
    ids: dict[str, Any] = {"machine": aws_ids.instance_id, "disk": aws_ids.volume_id, "address": aws_ids.address_arn}
    costs = truth.recent(bill, lambda line: line.effective_cost)
    return {
        "totals": truth.totals(
            timeline,
            bill,
            billed=lambda line: line.cost,
            effective=lambda line: line.effective_cost,
            month_of=lambda _: timeline.month_of,
        ),
        "waste": truth.waste("aws", runs, lambda kind, one: str(ids[kind](timeline, one)), costs),
    }


def _azure(folder: Path, timeline: Timeline) -> dict[str, Any]:
    runs = _fleet(timeline, company.AZURE, groups.AZURE_GROUPS, groups.AZURE_LOST_DISKS, groups.AZURE_LOST_ADDRESSES)
    bill = azure_bill.lines(timeline, runs)
    azure_bill.write(timeline, bill, folder / "bills" / "azure")
    azure_answers.write(timeline, runs, folder / "answers" / "azure")
    ids: dict[str, Any] = {"machine": azure_ids.machine_id, "disk": azure_ids.disk_id, "address": azure_ids.address_id}
    cost: Callable[[Line], Any] = lambda line: line.cost  # noqa: E731
    return {
        "totals": truth.totals(timeline, bill, billed=cost, effective=cost, month_of=lambda _: timeline.month_of),
        "waste": truth.waste("azure", runs, lambda kind, one: str(ids[kind](one)), truth.recent(bill, cost)),
    }


def _gcp(folder: Path, timeline: Timeline) -> dict[str, Any]:
    runs = _fleet(timeline, company.GCP, groups.GCP_GROUPS, groups.GCP_LOST_DISKS, groups.GCP_LOST_ADDRESSES)
    bill = gcp_bill.lines(timeline, runs)
    gcp_bill.write(timeline, bill, folder / "bills" / "gcp")
    gcp_answers.write(timeline, runs, folder / "answers" / "gcp")
    plural = {"machine": "instances", "disk": "disks", "address": "addresses"}
    return {
        "totals": truth.totals(
            timeline,
            bill,
            billed=gcp_bill.net,
            effective=gcp_bill.net,
            month_of=lambda line: gcp_bill.invoice_month(timeline, line),
        ),
        "waste": truth.waste(
            "gcp",
            runs,
            lambda kind, one: gcp_ids.global_name(timeline, plural[kind], one),
            truth.recent(bill, gcp_bill.net),
        ),
    }
