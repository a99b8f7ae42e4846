"""What a rule finds of one scope, and whether that became worse or better than people know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.alerting.lifecycle import AlertAct
from finops.money import EXACT

WORSE, BETTER = Decimal("1.25"), Decimal("0.75")
"""Of the distance from what is expected: less of a change is kept, and no news."""
NEARER = Decimal("0.5")
"""Of what runs out: news when half of what was left then is left, so that a month has five at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule finds now of one scope: days (end exclusive), value, what it is held against, all in a sentence."""

    scope: str
    value: Decimal
    expected: Decimal | None
    currency: str | None
    first_day: date
    end_day: date
    sentence: str
    provisional: bool = False
    opens: bool = True
    """Whether it may open an alert; what may not still keeps one open."""
    announced: bool = False
    """Whether the channel of announcements was told by another message already."""
    runs_out: bool = False
    """Whether the value is what is left of something, so that less is worse."""


def course(noted: Decimal, found: Found) -> AlertAct | None:
    """Return WORSE or BETTER than the value that people know, by the distance from what is expected; else None."""
    if found.runs_out:
        nearer = found.value <= EXACT.multiply(noted, NEARER) and found.value < noted
        return AlertAct.WORSE if nearer else AlertAct.BETTER if found.value > noted else None
    base = found.expected or Decimal(0)
    before, now = abs(EXACT.subtract(noted, base)), abs(EXACT.subtract(found.value, base))
    if now > EXACT.multiply(before, WORSE):
        return AlertAct.WORSE
    return AlertAct.BETTER if now < EXACT.multiply(before, BETTER) else None


def worse_of(worst: Decimal, found: Found) -> Decimal:
    """Return which of two values is farther from what is expected, or which is nearer to nothing left."""
    if found.runs_out:
        return min(worst, found.value)
    base = found.expected or Decimal(0)
    return max((worst, found.value), key=lambda value: abs(EXACT.subtract(value, base)))
