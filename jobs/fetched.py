"""What a provider's fetcher brings: known to the providers, who need not know what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jobs.bills.told import Told
from jobs.sources import SourceEntry


@dataclass(frozen=True, slots=True)
class Fetched:
    """One delivery that a fetcher brought."""

    version: str
    """What tells this version of this billing period from all others: a manifest's execution, an entity tag."""
    files: tuple[Path, ...]
    billing_period: str | None = None
    """`2026-09` where the provider says so."""
    told: Mapping[Path, Told] = field(default_factory=dict)
    """What is known of the files beside what they hold: when they were made, and of Azure's which cost they list."""
    account_names: dict[str, str] = field(default_factory=dict)
    """What sub accounts are called, where the bill itself does not say."""
    notes: tuple[str, ...] = ()
    """What could not be had beside the bill, each in a sentence; the bill is whole without it."""


Fetch = Callable[[SourceEntry, Path, Callable[[str], bool]], Iterator[Fetched]]
"""Given an entry, an empty folder to write into, and whether a version is known already. Raises CostsError."""
