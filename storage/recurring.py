"""What comes every month beside usage, read from the ledger.

Where allocation rules share it, it is shared by what each has cost since the first of the full months before: the month
itself may have nothing yet that could tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from finops import recurring
from finops.focus import Metric
from finops.periods import ONE_DAY, Period
from finops.recurring import Recurring
from storage import allotted
from storage.charges import EMPTY


def read(
    session: Session,
    period: Period,
    *,
    currency: str,
    metric: Metric = Metric.EFFECTIVE,
    where: Mapping[str, Sequence[str]] = EMPTY,
) -> Recurring:
    """Return what tells what was due on each day of a period. Raises as `allotted.sums` does."""
    known = Period(recurring.since(period.start), period.end)
    sums = allotted.sums(
        session, period=known, currency=currency, metric=metric, group_by=recurring.BY,
        where={**recurring.WHERE, **where}, shared_over=_shared_over(period.end),
    )  # fmt: skip
    return Recurring.of((one.key, one.cost) for one in sums)


def _shared_over(end: date) -> Period:
    return Period(recurring.since(end - ONE_DAY), end)


def due(
    session: Session,
    month: Period,
    through: date,
    *,
    currency: str,
    metric: Metric = Metric.EFFECTIVE,
    where: Mapping[str, Sequence[str]] = EMPTY,
    state: str | None = None,
) -> Decimal:
    """Return what a month will bring after a day. Arguments and errors are those of `allotted.beside`."""
    if month.end <= through + ONE_DAY:
        return Decimal(0)
    periods = recurring.parts(month, through=through)
    found = allotted.beside(
        session, periods=periods, currency=currency, metric=metric, group_by=recurring.LINE,
        where={**recurring.WHERE, **where}, shared_over=_shared_over(through + ONE_DAY), state=state,
    )  # fmt: skip
    sums = ((period, one.key, one.cost) for period, each in zip(periods, found, strict=True) for one in each)
    return Recurring.within(sums).due(month, through=through)
