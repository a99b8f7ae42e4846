"""What is expected of a month's days to come, by the forecast of those costs or of a part that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from finops.ahead import Ahead
from finops.focus import Dimension, Metric
from finops.periods import Period
from storage import accounts, forecasts, recurring
from storage.charges import EMPTY
from storage.selecting import TAG


def of(
    session: Session,
    through: date,
    *,
    currency: str,
    metric: Metric = Metric.EFFECTIVE,
    where: Mapping[str, Sequence[str]] = EMPTY,
    state: str | None = None,
) -> Ahead:
    """Look at the month of a day, after that day: the one answer that all who say where a month lands go by.

    With the ledger's `state` what was asked before is remembered. Raises as `storage.allotted.beside` does.
    """
    rest = forecasts.rest(session, after=through, currency=currency, metric=metric, where=where)
    if rest is None:
        rest = _of_part(session, through, currency, metric, where)
    month = Period.month_of(through)
    due = recurring.due(session, month, through, currency=currency, metric=metric, where=where, state=state)
    return Ahead(rest, due)


def _of_part(
    session: Session, through: date, currency: str, metric: Metric, where: Mapping[str, Sequence[str]]
) -> Decimal | None:
    """Return what the forecast by the one thing that is filtered by, to one name, expects of usage."""
    if [len(values) for values in where.values()] != [1]:
        return None
    ((word, (value,)),) = where.items()
    names = accounts.either(session, value) if word == Dimension.SUB_ACCOUNT else {value}
    by = (word, word.removeprefix(TAG))  # a team is one by its rules, or by its tag
    return forecasts.part_rest(session, after=through, currency=currency, metric=metric, group_by=by, names=names)
