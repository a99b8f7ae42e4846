"""What one unit costs: the cost of each SKU by how much of it was used, and how that changed.

    unit cost = cost / pricing quantity

as FOCUS has it, where the unit is the one that the price is quoted in. The metric decides whose price it is: effective
cost has what commitments and discounts take off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Self

from finops.growth import Item, Use, Used
from finops.money import EXACT, Money
from finops.results import Amount, Result, ratio
from finops.tables import Percent, Rate, Table, Titled, missing

NAMELESS: Mapping[str, str] = {}
KEPT = Decimal("1e-18")
"""As exact as the ledger."""


@dataclass(frozen=True, slots=True)
class UnitCost:
    """One SKU: what was used of it, what that cost, and what a unit cost then and now."""

    item: Item
    quantity: Decimal
    cost: Decimal
    now: Decimal
    before: Decimal | None
    """None where none of it was used, or its quantity is not known."""

    @property
    def change(self) -> Decimal | None:
        """Return the change of what a unit costs, as a ratio: 0.25 is a quarter dearer."""
        return EXACT.divide(EXACT.subtract(self.now, self.before), self.before) if self.before else None


def unit_costs(before: Use, now: Use, *, top: int = 10) -> list[UnitCost]:
    """Return the dearest items whose quantity is known, by what all of each costs. Amounts are of one currency."""
    found = [
        UnitCost(item, used.quantity or Decimal(0), used.cost, price, _price(before.get(item)))
        for item, used in now.items()
        if (price := _price(used)) is not None and used.cost > 0
    ]
    return sorted(found, key=lambda one: (-one.cost, one.item))[:top]


def _price(used: Used | None) -> Decimal | None:
    if used is None or not used.quantity or used.quantity < 0:
        return None
    return EXACT.divide(used.cost, used.quantity).quantize(KEPT, ROUND_HALF_EVEN, context=EXACT)


def table(
    found: Sequence[UnitCost], currency: str, called: Mapping[str, str] = NAMELESS, *, comparable: bool = True
) -> Table:
    """Show them, by what SKUs are `called`; the change only where the days before are wholly known."""
    rows = [
        (
            Titled(
                called.get(one.item.sku, one.item.sku), f"{one.item.service or missing('service')}, {one.item.unit}"
            ),
            Money(one.cost, currency),
            Rate(one.now, currency),
            Percent(one.change if comparable else None, signed=True),
        )
        for one in found
    ]
    return Table(("What one unit costs", "All of it", "A unit", "Change"), rows)


class UnitCostResult(Result):
    """One SKU, as a result."""

    service: str
    sku: str
    unit: str
    quantity: Amount
    cost: Amount
    unit_cost: Amount
    previous: Amount | None
    """What a unit cost in the same days before."""
    change_share: Amount | None

    @classmethod
    def of(cls, one: UnitCost) -> Self:
        """Take it from what was found."""
        return cls(
            service=one.item.service,
            sku=one.item.sku,
            unit=one.item.unit,
            quantity=one.quantity,
            cost=one.cost,
            unit_cost=one.now,
            previous=one.before,
            change_share=ratio(one.change),
        )
