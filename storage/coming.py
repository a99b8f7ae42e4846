"""What is expected of a month's days to come, by the forecast of those costs or of a part that they are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Unpack

from sqlalchemy.orm import Session

from finops.ahead import Ahead
from finops.focus import Dimension
from finops.periods import Period
from storage import accounts, forecasts, recurring
from storage.charges import EMPTY, Asked
from storage.selecting import TAG


def of(session: Session, through: date, **asked: Unpack[Asked]) -> Ahead:
    """Look at the month of a day, after that day: the one answer that all who say where a month lands go by.

    Raises as `storage.allotted.beside` does.
    """
    due = recurring.due(session, Period.month_of(through), through, **asked)
    rest = forecasts.rest(session, after=through, **asked)
    return Ahead(_of_part(session, through, **asked) if rest is None else rest, due)


def _of_part(session: Session, through: date, **asked: Unpack[Asked]) -> Decimal | None:
    """Return what the forecast by the one thing that is filtered by, to one name, expects of usage."""
    where = asked.get("where", EMPTY)
    if [len(values) for values in where.values()] != [1]:
        return None
    ((word, (value,)),) = where.items()
    names = accounts.either(session, value) if word == Dimension.SUB_ACCOUNT else {value}
    by = (word, word.removeprefix(TAG))  # a team is one by its rules, or by its tag
    return forecasts.part_rest(session, after=through, group_by=by, names=names, **asked)
