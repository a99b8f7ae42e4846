"""A folder that was copied from a bucket of AWS's exports: only what the newest manifests name counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from finops.errors import BadDeliveryError
from jobs.providers.aws.deliveries import EXPORT, REPORT

TAIL = re.compile(r"(\d{8}-\d{8}/.+|data/BILLING_PERIOD=.+)$")
"""Of a key in the bucket what lies below the export's own folder."""


def left_out(folder: Path, files: Sequence[Path]) -> set[Path]:
    """Return files of replaced assemblies and runs, and those that no manifest names. Raises BadDeliveryError."""
    newest: dict[tuple[Path, str], Path] = {}
    for manifest, root, month in sorted(_manifests(folder, files)):
        newest[root, month] = manifest  # folders of runs begin with their time, so the last name is the newest
    named = {file for (root, _), manifest in newest.items() for file in _named(manifest, root)}
    roots = {root for root, _ in newest}
    return {
        file
        for file in files
        if file not in named and any(TAIL.match(_below(file, root)) for root in roots if file.is_relative_to(root))
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


def _named(manifest: Path, root: Path) -> Iterator[Path]:
    try:
        told = json.loads(manifest.read_bytes())
        keys = [str(key) for key in (told["reportKeys"] if "reportKeys" in told else told["dataFiles"])]
    except (ValueError, KeyError, TypeError) as error:
        message = "it is no manifest of an export: fetch it again."
        raise BadDeliveryError(str(manifest), message) from error
    for key in keys:
        tail = TAIL.search(key)
        file = root / (tail[1] if tail else key.rpartition("/")[2])
        if not file.is_file():
            raise BadDeliveryError(str(manifest), f"it names {key}, which is not there: fetch all files again.")
        yield file
