"""What a commitment cost beside what it was worth: over its term, used + unused = purchases less refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.money import EXACT, total
from finops.periods import Period
from finops.reconcile.parts import DIGIT, Cause

ROUNDING = "rounding of the provider's own amounts"
GRACE = 7
"""Days without a charge after which a commitment counts as ended; providers write of it every day."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """All charges of one commitment that the ledger holds, in one currency, up to the end of the period."""

    id: str
    purchases: Decimal
    """Sum of BilledCost of its purchases."""
    used: Decimal
    unused: Decimal
    charges: int
    first: date
    """The day of its first charge, of whatever kind."""
    last: date
    """The day of the last use or waste."""
    refunded: Decimal = Decimal(0)
    """What was given back of them, above 0."""
    credited: Decimal = Decimal(0)
    """EffectiveCost of what was given back, above 0: that of refunds which stand for themselves."""
    assumed: bool = False
    """Whether EffectiveCost is not known, so that nothing can be said."""


@dataclass(frozen=True, slots=True)
class Balance:
    """A commitment and what is left of it: purchases - refunds - used - unused, and why."""

    commitment: Commitment
    left: Decimal
    cause: Cause | None

    @property
    def explained(self) -> bool:
        """Whether nothing needs a person."""
        return self.cause is None or self.cause.explained


def balance(known: Commitment, *, ledger: Period, through: date) -> Balance:
    """Hold a commitment's use and waste against its purchases.

    `ledger` is the days that the ledger holds of the source up to the period's end, `through` the last complete one: a
    fee of which later months will bear their share is left over, one that was paid before the first day is missing.
    """
    left = EXACT.subtract(known.purchases, total((known.refunded, known.used, known.unused)))
    if known.assumed:
        return Balance(known, left, None)
    if abs(left) <= DIGIT * known.charges and not known.credited:
        return Balance(known, left, Cause(ROUNDING, left, explained=True) if left else None)
    return Balance(known, left, Cause(*_why(known, left, ledger, through)))


def _why(known: Commitment, left: Decimal, ledger: Period, through: date) -> tuple[str, Decimal, bool]:
    if known.credited and abs(EXACT.add(left, known.credited)) <= DIGIT * known.charges:
        return "its refund stands for itself: use and waste bear the whole purchase", left, True
    if left < 0 and Period.month_of(known.first) == Period.month_of(ledger.start):
        return f"it was paid before {ledger.start}, where what we hold begins", left, True
    if left > 0 and (through - known.last).days <= GRACE:
        return "paid, and still to be used: later months bear it", left, True
    if known.credited and abs(left) <= DIGIT * known.charges:
        return "its refund lowers effective cost twice: what was used is less by it already", known.credited, False
    kept = " and not refunded" if known.refunded else ""
    if left > 0:
        return f"paid{kept}, but neither used nor unused since {known.last}", left, False
    return f"more was used or unused than was ever paid{kept}", left, False


def worst(found: Sequence[Balance]) -> list[Balance]:
    """Order those first that need a person, then by what is left."""
    return sorted(found, key=lambda one: (one.explained, -abs(one.left), one.commitment.id))
