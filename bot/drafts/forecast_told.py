"""A forecast in words: the days ahead with their intervals, where the month lands, how wrong such ones have been."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from bot import table_pages
from bot.answers import answer
from bot.drafts.draft import Draft, Grid, money, rounded
from bot.questions import CostQuestion, Kind, terms
from bot.wording import settled_line
from finops.forecasting.ledger import OTHER
from finops.forecasting.results import ForecastResult, ahead, to_come
from finops.forecasting.values import CostForecast
from finops.foreign import plain
from finops.money import EXACT, Money, total
from finops.periods import ONE_DAY, Period
from finops.tables import counted, heading, missing, percent
from storage import accounts, recurring
from storage.forecasts import Made

SERVICE = "service_name"
NOT_MEASURED = "How wrong such forecasts are is not measured yet: there is too little history."


def of_all(session: Session, made: Made, question: CostQuestion, days: int) -> Draft:
    """Tell all that a forecast is of, with its parts where they were asked for."""
    found, called = made.result, accounts.labels(session)
    parts = sorted(found.parts, key=lambda one: (one.name == OTHER, -_sum(one, days))) if question.group_by else []
    shown = table_pages.of(parts, question)
    rows = tuple(
        (_name(one, found, called), rounded(_sum(one, days), found.currency), _share(one, found, days)) for one in shown
    )
    more = question.changed(page=question.page + 1)
    return Draft(
        headline=_headline(terms(question.where), found.whole, days, found.currency),
        more=_landing(session, found, found.whole, question),
        grid=Grid((heading(found.group_by or ""), counted(days), "Share"), rows) if rows else None,
        notes=_notes(made, found.whole, days),
        evidence=made.evidence,
        deeper=(
            *((("Next", more),) if len(parts) > question.top * question.page else ()),
            *((("By service", question.changed(group_by=(SERVICE,))),) if question.group_by != (SERVICE,) else ()),
            ("Trend", CostQuestion(kind=Kind.TREND, where=question.where)),
            ("Budget", CostQuestion(kind=Kind.BUDGET, where=question.where)),
        ),
        values=_values(made, found.whole, days) | {"parts": [_values(made, one, days) for one in parts]},
    )


def of_part(session: Session, made: Made, question: CostQuestion, days: int) -> Draft:
    """Tell the part of a forecast that a question is narrowed to; the forecast has it."""
    found, [(part,)] = made.result, question.where.values()
    names = accounts.either(session, part)
    one = next(each for each in found.parts if each.name.casefold() in names)
    return Draft(
        headline=_headline(plain(one.name), one, days, found.currency),
        more=_landing(session, found, one, question),
        notes=_notes(made, one, days),
        evidence=made.evidence,
        deeper=(
            ("Trend", CostQuestion(kind=Kind.TREND, where=question.where)),
            ("Costs", CostQuestion(where=question.where)),
        ),
        values=_values(made, one, days),
    )


def _headline(of: str, one: CostForecast, days: int, currency: str) -> str:
    """Say what the days will cost, by their names; `of` are whose costs, nothing for everybody's."""
    when = ahead(Period(one.points[0].day, one.points[days - 1].day + ONE_DAY))
    start = f"{of}: {when}" if of else f"{when[0].upper()}{when[1:]}"
    expected = money(_sum(one, days), currency)
    return f"{start} usage will cost about {expected}{_between(one, days, currency)}."


def _sum(one: CostForecast, days: int) -> Decimal:
    return total(point.mean for point in one.points[:days])


def _between(one: CostForecast, days: int, currency: str) -> str:
    """Say the interval, which is known of all days together only."""
    return f", in 4 of 5 cases {_range(one, 80, currency)}" if len(one.points) == days else ""


def _range(one: CostForecast, level: int, currency: str) -> str:
    low, high = (money(amount, currency) for amount in one.whole.between(level))
    return f"{low} to {high}"


def _landing(session: Session, found: ForecastResult, one: CostForecast, question: CostQuestion) -> str:
    """Say where the month ends, as every other answer does, and how sure that is; nothing where it is not known."""
    spent = answer(session, CostQuestion(where=question.where), currency=found.currency)
    if one.month_end is None or spent.end != found.start:
        return ""
    month, where = Period.month_of(found.start), spent.question.where
    due = recurring.due(session, month, found.start - ONE_DAY, currency=found.currency, where=where)
    middle = total([one.month_end.expected, due]) if found.start.day == 1 else spent.landing or Decimal(0)
    around = (EXACT.subtract(each, one.month_end.expected) for each in one.month_end.between(80))
    ends = [money(each, found.currency) for each in (middle, *(total([middle, each]) for each in around))]
    fees = to_come(Money(due, found.currency))
    return f"{found.start:%B} is heading for about {ends[0]} ({ends[1]} to {ends[2]}){fees}."


def _name(one: CostForecast, found: ForecastResult, called: dict[str, str]) -> str:
    return plain(called.get(one.name, one.name)) or missing(found.group_by or "")


def _share(one: CostForecast, found: ForecastResult, days: int) -> str:
    whole = _sum(found.whole, days)
    return percent(_sum(one, days) / whole) if whole else ""


def _notes(made: Made, one: CostForecast, days: int) -> tuple[str, ...]:
    found = made.result
    made_on = f"Forecast of usage, made on {made.at:%-d %b %Y}."
    notes = (_sure(one, days, found.currency), made_on, _missed(found, one, days), settled_line(found.settled_through))
    return tuple(one for one in (*notes, found.whole.note or "") if one)


def _sure(one: CostForecast, days: int, currency: str) -> str:
    """Say how sure it is: of fewer days than were forecast, which have no interval of their own, by that of all."""
    if len(one.points) == days:
        return f"In 19 of 20 cases {_range(one, 95, currency)}."
    expected = money(one.whole.expected, currency)
    all_of_it = f"about {expected}, in 4 of 5 cases {_range(one, 80, currency)}"
    return f"How far off that may be is known for the {len(one.points)} days of the forecast together: {all_of_it}."


def _missed(found: ForecastResult, one: CostForecast, days: int) -> str:
    """Say how wrong such forecasts have been, and whose: a part's own, where its past was forecast, or all together.

    Those of the past reach less far than today's may: of what is longer than all of them they say nothing.
    """
    error = one.backtest or found.whole.backtest
    if error is None or error.total_error is None:
        return NOT_MEASURED
    is_part = one is not found.whole
    of = ", of all usage and its parts together," if is_part and error == found.whole.backtest else ""
    own = " of it" if is_part and not of else ""
    shorter = error.horizon < days
    such = f"Forecasts{own} of up to {error.horizon} days{of}" if shorter else f"Such forecasts{own}{of}"
    return f"{such} missed their totals by {percent(error.total_error, 1)} (median of {error.windows})."


def _values(made: Made, one: CostForecast, days: int) -> dict[str, object]:
    return {
        "name": one.name,
        "currency": made.result.currency,
        "days": days,
        "expected": f"{_sum(one, days):f}",
        "made_at": made.at.isoformat(),
        "points": [point.model_dump(mode="json") for point in one.points[:days]],
    }
