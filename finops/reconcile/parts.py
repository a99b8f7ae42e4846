"""What reconciling works on: a billing period's charges summed by what they are, and causes of a residual."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from finops.money import total

EQUAL = Decimal("1e-12")
"""Two sums of the same charges differ by no more than this; DESIGN's promise for a period's total."""
REFUNDS = ("Purchase", "Credit", "Adjustment")
"""FOCUS ChargeCategory of what a refund may be: a purchase below 0 by FOCUS, and what else providers write."""
DIGIT = Decimal("1e-9")
"""What a provider may round away of one charge: reports carry ten decimals, doubles about fifteen digits."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Billed and effective cost of a number of charges, in one currency."""

    charges: int
    billed: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """The charges of one source, billing period and currency that are alike in everything that reconciling asks."""

    sums: Sums
    invoice: str | None
    """FOCUS InvoiceId; nothing before there is an invoice."""
    category: str | None
    """FOCUS ChargeCategory."""
    correction: bool
    """Whether FOCUS ChargeClass is Correction."""
    commitment: str | None
    """FOCUS CommitmentDiscountId."""
    status: str | None
    """FOCUS CommitmentDiscountStatus: Used, Unused or nothing."""
    assumed: bool = False
    """Whether the format has no EffectiveCost of these charges, so that billed cost stands in for it."""
    drawn: bool = False
    """Whether these charges are billed at 0 and yet have an EffectiveCost, as use of what was paid ahead has."""
    credit: bool = False
    """Whether these charges are billed below 0."""

    @property
    def refund(self) -> bool:
        """Whether these charges give back what a commitment cost: billed below 0, and neither use nor waste of it."""
        named = self.commitment is not None and self.status is None
        return self.credit and named and self.category in REFUNDS


@dataclass(frozen=True, slots=True)
class Cause:
    """A part of a residual, by name. What is not explained needs a person."""

    name: str
    amount: Decimal
    explained: bool


def add(parts: Iterable[Sums]) -> Sums:
    """Sum exactly."""
    each = list(parts)
    return Sums(
        sum(one.charges for one in each), total(one.billed for one in each), total(one.effective for one in each)
    )
