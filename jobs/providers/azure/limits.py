"""Azure's budgets as ours: those of calendar months, of a subscription or of all that a billing account pays."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jobs.limits import Limit
from jobs.providers.azure import budgets, usage
from jobs.sources import SourceEntry

MONTHLY = ("Monthly", "BillingMonth")
SUBSCRIPTION = re.compile(r"/?subscriptions/(?P<id>[^/]+)", re.IGNORECASE)


def limits(entry: SourceEntry) -> Iterator[Limit]:
    """Yield the budgets of the scope whose usage details are read. Raises CostsError."""
    for one in budgets.budgets(usage.address(entry).scope):
        held = SUBSCRIPTION.fullmatch(one.scope)
        where = {"account": (held["id"],)} if held else {"provider": ("azure",)}
        yield Limit(entry.name, one.name, one.amount, one.currency, where, _lacking(one, whole=held is not None))


def _lacking(one: budgets.Budget, *, whole: bool) -> str:
    if one.grain not in MONTHLY:
        return f"it is of another span than a month ({one.grain})"
    if not whole and "billingaccounts" not in one.scope.lower():
        return f"it is about {one.scope}, which bills do not tell apart by a word of /cost"
    return ""
