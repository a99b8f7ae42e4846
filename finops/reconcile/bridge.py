"""From what was billed to what was used: billed - commitment purchases + their refunds + used + unused = effective.

By FOCUS 1.2 (BilledCost, EffectiveCost) a commitment's purchase has EffectiveCost 0, what it covers has BilledCost 0,
and every other charge has the same in both; only purchases that are paid ahead without being a commitment (a domain, a
yearly licence) may differ. A refund that names a commitment either takes back a part of its purchase (EffectiveCost 0)
or stands for itself (the same in both). Whatever breaks that is a cause by name:
https://focus.finops.org/focus-specification/v1-2/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.money import EXACT, total
from finops.reconcile.parts import DIGIT, Cause, Part, add

PURCHASE = "Purchase"
STATUSES = ("Used", "Unused")


@dataclass(frozen=True, slots=True)
class Bridge:
    """The steps from billed to effective cost in one currency; what is left over is in the causes."""

    billed: Decimal
    purchases: Decimal
    refunds: Decimal
    """What was given back of purchases, above 0; without refunds that stand for themselves."""
    used: Decimal
    unused: Decimal
    effective: Decimal
    causes: tuple[Cause, ...]
    assumed: int
    """Of how many charges billed cost stands in for EffectiveCost: their bridge says nothing."""
    charges: int

    @property
    def residual(self) -> Decimal:
        """Return effective cost minus what the steps arrive at; the causes add up to it."""
        arrived = total((self.billed, -self.purchases, self.refunds, self.used, self.unused))
        return EXACT.subtract(self.effective, arrived)

    @property
    def explained(self) -> bool:
        """Whether nothing needs a person."""
        return all(one.explained for one in self.causes)


def bridge(parts: Sequence[Part]) -> Bridge:
    """Walk from billed to effective cost. Charges whose EffectiveCost is assumed are left out of the causes."""
    known = [one for one in parts if not one.assumed]
    whole = add(one.sums for one in parts)
    causes = (*_of_commitments(known), *_of_others(known))
    return Bridge(
        billed=whole.billed,
        purchases=total(one.sums.billed for one in known if _is_purchase(one)),
        refunds=-total(one.sums.billed for one in known if one.refund and not one.sums.effective),
        used=_worth(known, "Used"),
        unused=_worth(known, "Unused"),
        effective=whole.effective,
        causes=tuple(one for one in causes if one.amount),
        assumed=sum(one.sums.charges for one in parts if one.assumed),
        charges=whole.charges,
    )


def _is_purchase(one: Part) -> bool:
    return one.commitment is not None and one.category == PURCHASE and not one.refund


def _worth(parts: Iterable[Part], status: str) -> Decimal:
    return total(one.sums.effective for one in parts if one.commitment is not None and one.status == status)


def _of_commitments(parts: Sequence[Part]) -> list[Cause]:
    refunds = [one for one in parts if one.refund and one.sums.effective]
    mine = [one for one in parts if one.commitment is not None and not one.refund]
    covered = [one for one in mine if one.category != PURCHASE]
    unnamed = [one for one in mine if one.status not in STATUSES]
    return [
        _cause("usage under a commitment is billed as well (its BilledCost should be 0)", covered, _minus_billed),
        _cause(
            "a commitment's purchase has an EffectiveCost (it should be 0)",
            [one for one in unnamed if one.category == PURCHASE],
            _effective,
        ),
        _cause(
            "charges of a commitment are neither used nor unused",
            [one for one in unnamed if one.category != PURCHASE],
            _effective,
        ),
        _cause(
            "a commitment's refund has an EffectiveCost (it should be 0, or what was refunded)", refunds, _difference
        ),
    ]


def _of_others(parts: Sequence[Part]) -> list[Cause]:
    """Name the differences of charges that belong to no commitment, by category."""
    others = [one for one in parts if one.commitment is None]
    paid_ahead = [one for one in others if one.category == PURCHASE]
    found = [
        _cause("purchases that are paid ahead without being a commitment", paid_ahead, _difference, explained=True)
    ]
    drawn = [one for one in others if one.drawn and one.category == "Usage"]
    found.append(_cause("use of what was paid ahead without being a commitment", drawn, _difference, explained=True))
    others = [one for one in others if one not in drawn]
    for category in sorted({str(one.category) for one in others} - {PURCHASE}):
        name = f"{category} without a commitment, yet its EffectiveCost is not its BilledCost"
        found.append(_cause(name, [one for one in others if str(one.category) == category], _difference))
    return found


def _minus_billed(one: Part) -> Decimal:
    return -one.sums.billed


def _effective(one: Part) -> Decimal:
    return one.sums.effective


def _difference(one: Part) -> Decimal:
    return EXACT.subtract(one.sums.effective, one.sums.billed)


def _cause(name: str, parts: Sequence[Part], amount: Callable[[Part], Decimal], *, explained: bool = False) -> Cause:
    """Sum a cause; what is no more than the provider's own rounding is explained by that."""
    found = total(amount(one) for one in parts)
    rounding = DIGIT * sum(one.sums.charges for one in parts)
    if abs(found) <= rounding:
        return Cause("rounding of the provider's own amounts", found, explained=True)
    return Cause(name, found, explained=explained)
