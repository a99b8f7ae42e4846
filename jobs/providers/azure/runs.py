"""Runs of Cost Management's exports, as they lie in a container: which there are, and which is the newest of a month.

An export writes into FOLDER/YYYYMMDD-YYYYMMDD, and either overwrites what lies there or adds a folder of its own for
every run. With each run comes a `manifest.json`, except of old exports: of those every file is a run. An export of
actual and one of amortized cost of the same scope are the two halves of one bill.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from finops.errors import BadSettingError
from finops.periods import ONE_DAY, Period
from jobs.providers.answers import BadAnswerError, instant, reading

DAYS = re.compile(r"^(?P<export>.*?)/?(?P<first>\d{8})-(?P<last>\d{8})/")
EXPORTS = "/providers/Microsoft.CostManagement/exports/"
MANIFEST = "manifest.json"
ACTUAL, AMORTIZED = "ActualCost of ", "AmortizedCost of "
FEW = 3
"""A run that was submitted later may be done earlier, but not by much."""
DATA = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True, slots=True)
class Blob:
    """A file in the container."""

    name: str
    size: int
    etag: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an export: its files, and how many rows they have together, if it says so."""

    export: str
    """What it is an export of: runs of several that are alike, as of this month and of the last, replace each other."""
    days: Period
    at: datetime
    version: str
    blobs: tuple[Blob, ...]
    rows: int | None = None
    missing: tuple[str, ...] = ()
    """Files that its manifest names and that are not there."""
    amortized: Run | None = None
    """The run of the same month of the other export of the same costs, if there is one."""


def manifests(listed: Iterable[Blob]) -> list[Blob]:
    """Return the manifests worth reading. With a folder for every run there are hundreds; only the last few can win."""
    found: dict[tuple[str, Period], list[Blob]] = defaultdict(list)
    for blob in listed:
        if blob.name.rpartition("/")[2] == MANIFEST:
            found[_place(blob.name)].append(blob)
    return [one for some in found.values() for one in sorted(some, key=lambda blob: blob.changed)[-FEW:]]


def newest(listed: Iterable[Blob], told: dict[str, dict[str, Any]]) -> list[Run]:
    """Return the newest run of every month, oldest month first. Raises BadSettingError, BadAnswerError.

    `told` holds what the manifests say, by their names. An older run is never taken in the stead of one that is not
    whole, for it would undo what came after it.
    """
    held = {one.name: one for one in listed}
    runs = [*_with_manifest(held, told), *_without(held, told)]
    found = {(run.export, run.days.start): run for run in sorted(runs, key=lambda one: one.at)}
    export, other = _chosen(sorted({one.export for one in runs}))
    months = (run for (name, _), run in sorted(found.items()) if name == export)
    return [_both(run, found.get((other, run.days.start))) for run in months]


def _chosen(exports: list[str]) -> tuple[str, str]:
    """Return which export is the bill, and which says what its use was worth. Raises BadSettingError."""
    other = next((one for one in exports if one.startswith(AMORTIZED)), "")
    bills = [one for one in exports if one != other]
    if len(bills) > 1 or (bills and other and bills[0] != other.replace(AMORTIZED, ACTUAL)):
        message = f"There are several exports ({', '.join(exports)}): give each a source, with its folder as address."
        raise BadSettingError(message)
    if other and not bills:
        message = f"{other} says nothing of what was billed: export ActualCost (or FOCUS) into this folder, too."
        raise BadSettingError(message)
    return (bills or [""])[0], other


def _both(run: Run, amortized: Run | None) -> Run:
    if amortized is None:
        return run
    return replace(run, amortized=amortized, version=f"{run.version}+{amortized.version}")


def _with_manifest(held: dict[str, Blob], told: dict[str, dict[str, Any]]) -> Iterator[Run]:
    for name, manifest in told.items():
        with reading(name):
            info, named = manifest.get("runInfo") or {}, [one["blobName"] for one in manifest["blobs"]]
            folder, days = _place(name)
            about = manifest.get("exportConfig") or {}
            scope = str(about.get("resourceId") or "").partition(EXPORTS)[0]
            export = f"{about['type']} of {scope}" if about.get("type") else folder
            at = instant(info["submittedTime"]) if info.get("submittedTime") else held[name].changed
            version = f"{days.start}@{info.get('runId') or at.isoformat()}@{held[name].etag}"
            missing = tuple(one for one in named if one not in held)
            if len(named) != int(manifest.get("blobCount", len(named))):
                missing = (*missing, f"{manifest['blobCount'] - len(named)} more that it does not name")
            blobs = tuple(held[one] for one in named if one in held)
            yield Run(export, days, at, version, blobs, _rows(manifest), missing)


def _without(held: dict[str, Blob], told: dict[str, dict[str, Any]]) -> Iterator[Run]:
    """Return a run for every file of a month that no manifest speaks of."""
    spoken = {_place(name) for name in told}
    for blob in held.values():
        if DAYS.match(blob.name) and blob.name.lower().endswith(DATA):
            export, days = _place(blob.name)
            if (export, days) not in spoken:
                yield Run(export, days, blob.changed, f"{days.start}@{blob.etag}", (blob,))


def _rows(manifest: dict[str, Any]) -> int | None:
    counted = manifest.get("dataRowCount")
    return None if counted is None else int(counted)


def _place(name: str) -> tuple[str, Period]:
    """Return the folder of the export and the days of a blob's name. Raises BadAnswerError, BadSettingError."""
    found = DAYS.match(name)
    if found is None:
        message = f"{name} lies in no folder YYYYMMDD-YYYYMMDD: is it an export of Cost Management?"
        raise BadAnswerError(message)
    days = Period(date.fromisoformat(found["first"]), date.fromisoformat(found["last"]) + ONE_DAY)
    if days.start.day != 1 or days.end.day != 1:
        message = f"{name} covers {days}, and only whole months can be replaced: export the month to date instead."
        raise BadSettingError(message)
    return found["export"], days
