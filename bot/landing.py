"""The sums that a question asks the ledger for, and where a month will land by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from bot.questions import CostQuestion
from finops.ahead import Ahead
from finops.focus import Dimension
from finops.money import total
from finops.periods import ONE_DAY, Period
from finops.results import cents
from finops.trend import landing
from storage import allotted, charges, coming
from storage.charges import CostSum

HISTORY = timedelta(days=35)
"""What the landing wants to know: four weeks, and a little."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, in one currency, of the ledger in one state."""

    question: CostQuestion
    currency: str
    state: str

    @property
    def costs(self) -> charges.Asked:
        """Which costs it is about."""
        question = self.question
        return {"currency": self.currency, "metric": question.metric, "where": question.where, "state": self.state}


def sums(
    session: Session,
    asked: Asked,
    periods: Sequence[Period],
    dims: tuple[str, ...],
    *,
    shared_over: Period | None = None,
) -> list[list[CostSum]]:
    """Return the sums of each period. Raises as `allotted.beside` does."""
    return allotted.beside(session, periods=periods, group_by=dims, shared_over=shared_over, **asked.costs)


def of(session: Session, asked: Asked, current: Period, *, spent: Decimal) -> Decimal | None:
    """Estimate where the month will land, of which `spent` is there: by the forecast of these costs, if one was made.

    Else usage goes on as its weekdays did. Fees come that came each month, and all else does not repeat.
    """
    left = coming.of(session, current.end - ONE_DAY, **asked.costs)
    if left.rest is not None:
        return cents(total([spent, left.rest, left.due]))
    return _by_pace(session, asked, current, left)


def _by_pace(session: Session, asked: Asked, current: Period, left: Ahead) -> Decimal | None:
    span = Period(current.start - HISTORY, current.end)
    by = (Dimension.DAY.value, Dimension.CHARGE_CATEGORY.value)
    usage: dict[date, Decimal] = {}
    one_off = Decimal(0)
    [found] = sums(session, asked, (span,), by, shared_over=current)
    for one in found:
        day = date.fromisoformat(str(one.key[Dimension.DAY]))
        if one.key[Dimension.CHARGE_CATEGORY] == "Usage":
            usage[day] = one.cost
        elif day in current:
            one_off += one.cost
    return landing(usage, through=current.end - ONE_DAY, one_off=one_off, ahead=left)
