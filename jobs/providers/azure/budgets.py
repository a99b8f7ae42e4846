"""Budgets that people set in Azure, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from jobs.providers.azure import clients

BUDGETS = "Microsoft.Consumption/budgets"


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount that a scope is meant to cost at most in each of its periods."""

    name: str
    scope: str
    """`/subscriptions/ID`, or a resource group or billing account."""
    amount: Decimal
    currency: str | None
    """Nothing before Azure has counted anything: it says the currency only of what was spent."""
    grain: str
    """Azure's word: `Monthly`, `Quarterly`, `Annually`, and `BillingMonth` and so on."""


def budgets(scope: str) -> Iterator[Budget]:
    """Return the budgets of a scope (`subscriptions/ID`). Raises BadAnswerError, RefusedError."""
    with clients.asking(f"{BUDGETS} of {scope}", needs=f"{BUDGETS}/read"):
        for one in clients.consumption().budgets.list(scope.strip("/")):
            about = one.properties
            if about is None or not one.id:
                continue
            place = "/" + one.id.strip("/").rpartition(f"/providers/{BUDGETS}/")[0]
            spent = about.current_spend
            currency = spent.unit if spent else None
            grain = getattr(about.time_grain, "value", about.time_grain)  # a word that the SDK does not know is bare
            yield Budget(str(one.name), place, Decimal(about.amount), currency, str(grain))
