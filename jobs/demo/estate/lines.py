"""Streams of charges: one resource and one SKU over all days, as exact integers.

Money is counted in units of 10^-10 USD and never passes through a float. A price with p decimals (at least 6) leaves
10 - p decimals for the quantity, so that their product needs no rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.demo.estate.timeline import Floats, Ints, Timeline

SCALE = 10
UNIT = 10_000_000_000
LEAST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Price:
    """A price a unit, and how many decimals the quantity has beside it."""

    text: str

    @property
    def decimals(self) -> int:
        """How many decimals of `UNIT` the price uses."""
        return max(LEAST_DECIMALS, -int(Decimal(self.text).as_tuple().exponent))

    @property
    def number(self) -> int:
        """The price as an integer."""
        return int(Decimal(self.text).scaleb(self.decimals))

    @property
    def quantum(self) -> int:
        """How many quantity integers make one unit."""
        return int(10 ** (SCALE - self.decimals))

    def whole(self, quantity: Floats | Ints) -> Ints:
        """Turn a quantity into integers, to the nearest."""
        return np.rint(np.asarray(quantity, dtype=np.float64) * self.quantum).astype(np.int64)


@dataclass(slots=True)
class Line:
    """One stream. `attributes` are the same every day; arrays have one number a day."""

    attributes: Mapping[str, Any]
    quantity: Ints
    cost: Ints
    quantum: int = 1
    effective: Ints | None = None
    """Effective cost where it is not the billed one."""
    days: NDArray[np.bool_] | None = None
    """On which days there is a charge; by default those with a quantity."""
    monthly: bool = False
    """Whether a charge is for the whole billing month rather than its day."""
    extra: Mapping[str, Ints] = field(default_factory=dict)

    @property
    def charged(self) -> NDArray[np.bool_]:
        """The days with a charge."""
        return self.quantity != 0 if self.days is None else self.days

    @property
    def effective_cost(self) -> Ints:
        """What it effectively cost on each day."""
        return self.cost if self.effective is None else self.effective


def usage(attributes: Mapping[str, Any], price: str, quantity: Floats | Ints, **more: Any) -> Line:  # noqa: ANN401
    """Make the stream of something used at a price a unit."""
    each = Price(price)
    whole = each.whole(quantity)
    return Line({"price": price, **attributes}, whole, whole * each.number, each.quantum, **more)


def once(attributes: Mapping[str, Any], timeline: Timeline, amounts: Mapping[int, int], **more: Any) -> Line:  # noqa: ANN401
    """Make single charges: the day number and the amount in 10^-10 USD of each."""
    cost = np.zeros(timeline.days, dtype=np.int64)
    for day, amount in amounts.items():
        cost[day] = amount
    return Line(attributes, (cost != 0).astype(np.int64), cost, **more)


def alive(timeline: Timeline, launched: int) -> NDArray[np.bool_]:
    """Return the days on which something launched so many days before today exists."""
    return np.arange(timeline.days) >= timeline.days - launched


def by_month(timeline: Timeline, values: Ints) -> list[int]:
    """Sum a number a day into one a billing month, exactly."""
    starts = [timeline.first(month) for month in range(len(timeline.months))]
    return [int(total) for total in np.add.reduceat(values, starts)]


def decimal(amount: int) -> str:
    """Write 10^-10 USD as exact decimal text."""
    return f"{Decimal(int(amount)).scaleb(-SCALE):f}"


@dataclass(frozen=True, slots=True)
class Sku:
    """One thing that a service charges for. `share` is its part of the service's cost."""

    code: str
    title: str
    unit: str
    price: str
    share: float
    pattern: str = "week"
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that the company uses `count` times, for `monthly` USD each."""

    service: str
    place: str
    apps: Sequence[str]
    """`team/app` of each use, in turn."""
    count: int
    monthly: float
    skus: Sequence[Sku]
    details: Mapping[str, str] = field(default_factory=dict)
    """What the provider calls it; `resource` is a template of `{name}` and `{id}`."""


def daily(timeline: Timeline, sku: Sku, monthly: float, name: str) -> Floats:
    """Return the quantity of a SKU on each day, for a service that costs so much a month today."""
    factor = timeline.pattern(sku.pattern, f"{name}/{sku.code}")
    return monthly * sku.share / 30 / float(sku.price) * factor


def apply_spike(timeline: Timeline, quantity: Floats, *, ago: int, days: int, times: float) -> Floats:
    """Multiply some days."""
    changed = quantity.copy()
    changed[timeline.ago(ago) : timeline.ago(ago) + days] *= times
    return changed


def apply_ramp(timeline: Timeline, quantity: Floats, *, ago: int, a_day: float) -> Floats:
    """Let it grow by a rate a day from some days ago until today."""
    age = np.maximum(0, np.arange(timeline.days) - timeline.ago(ago))
    return quantity * (1 + a_day) ** age
