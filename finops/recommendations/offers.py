"""What a card showed when somebody pressed its button, held against what is so at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from finops.foreign import shortened
from finops.money import EXACT, Money
from finops.tables import percent

MOST = Decimal("0.20")
"""A saving may have fallen by so much; beyond it the decision was about something else."""
NAMED, SHOWN = 4, 40


@dataclass(frozen=True, slots=True)
class Offer:
    """A saving a month, and the resource's fingerprint: what of it must not have changed since."""

    saving: Money
    resource: Mapping[str, str]
    """State, size, place, what it is attached to, and each tag; what it has not is left out."""


def changed(shown: Offer, now: Offer) -> str | None:
    """Say why what was shown cannot be approved any more, or None if it can."""
    if shown.resource != now.resource:
        return f"The resource has changed since this was posted ({_differences(shown.resource, now.resource)})"
    if shown.saving.currency != now.saving.currency:
        return f"Its bill is in {now.saving.currency} now, and was in {shown.saving.currency} when this was posted"
    fell = _fell(shown.saving.amount, now.saving.amount)
    if fell <= MOST:
        return None
    return f"The saving fell by {percent(fell)} since this was posted ({shown.saving} to {now.saving} a month)"


def _fell(before: Decimal, now: Decimal) -> Decimal:
    if before <= 0:
        return Decimal(0) if now >= before else Decimal(1)
    return EXACT.divide(EXACT.subtract(before, now), before)


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    return "; ".join(f"{name}: {_shown(before.get(name))}, now {_shown(now.get(name))}" for name in names[:NAMED])


def _shown(value: str | None) -> str:
    return shortened(value, SHOWN) if value else "none"
