"""What comes every month beside usage, read from the ledger."""

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
    """Return the purchases and taxes of a period. Raises as `allotted.sums` does."""
    asked = {**recurring.WHERE, **where}
    sums = allotted.sums(session, period=period, currency=currency, metric=metric, group_by=recurring.BY, where=asked)
    return Recurring.of((one.key, one.cost) for one in sums)


def ahead(
    session: Session,
    through: date,
    *,
    currency: str,
    metric: Metric = Metric.EFFECTIVE,
    where: Mapping[str, Sequence[str]] = EMPTY,
) -> Decimal:
    """Return what is still due after a day, in the month of the next day. Raises as `allotted.sums` does."""
    month = Period.month_of(through + ONE_DAY)
    return due(session, month, through, currency=currency, metric=metric, where=where)


def due(
    session: Session,
    month: Period,
    through: date,
    *,
    currency: str,
    metric: Metric = Metric.EFFECTIVE,
    where: Mapping[str, Sequence[str]] = EMPTY,
    shared_over: Period | None = None,
    state: str | None = None,
) -> Decimal:
    """Return what a month will bring after a day. Arguments and errors are those of `allotted.beside`."""
    if month.end <= through + ONE_DAY:
        return Decimal(0)
    periods = recurring.parts(month, through=through)
    found = allotted.beside(
        session, periods=periods, currency=currency, metric=metric, group_by=recurring.LINE,
        where={**recurring.WHERE, **where}, shared_over=shared_over, state=state,
    )  # fmt: skip
    sums = ((period, one.key, one.cost) for period, each in zip(periods, found, strict=True) for one in each)
    return Recurring.within(sums).due(month, through=through)
