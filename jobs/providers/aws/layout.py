"""A folder that was copied from a bucket of AWS's exports: only what the newest manifests name counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from finops.errors import BadDeliveryError
from jobs.bills.told import Told
from jobs.providers.aws.deliveries import EXPORT, REPORT

TAIL = re.compile(r"(\d{8}-\d{8}/.+|data/BILLING_PERIOD=.+)$")
"""Of a key in the bucket what lies below the export's own folder."""
RUN = re.compile(r"(20\d{2}[01]\d[0-3]\dT[0-2]\d[0-5]\d[0-5]\d)(?:\.\d+)?Z")


def told(folder: Path, files: Sequence[Path]) -> dict[Path, Told | None]:
    """Return when the files were made that count; None for those of replaced runs, and those that no manifest names.

    Raises BadDeliveryError.
    """
    newest: dict[tuple[Path, str], Path] = {}
    for manifest, root, month in sorted(_manifests(folder, files)):
        newest[root, month] = manifest  # folders of runs begin with their time, so the last name is the newest
    named = {file: Told(made=made) for (root, _), manifest in newest.items() for file, made in _named(manifest, root)}
    roots = {root for root, _ in newest}
    return {
        file: named.get(file)
        for file in files
        if file in named or any(TAIL.match(_below(file, root)) for root in roots if file.is_relative_to(root))
    }


def _below(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix()


def _manifests(folder: Path, files: Sequence[Path]) -> Iterator[tuple[Path, Path, str]]:
    """Return each manifest that counts, the export's own folder, and the month; also if a month's folder was copied."""
    for file in files:
        for base in (folder, folder.parent):
            found = REPORT.match(_below(file, base)) or EXPORT.match(_below(file, base))
            if found:
                yield file, base / found["export"], found["month"]
                break


def _named(manifest: Path, root: Path) -> Iterator[tuple[Path, datetime | None]]:
    try:
        about = json.loads(manifest.read_bytes())
        keys = [str(key) for key in (about["reportKeys"] if "reportKeys" in about else about["dataFiles"])]
        run = str(about.get("assemblyId") or manifest.parent.name)
    except (ValueError, KeyError, TypeError) as error:
        message = "it is no manifest of an export: fetch it again."
        raise BadDeliveryError(str(manifest), message) from error
    for key in keys:
        tail = TAIL.search(key)
        file = root / (tail[1] if tail else key.rpartition("/")[2])
        if not file.is_file():
            raise BadDeliveryError(str(manifest), f"it names {key}, which is not there: fetch all files again.")
        yield file, _time(run)


def _time(run: str) -> datetime | None:
    """Return when a run began, if its name says so: `20260905T101500Z`, and after it perhaps its id."""
    found = RUN.match(run)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
