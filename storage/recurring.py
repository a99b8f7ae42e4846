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
    known = Period(recurring.since(month.start), through + ONE_DAY)
    found = read(session, known, currency=currency, metric=metric, where=where)
    return found.due(month, through=through)
