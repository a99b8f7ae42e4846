"""Google's budgets as ours: those of calendar months with an amount, of all that a billing account pays."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.limits import Limit
from jobs.providers.gcp import catalog, export
from jobs.sources import SourceEntry


def limits(entry: SourceEntry) -> Iterator[Limit]:
    """Yield the budgets of the billing account whose export is read. Raises CostsError."""
    account = export.parse(str(entry.bills)).account.replace("_", "-")
    for one in catalog.budgets(account):
        name = one.name or one.budget_id
        yield Limit(entry.name, name, one.amount, one.currency, {"provider": ("gcp",)}, _lacking(one))


def _lacking(one: catalog.Budget) -> str:
    if one.amount is None:
        return "its amount follows what was spent the period before"
    if one.period != "MONTH":
        return f"it is of another span than a month ({one.period.lower() or 'dates of its own'})"
    return "it is about some projects, which Google tells by numbers that no bill has" if one.projects else ""
