"""What one unit costs: as a provider publishes it, or as the customer's own bill says, which always counts more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from finops.money import EXACT

HOUR = "hour"
HOURS_A_MONTH = 730
"""As providers convert a price by the month into one by the hour: 8,760 / 12."""
HOURS_A_YEAR = 8760
PLACES = Decimal("1e-12")
"""To which a price is rounded that had to be divided."""


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of one SKU in one region, each for one `unit`, in one currency. A price that is not known is None."""

    provider: str
    """aws, azure or gcp."""
    region: str
    sku: str
    """The provider's id of what is sold; of a list that has none, the instance type."""
    instance_type: str | None
    on_demand: Decimal | None
    currency: str
    valid_from: date
    source: str
    unit: str = HOUR
    vcpu: Decimal | None = None
    memory_gib: Decimal | None = None
    spot: Decimal | None = None
    commitment_1y: Decimal | None = None
    """By the unit, of a commitment for a year that is paid as it goes."""
    commitment_3y: Decimal | None = None
    billed: bool = False
    """Whether `on_demand` is what the customer's own bill says."""

    def priced(self, name: str, value: Decimal) -> Price:
        """Return it with one of its amounts set."""
        change: dict[str, Any] = {name: value}
        return replace(self, **change)


@dataclass(frozen=True, slots=True)
class BilledRate:
    """What the customer paid for one unit, of charges outside any commitment."""

    rate: Decimal
    currency: str
    first: date
    last: date


def prefer(billed: BilledRate | None, listed: Price | None, *, unnamed: Price | None = None) -> Price | None:
    """Return the price to reckon with: the bill's rate wherever there is one, the list's for all else.

    `unnamed` describes what is priced where no list knows it. A list in another currency than the bill's is left out:
    its spot and commitment prices could not stand beside the bill's rate.
    """
    if billed is None:
        return listed
    base = listed if listed is not None and listed.currency == billed.currency else unnamed
    if base is None:
        return listed
    told = f"your bill, {billed.first} to {billed.last}"
    source = f"{told}; else {base.source}" if base is listed else told
    return replace(
        base, on_demand=billed.rate, currency=billed.currency, valid_from=billed.first, source=source, billed=True
    )


def a_unit(amount: Decimal, units: int) -> Decimal:
    """Return the price of one unit of a price for many, rounded to twelve decimals."""
    return EXACT.divide(amount, Decimal(units)).quantize(PLACES, context=EXACT)


AMOUNTS = ("on_demand", "spot", "commitment_1y", "commitment_3y", "vcpu", "memory_gib")


def merged(prices: Iterable[Price]) -> list[Price]:
    """Join what a list says of one SKU and region in several places (on demand here, spot there) into one price.

    Of an amount that is named twice the one that holds from a later day counts; the price holds from the latest day.
    """
    found: dict[tuple[str, str, str, str], Price] = {}
    for one in prices:
        key = (one.provider, one.region, one.sku, one.currency)
        found[key] = _joined(found[key], one) if key in found else one
    return list(found.values())


def _joined(one: Price, other: Price) -> Price:
    old, new = sorted((one, other), key=lambda price: price.valid_from)
    known: dict[str, Any] = {name: value for name in AMOUNTS if (value := getattr(old, name)) is not None}
    known |= {name: value for name in AMOUNTS if (value := getattr(new, name)) is not None}
    return replace(new, **known)
