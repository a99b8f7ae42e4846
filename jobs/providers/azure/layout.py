"""A folder that was copied from a container of Azure's exports: only the newest run of each month counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops.errors import BadDeliveryError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """One run: when it was submitted, and the files that its manifest names, which lie beside it."""

    at: str
    manifest: Path
    files: tuple[Path, ...]


def left_out(folder: Path, files: Sequence[Path]) -> set[Path]:
    """Return the files of older runs of a month, and those beside a manifest that does not name them.

    Raises BadDeliveryError for a run of which a file is missing.
    """
    del folder
    runs: dict[tuple[Path, str], list[Run]] = {}
    for manifest in (file for file in files if file.name == MANIFEST):
        told = _read(manifest)
        if told is not None:
            runs.setdefault((_export(manifest, told), _month(told)), []).append(_run(manifest, told))
    newest = [max(each) for each in runs.values()]
    for run in newest:
        missing = next((file for file in run.files if not file.is_file()), None)
        if missing:
            message = f"it names {missing.name}, which is not beside it: fetch all files again."
            raise BadDeliveryError(str(run.manifest), message)
    named = {file for run in newest for file in run.files}
    beside = {run.manifest.parent for each in runs.values() for run in each}
    return {file for file in files if file.parent in beside and file not in named}


def _read(manifest: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(manifest.read_bytes())
    except ValueError:
        return None
    return told if isinstance(told, dict) and {"runInfo", "blobs"} <= set(told) else None


def _run(manifest: Path, told: dict[str, Any]) -> Run:
    try:
        names = [str(one["blobName"]).rpartition("/")[2] for one in told["blobs"]]
        count, at = int(told.get("blobCount", len(names))), str(told["runInfo"]["submittedTime"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadDeliveryError(str(manifest), f"it is no manifest of an export ({error}): fetch it again.") from error
    if count != len(names):
        raise BadDeliveryError(str(manifest), f"it counts {count} files and names {len(names)}: fetch it again.")
    return Run(at, manifest, tuple(manifest.parent / name for name in names))


def _export(manifest: Path, told: dict[str, Any]) -> Path:
    """Return what runs that replace each other share: the export's name, or else the folder above the run's."""
    name = (told.get("exportConfig") or {}).get("exportName")
    return Path(str(name)) if name else manifest.parent.parent


def _month(told: dict[str, Any]) -> str:
    return str(told["runInfo"].get("startDate") or "")[:7]
