"""Budgets that were set at the clouds, as those of `budgets.yaml`: a person asks, and sees what would be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module

from finops.budgets import Budget
from jobs.sources import SourceEntry

PROVIDERS = {"azure-usage": "jobs.providers.azure.limits:limits", "bigquery": "jobs.providers.gcp.limits:limits"}
"""Who knows the budgets of where bills come from, by the scheme of a source's address."""
BILLED = "billed"
"""Providers hold what they invoice against a budget."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A provider's budget."""

    source: str
    name: str
    amount: Decimal | None
    currency: str | None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of `/cost`: whose costs."""
    lacking: str = ""
    """Why it cannot be a budget here; empty if it can."""

    @property
    def budget(self) -> Budget | None:
        """The budget that it is here, of a calendar month and of what is billed; None if it cannot be one."""
        if self.lacking or not self.amount or self.amount < 0:
            return None
        whose = dict(self.where)
        return Budget(name=self.name[:80], amount=self.amount, currency=self.currency, metric=BILLED, where=whose)


Limits = Callable[[SourceEntry], Iterable[Limit]]


def fetch(entries: Iterable[SourceEntry]) -> Iterator[Limit]:
    """Ask every provider whose bills are listed for its budgets, each account once. Raises CostsError."""
    asked: set[str | None] = set()
    for entry in entries:
        path = PROVIDERS.get(entry.scheme or "")
        if path is None or entry.bills in asked:
            continue
        asked.add(entry.bills)
        module, name = path.split(":")
        limits: Limits = getattr(import_module(module), name)
        yield from limits(entry)
