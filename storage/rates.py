"""Exchange rates that were imported, and the one that holds for a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Numeric, and_, cast, column, func, or_, select, values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.rates import JUMP, NEAR, STALE, ContradictionError, Conversion, JumpError, Rate, find
from storage.models import ExchangeRate

BATCH = 5000
KEY = ("day", "base", "quote", "source")
NEIGHBOUR = ("day", "rate", "imported_at")


def save(session: Session, rates: Iterable[Rate], *, anyway: bool = False) -> int:
    """Keep rates; returns how many. Raises ContradictionError, and JumpError, if they are not to be kept anyway.

    Of the same day, pair and source another rate may be kept already: it is replaced only if it is wanted `anyway`.
    """
    count, each = 0, iter(rates)
    while batch := list(islice(each, BATCH)):
        rows = [{**{name: getattr(one, name) for name in KEY}, "rate": one.value} for one in batch]
        if not anyway:
            _check(session, rows)
        given = insert(ExchangeRate).values(rows)
        renewed = {"rate": given.excluded.rate, "imported_at": func.now()}
        other = ExchangeRate.rate != given.excluded.rate
        session.execute(given.on_conflict_do_update(index_elements=KEY, set_=renewed, where=other))
        count += len(batch)
    if not anyway:
        _smooth(session)
    return count


def _check(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what contradicts a rate that is kept: another one of the same pair, or of the pair turned around."""
    columns = [column(name, ExchangeRate.__table__.c[name].type) for name in (*KEY, "rate")]
    given = values(*columns, name="given").data([tuple(row[name] for name in (*KEY, "rate")) for row in rows]).c
    exact, kept = cast(given.rate, Numeric(38, 18)), ExchangeRate
    of_day = and_(kept.day == given.day, kept.source == given.source)
    same = and_(of_day, kept.base == given.base, kept.quote == given.quote, kept.rate != exact)
    turned = and_(of_day, kept.base == given.quote, kept.quote == given.base, func.abs(kept.rate * exact - 1) > NEAR)
    for contradicts in (same, turned):
        found = session.execute(select(kept, given.base, given.quote, given.rate).where(contradicts).limit(1)).first()
        if found:
            before = _rate(found[0])
            raise ContradictionError(before, Rate(before.day, found[1], found[2], found[3], before.source))


def _smooth(session: Session) -> None:
    """Refuse a rate just kept that is many times its neighbour of the same pair and source. Raises JumpError."""
    pair = (ExchangeRate.base, ExchangeRate.quote, ExchangeRate.source)
    before = [
        func.lag(getattr(ExchangeRate, name)).over(partition_by=pair, order_by=ExchangeRate.day).label(f"{name}_before")
        for name in NEIGHBOUR
    ]
    rows = select(ExchangeRate, *before).subquery()
    now = func.now()  # the transaction's: what it wrote
    found = session.execute(
        select(rows)
        .where(or_(rows.c.imported_at == now, rows.c.imported_at_before == now))
        .where(rows.c.day - rows.c.day_before < STALE.days)
        .where(or_(rows.c.rate >= rows.c.rate_before * JUMP, rows.c.rate * JUMP <= rows.c.rate_before))
        .limit(1)
    ).first()
    if found:
        earlier = Rate(found.day_before, found.base, found.quote, found.rate_before, found.source)
        raise JumpError(earlier, Rate(found.day, found.base, found.quote, found.rate, found.source))


def _rate(row: ExchangeRate) -> Rate:
    return Rate(row.day, row.base, row.quote, row.rate, row.source)


def conversion(session: Session, base: str, quote: str, day: date) -> Conversion:
    """Return the rate to convert with, as of a day. Raises MissingRateError."""
    near = select(ExchangeRate).where(ExchangeRate.day > day - STALE, ExchangeRate.day <= day)
    known = [_rate(one) for one in session.scalars(near)]
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
