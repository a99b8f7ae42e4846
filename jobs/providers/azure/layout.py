"""A folder that was copied from a container of Azure's exports: only the newest run of each month counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops.errors import BadDeliveryError
from jobs.bills.told import Told
from jobs.providers.answers import instant

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """One run: when it was submitted, and the files that its manifest names, which lie beside it, with their rows."""

    at: str
    manifest: Path
    kind: str
    files: tuple[tuple[Path, int | None], ...]

    def told(self) -> dict[Path, Told]:
        """Return what the manifest tells of each file."""
        try:
            made = instant(self.at) if self.at else None
        except ValueError:
            made = None
        return {file: Told(made, self.kind or None, rows, str(self.manifest)) for file, rows in self.files}


def told(folder: Path, files: Sequence[Path]) -> dict[Path, Told | None]:
    """Return what manifests tell of their files; None for files of older runs of a month, and for those not named.

    Raises BadDeliveryError for a run of which a file is missing.
    """
    del folder
    runs: dict[tuple[Path, str], list[Run]] = {}
    for manifest in (file for file in files if file.name == MANIFEST):
        about = _read(manifest)
        if about is not None:
            runs.setdefault((_export(manifest, about), _month(about)), []).append(_run(manifest, about))
    newest = [max(each) for each in runs.values()]
    for run in newest:
        missing = next((file for file, _ in run.files if not file.is_file()), None)
        if missing:
            message = f"it names {missing.name}, which is not beside it: fetch all files again."
            raise BadDeliveryError(str(run.manifest), message)
    named = {file: what for run in newest for file, what in run.told().items()}
    beside = {run.manifest.parent for each in runs.values() for run in each}
    return {file: named.get(file) for file in files if file.parent in beside}


def _read(manifest: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(manifest.read_bytes())
    except ValueError as error:  # cut off, or still being written; what is JSON may be another program's
        raise BadDeliveryError(str(manifest), "it is no manifest of an export: fetch it again.") from error
    return told if isinstance(told, dict) and {"runInfo", "blobs"} <= set(told) else None


def _run(manifest: Path, about: dict[str, Any]) -> Run:
    try:
        blobs = [(manifest.parent / str(one["blobName"]).rpartition("/")[2], _rows(one)) for one in about["blobs"]]
        count, at = int(about.get("blobCount", len(blobs))), str(about["runInfo"]["submittedTime"])
        kind = str((about.get("exportConfig") or {}).get("type") or "")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadDeliveryError(str(manifest), f"it is no manifest of an export ({error}): fetch it again.") from error
    if count != len(blobs):
        raise BadDeliveryError(str(manifest), f"it counts {count} files and names {len(blobs)}: fetch it again.")
    return Run(at, manifest, kind, tuple(blobs))


def _rows(blob: dict[str, Any]) -> int | None:
    return None if blob.get("dataRowCount") is None else int(blob["dataRowCount"])


def _export(manifest: Path, about: dict[str, Any]) -> Path:
    """Return what runs that replace each other share: their export, or else the folder above the run's.

    Subscriptions may have exports of the same name; what tells those apart is the id.
    """
    export = about.get("exportConfig") or {}
    known = export.get("resourceId") or export.get("exportName")
    return Path(str(known).lower()) if known else manifest.parent.parent


def _month(about: dict[str, Any]) -> str:
    return str(about["runInfo"].get("startDate") or "")[:7]
