"""What comes every month beside usage, read from the ledger.

Where allocation rules share it, it is shared by what each has cost since the first of the full months before: the month
itself may have nothing yet that could tell.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Unpack

from sqlalchemy.orm import Session

from finops import recurring
from finops.periods import ONE_DAY, Period
from finops.recurring import Recurring
from storage import allotted
from storage.charges import EMPTY, Asked


def read(session: Session, period: Period, **asked: Unpack[Asked]) -> Recurring:
    """Return what tells what was due on each day of a period. Raises as `allotted.sums` does."""
    known, over = Period(recurring.since(period.start), period.end), _shared_over(period.end)
    asked["where"] = {**recurring.WHERE, **asked.get("where", EMPTY)}
    sums = allotted.sums(session, period=known, group_by=recurring.BY, shared_over=over, **asked)
    return Recurring.of((one.key, one.cost) for one in sums)


def _shared_over(end: date) -> Period:
    return Period(recurring.since(end - ONE_DAY), end)


def due(session: Session, month: Period, through: date, **asked: Unpack[Asked]) -> Decimal:
    """Return what a month will bring after a day. Arguments and errors are those of `allotted.beside`."""
    if month.end <= through + ONE_DAY:
        return Decimal(0)
    periods, over = recurring.parts(month, through=through), _shared_over(through + ONE_DAY)
    asked["where"] = {**recurring.WHERE, **asked.get("where", EMPTY)}
    found = allotted.beside(session, periods=periods, group_by=recurring.LINE, shared_over=over, **asked)
    sums = ((period, one.key, one.cost) for period, each in zip(periods, found, strict=True) for one in each)
    return Recurring.within(sums).due(month, through=through)
