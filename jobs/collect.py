"""Reads new bills and inventories of every source in the list. One that fails does not stop the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finops.errors import BadSettingError, CostsError
from jobs import fetching, inventory, names
from jobs.bills import files as delivery
from jobs.bills import layouts
from jobs.bills.told import NOTHING, Told
from jobs.sources import SourceEntry, entries
from storage.settings import settings

WILD = "*?["


def files(root: Path, pattern: str) -> dict[Path, Told]:
    """Return the files of a pattern that count, with what manifests beside them tell; of a folder, all in it.

    A pattern is relative to the list of sources unless it is absolute. Raises BadDeliveryError for half a delivery.
    """
    path = Path(pattern).expanduser()
    parts = path.parts
    fixed = next((n for n, part in enumerate(parts) if any(sign in part for sign in WILD)), len(parts))
    base = root.joinpath(*parts[:fixed])
    if fixed == len(parts):
        return delivery.within(base) if base.is_dir() else {base: NOTHING} if base.is_file() else {}
    told = layouts.told(base, sorted(one for one in base.rglob("*") if one.is_file()))
    matching = sorted(one for one in base.glob("/".join(parts[fixed:])) if one.is_file())
    return {one: what for one in matching if (what := told.get(one, NOTHING))}


def run(sources: str | None = None, only: str | None = None) -> dict[str, Any]:
    """Collect every source, or only the one of that name, and say what came of each.

    Raises BadSettingError if the list is wrong, and CostsError after all were tried if any failed.
    """
    file = Path(sources).expanduser() if sources else settings().sources_file
    chosen = [entry for entry in entries(file) if only in {None, entry.name}]
    if not chosen:
        message = f"{file} names no source “{only}”."
        raise BadSettingError(message)
    summary: dict[str, Any] = {}
    failures: list[str] = []
    for entry in chosen:
        try:
            summary[entry.name] = _collect(entry, file.parent)
        except CostsError as error:
            summary[entry.name] = {"status": "failed", "reason": str(error)}
        if summary[entry.name]["status"] == "failed":
            failures.append(f"{entry.name}: {summary[entry.name]['reason']}")
    if failures:
        well = sum(one["status"] == "collected" for one in summary.values())
        idle = len(chosen) - len(failures) - well
        skipped = f", {idle} had nothing to read" if idle else ""
        message = f"{len(failures)} of {len(chosen)} sources failed, {well} went well{skipped}. {' '.join(failures)}"
        raise CostsError(message)
    return {"sources": summary}


def _collect(entry: SourceEntry, root: Path) -> dict[str, Any]:
    if entry.bills is not None:
        return _bills(entry, root)
    provider = str(entry.provider)
    if entry.inventory == "live":
        found = inventory.live(entry)
    else:
        folder = root / Path(str(entry.inventory)).expanduser()
        found = inventory.recorded(provider, folder, services=entry.services)
    return {"status": "collected", **found.summary()}


def _bills(entry: SourceEntry, root: Path) -> dict[str, Any]:
    if entry.scheme:
        return fetching.collect(entry)
    from jobs.bills.guarded import ingest  # noqa: PLC0415  slow to import, and only for bills

    found = files(root, str(entry.bills))
    if not found:
        return {"status": "skipped", "reason": f"No file matches {entry.bills} (from {root})."}
    listed = names.recorded(root / entry.names) if entry.names else names.NONE
    result = ingest(entry.format, [*found], source=entry.name, told=found)
    names.note(result, listed)
    counted = {status: sum(one.status == status for one in result.periods) for status in ("loaded", "unchanged")}
    if result.rejected:
        reasons = "; ".join(f"{one.billing_period}: {one.reason}" for one in result.rejected)
        return {"status": "failed", "reason": reasons, **counted}
    rows = sum(one.rows for one in result.periods)
    return {"status": "collected", "format": result.format, "files": len(found), "rows": rows, **counted}
