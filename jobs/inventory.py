"""Collecting inventories: a provider's answers, recorded or live, become resources and utilization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from finops.errors import BadSettingError
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

    def summary(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


def _reader(paths: dict[str, str], provider: str, way: str) -> Callable[..., Inventory]:
    if provider not in paths:
        known = ", ".join(sorted(paths))
        message = f"Inventories of “{provider}” cannot be read {way}: known are {known}."
        raise BadSettingError(message)
    module, name = paths[provider].split(":")
    found: Callable[..., Inventory] = getattr(import_module(module), name)
    return found


def recorded(provider: str, folder: Path, *, at: datetime | None = None) -> Collected:
    """Collect recorded answers from a folder. Raises BadAnswerError, BadSettingError."""
    moment = at or datetime.now(UTC)
    return save(_reader(RECORDED, provider, "from a folder")(folder, at=moment), at=moment)


def live(entry: SourceEntry, *, at: datetime | None = None) -> Collected:
    """Ask the provider itself. Raises BadAnswerError, BadSettingError."""
    moment = at or datetime.now(UTC)
    return save(_reader(LIVE, str(entry.provider), "live")(entry, at=moment), at=moment)


def save(found: Inventory, *, at: datetime) -> Collected:
    """Remember an inventory in one transaction."""
    with transaction() as session:
        closed = resources.save_inventory(session, found.provider, found.scopes, found.resources, at=at)
        measured = resources.save_utilization(session, found.provider, found.utilization)
    return Collected(found.provider, len(found.scopes), len(found.resources), closed, measured)
