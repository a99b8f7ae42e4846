"""Collecting inventories: a provider's answers, recorded or live, become resources and utilization."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from finops.errors import BadSettingError
from jobs import kinds
from jobs.providers.answers import Inventory
from jobs.sources import SourceEntry
from storage import resources
from storage.database import transaction

RECORDED = {name: f"jobs.providers.{name}.inventory:recorded" for name in ("aws", "azure", "gcp")}
LIVE = {name: f"jobs.providers.{name}.live:live" for name in ("aws", "azure", "gcp")}


@dataclass(frozen=True, slots=True)
class Collected:
    """What one inventory brought."""

    provider: str
    scopes: int
    resources: int
    closed: int
    measurements: int
    failed: tuple[str, ...] = ()
    """What could not be listed: nothing of it is closed."""

    def summary(self) -> dict[str, Any]:
        """Return it as JSON takes it; one that brought only a part has failed, and says what of."""
        told = asdict(self)
        failed = told.pop("failed")
        kept = f"all else is kept ({self.resources} resources)"
        return told | (
            {"status": "failed", "reason": f"{' '.join(failed)} What it lists is left as it was; {kept}."}
            if failed
            else {}
        )


def _reader(paths: dict[str, str], provider: str, way: str) -> Callable[..., Inventory]:
    if provider not in paths:
        known = ", ".join(sorted(paths))
        message = f"Inventories of “{provider}” cannot be read {way}: known are {known}."
        raise BadSettingError(message)
    module, name = paths[provider].split(":")
    found: Callable[..., Inventory] = getattr(import_module(module), name)
    return found


def recorded(provider: str, folder: Path, *, services: Iterable[str] = (), at: datetime | None = None) -> Collected:
    """Collect recorded answers from a folder. Raises BadAnswerError, BadSettingError."""
    moment = at or datetime.now(UTC)
    found = _reader(RECORDED, provider, "from a folder")(folder, at=moment)
    return save(only(found, kinds.wanted(provider, services)), at=moment)


def live(entry: SourceEntry, *, at: datetime | None = None) -> Collected:
    """Ask the provider itself. Raises BadAnswerError, BadSettingError.

    A provider asks only for the entry's `wanted` kinds where its interface lets it; what it brings beyond is left out.
    """
    moment = at or datetime.now(UTC)
    found = _reader(LIVE, str(entry.provider), "live")(entry, at=moment)
    return save(only(found, entry.wanted), at=moment)


def only(found: Inventory, wanted: frozenset[str]) -> Inventory:
    """Return what an inventory brought of the wanted kinds, and of these alone what it asked for."""
    listed = tuple(one for one in found.resources if one.resource_type in wanted)
    names = {one.resource_id for one in listed}
    asked = found.asked
    if asked is None:
        asked = frozenset((account, region, kind) for account, region in found.scopes for kind in wanted)
    return replace(
        found,
        resources=listed,
        utilization=tuple(row for row in found.utilization if row.resource_id in names),
        asked=frozenset(one for one in asked if one[2] in wanted),
    )


def save(found: Inventory, *, at: datetime) -> Collected:
    """Remember an inventory in one transaction; what is missing of all that it asked for is closed, nothing else."""
    with transaction() as session:
        asked = found.scopes if found.asked is None else found.asked
        closed = resources.save_inventory(session, found.provider, asked, found.resources, at=at)
        measured = resources.save_utilization(session, found.provider, found.utilization)
    return Collected(found.provider, len(found.scopes), len(found.resources), closed, measured, found.failed)
