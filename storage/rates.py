"""Exchange rates that were imported, and the one that holds for a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.rates import STALE, Conversion, Rate, find
from storage.models import ExchangeRate

BATCH = 5000


def save(session: Session, rates: Iterable[Rate]) -> int:
    """Keep rates; one of the same day, pair and source is replaced. Returns how many."""
    count, each = 0, iter(rates)
    while batch := list(islice(each, BATCH)):
        rows = {(one.day, one.base, one.quote, one.source): one for one in batch}
        given = insert(ExchangeRate).values(
            [
                {"day": one.day, "base": one.base, "quote": one.quote, "rate": one.value, "source": one.source}
                for one in rows.values()
            ]
        )
        key = ["day", "base", "quote", "source"]
        session.execute(given.on_conflict_do_update(index_elements=key, set_={"rate": given.excluded.rate}))
        count += len(rows)
    return count


def conversion(session: Session, base: str, quote: str, day: date) -> Conversion:
    """Return the rate to convert with, as of a day. Raises MissingRateError."""
    near = select(ExchangeRate).where(ExchangeRate.day > day - STALE, ExchangeRate.day <= day)
    known = [Rate(one.day, one.base, one.quote, one.rate, one.source) for one in session.scalars(near)]
    return find(known, base, quote, day)


def newest(session: Session) -> list[Rate]:
    """Return the newest rate of every pair and source."""
    latest = select(
        ExchangeRate,
        func.row_number()
        .over(
            partition_by=(ExchangeRate.base, ExchangeRate.quote, ExchangeRate.source),
            order_by=ExchangeRate.day.desc(),
        )
        .label("place"),
    ).subquery()
    found = select(latest.c.day, latest.c.base, latest.c.quote, latest.c.rate, latest.c.source).where(
        latest.c.place == 1
    )
    return [Rate(*row) for row in session.execute(found.order_by(latest.c.source, latest.c.base, latest.c.quote))]
