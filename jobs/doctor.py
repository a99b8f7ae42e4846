"""What the credentials of this machine may read: asked with the very calls that collecting makes, a page at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from jobs.sources import SourceEntry

CHECKS = {name: f"jobs.providers.{name}.doctor:checks" for name in ("aws", "azure", "gcp")}
SCHEMES = {"s3": "aws", "cost-explorer": "aws", "azure-blob": "azure", "azure-usage": "azure", "bigquery": "gcp"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried."""

    provider: str
    what: str
    """What collecting does with it: `list the exports in s3://bucket/prefix`."""
    well: bool
    missing: str | None = None
    """The permission that is missing, by the provider's name for it: `ce:GetCostAndUsage`."""
    lost: str | None = None
    """What will therefore not be collected."""
    advice: str | None = None
    """What to do, in one sentence."""


Checks = Callable[[Sequence[SourceEntry]], Iterable[Check]]
"""Given a provider's entries; never raises for what a provider refuses: that is what it reports."""


def examine(entries: Iterable[SourceEntry]) -> Iterator[Check]:
    """Try everything that the entries need of their providers; entries that need only files are not asked about."""
    listed = list(entries)
    for provider, path in CHECKS.items():
        mine = [one for one in listed if provider_of(one) == provider]
        if mine:
            module, name = path.split(":")
            checks: Checks = getattr(import_module(module), name)
            yield from checks(mine)


def provider_of(entry: SourceEntry) -> str | None:
    """Return whose credentials an entry needs; nothing if it reads files of this machine."""
    if entry.inventory == "live":
        return entry.provider
    return SCHEMES.get(entry.scheme or "")
