"""Reads new bills and inventories of every source in the list. One that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from finops.errors import BadSettingError, CostsError
from jobs import inventory
from storage.settings import settings

EXAMPLE = '{name: aws, bills: "bills/aws/**/*.csv.gz"} or {name: aws-inventory, provider: aws, inventory: answers/aws}'
WILD = "*?["


class SourceEntry(BaseModel):
    """One source: bills (files by a pattern), or an inventory (a folder of recorded answers, or live)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    format: str = "auto"
    bills: str | None = None
    provider: Literal["aws", "azure", "gcp"] | None = None
    inventory: Path | Literal["live"] | None = None
    regions: tuple[str, ...] = ()
    profile: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        """Refuse an entry that is neither bills nor an inventory, or both."""
        if (self.bills is None) == (self.inventory is None):
            message = "give either `bills` or `inventory`"
            raise ValueError(message)
        if self.inventory is not None and self.provider is None:
            message = "an inventory needs its `provider`: aws, azure or gcp"
            raise ValueError(message)
        if self.inventory == "live" and not self.regions:
            message = "a live inventory needs `regions`, for example [us-east-1]"
            raise ValueError(message)
        return self


def entries(file: Path) -> list[SourceEntry]:
    """Read the list of sources. Raises BadSettingError naming the entry that is wrong."""
    try:
        known = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"There is no list of sources at {file}: write `sources:` with entries like - {EXAMPLE}."
        raise BadSettingError(message) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{file} is no YAML: {' '.join(str(error).split())}."
        raise BadSettingError(message) from error
    listed = known.get("sources") if isinstance(known, dict) else None
    if not isinstance(listed, list) or not listed:
        message = f"{file} names no sources: write `sources:` with entries like - {EXAMPLE}."
        raise BadSettingError(message)
    found = [_entry(file, number, one) for number, one in enumerate(listed, 1)]
    twice = next((one.name for one in found if sum(one.name == other.name for other in found) > 1), None)
    if twice:
        message = f"{file} names the source {twice} twice: give each its own name."
        raise BadSettingError(message)
    return found


def _entry(file: Path, number: int, given: object) -> SourceEntry:
    try:
        return SourceEntry.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = given.get("name") if isinstance(given, Mapping) else None
        where = f"entry {number}" + (f" ({name})" if name else "")
        what = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        message = f"{file}, {where}: {f'{what}: ' if what else ''}{problem}. For example: {EXAMPLE}."
        raise BadSettingError(message) from error


def files(root: Path, pattern: str) -> list[Path]:
    """Return the files of a pattern, which is relative to the list of sources unless it is absolute."""
    path = Path(pattern).expanduser()
    parts = path.parts
    fixed = next((n for n, part in enumerate(parts) if any(sign in part for sign in WILD)), len(parts))
    base = root.joinpath(*parts[:fixed])
    if fixed == len(parts):
        return [base] if base.is_file() else []
    return sorted(one for one in base.glob("/".join(parts[fixed:])) if one.is_file())


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
        well = len(chosen) - len(failures)
        message = f"{len(failures)} of {len(chosen)} sources failed, {well} went well. {' '.join(failures)}"
        raise CostsError(message)
    return {"sources": summary}


def _collect(entry: SourceEntry, root: Path) -> dict[str, Any]:
    if entry.bills is not None:
        return _bills(entry, root)
    provider = str(entry.provider)
    if entry.inventory == "live":
        found = inventory.live(provider, entry.regions, profile=entry.profile)
    else:
        found = inventory.recorded(provider, root / Path(str(entry.inventory)).expanduser())
    return {"status": "collected", **found.summary()}


def _bills(entry: SourceEntry, root: Path) -> dict[str, Any]:
    from jobs.bills.ingest import ingest  # noqa: PLC0415  DuckDB and Ibis are slow to import

    found = files(root, str(entry.bills))
    if not found:
        return {"status": "skipped", "reason": f"No file matches {entry.bills} (from {root})."}
    result = ingest(entry.format, found, source=entry.name)
    counted = {status: sum(one.status == status for one in result.periods) for status in ("loaded", "unchanged")}
    if result.rejected:
        reasons = "; ".join(f"{one.billing_period}: {one.reason}" for one in result.rejected)
        return {"status": "failed", "reason": reasons, **counted}
    rows = sum(one.rows for one in result.periods)
    return {"status": "collected", "format": result.format, "files": len(found), "rows": rows, **counted}
