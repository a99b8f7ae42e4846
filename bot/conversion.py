"""An answer in a currency that somebody asked for: every amount at one dated rate, which is told with it.

Both periods of a comparison are converted at the same rate, the one of the last day asked for, so that a change is one
of cost and not of exchange.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from bot import unclaimed
from bot.answers import CostAnswer, Row, answer
from bot.questions import CostQuestion
from finops.errors import UnknownWordError
from finops.money import total
from finops.periods import ONE_DAY
from finops.rates import Conversion
from storage import charges, rates

EVERY = 1_000_000
"""Rows to ask for: which of them are the largest is known only after they are converted and added."""


def answer_in(session: Session, question: CostQuestion, currency: str) -> CostAnswer:
    """Answer with the charges of all currencies, converted. Raises as `answer` does, and MissingRateError."""
    found = _of_each(
        session, question.model_copy(update={"top": EVERY, "page": 1}), charges.currencies(session) or [currency]
    )
    spent = [one for one in found if _any_cost(one)] or found[:1]
    used = {
        one.currency: rates.conversion(session, one.currency, currency, _day(one)) for one in spent if _any_cost(one)
    }
    converted = [_converted(one, used.get(one.currency), currency) for one in spent]
    told = tuple(str(rate) for rate in used.values() if rate.base != currency)
    return _added(converted, question).model_copy(update={"rates": told})


def _of_each(session: Session, question: CostQuestion, currencies: Sequence[str]) -> list[CostAnswer]:
    """Answer by each currency; a word of a filter need not be known in all of them. Raises UnknownWordError."""
    found, unknown = [], None
    for one in currencies:
        try:
            found.append(answer(session, question, currency=one))
        except UnknownWordError as error:
            unknown = unknown or error
    if unknown and not found:
        raise unknown
    return found


def _any_cost(one: CostAnswer) -> bool:
    return bool(one.rows or one.previous or one.movers)


def _day(one: CostAnswer) -> date:
    """Return the last day asked for, or of a period that goes on the last one that is settled."""
    return min([one.end - ONE_DAY, *([max(one.settled_through.values())] if one.settled_through else [])])


def _converted(one: CostAnswer, rate: Conversion | None, currency: str) -> CostAnswer:
    if rate is None:
        return one.model_copy(update={"currency": currency, "other_currencies": ()})
    rows = (row.model_copy(update={"cost": rate(row.cost), "previous": rate(row.previous)}) for row in one.rows)
    return one.model_copy(
        update={
            "currency": currency,
            "other_currencies": (),
            "evidence": None,
            "total": rate(one.total),
            "previous": rate(one.previous),
            "rows": tuple(rows),
            "movers": tuple((name, rate(change)) for name, change in one.movers),
            "landing": None if one.landing is None else rate(one.landing),
            "unclaimed": None if one.unclaimed is None else rate(one.unclaimed),
            "once": None if one.once is None else rate(one.once),
        }
    )


def _added(found: Sequence[CostAnswer], question: CostQuestion) -> CostAnswer:
    first, *others = found
    rows = _rows(found) if others else list(first.rows)
    landings = [one.landing for one in found]
    return first.model_copy(
        update={
            "question": question,
            "total": total(one.total for one in found),
            "previous": total(one.previous for one in found),
            "complete": min(one.through for one in found),
            "comparable": all(one.comparable for one in found),
            "rows": tuple(unclaimed.shown(rows, question)),
            "others": unclaimed.left(rows, question),
            "unclaimed": unclaimed.cost(rows, question),
            # Of each currency only the three largest changes are known, and those do not add up to the three largest.
            "movers": () if others else first.movers,
            "evidence": None if others else first.evidence,
            "once": None if others else first.once,
            "landing": None if None in landings else total(one for one in landings if one is not None),
        }
    )


def _rows(found: Sequence[CostAnswer]) -> list[Row]:
    """Add rows of one key; the largest first, days and months in their order."""
    same: dict[tuple[str | None, ...], list[Row]] = {}
    for one in found:
        for row in one.rows:
            same.setdefault(tuple(row.key.values()), []).append(row)
    rows = [_sum(each) for each in same.values()]
    in_time = any(name in ("date", "month") for row in rows[:1] for name in row.key)
    return sorted(rows, key=lambda row: str(next(iter(row.key.values()))) if in_time else -row.cost)


def _sum(rows: Sequence[Row]) -> Row:
    key: Mapping[str, str | None] = rows[0].key
    costs: tuple[Decimal, Decimal] = (total(row.cost for row in rows), total(row.previous for row in rows))
    return Row(key=dict(key), cost=costs[0], previous=costs[1], name=rows[0].name)
