"""The days ahead, from the newest forecast that the jobs made: nothing is computed here."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from bot.asker import Asker
from bot.drafts.draft import Draft, Grid, money, rounded
from bot.language.question import word
from bot.questions import CostQuestion, Kind
from bot.wording import settled_line
from finops.errors import CostsError
from finops.focus import Metric
from finops.forecasting.results import ForecastResult
from finops.forecasting.values import CostForecast
from finops.foreign import plain
from finops.money import total
from finops.tables import heading, missing, percent
from finops.trend import NoChargesError
from storage import accounts, charges, forecasts, requests
from storage.forecasts import Made

DAYS = 30
SERVICE = "service_name"


class OnePartError(CostsError):
    """A forecast was asked of something that is no part of any forecast."""

    def __init__(self) -> None:
        """Say what works."""
        super().__init__(
            "I forecast everything or one part of it: forecast 30 days by team, or forecast where team=web."
        )


def draft(session: Session, question: CostQuestion, who: Asker) -> Draft:
    """Tell the newest forecast of what was asked; where there is none, one is asked for.

    Raises NoChargesError, OnePartError.
    """
    days = question.ahead or DAYS
    group, part = _asked(question)
    currency = question.currency or charges.currency(session)
    if currency is None:
        raise NoChargesError
    names = [] if group is None else [group, word(group)]  # a team is one by its rules, or by its tag
    made = forecasts.latest(session, currency=currency, metric=question.metric.value, group_by=names, days=days)
    if made is None:
        return _requested(session, group or SERVICE, days, who.person.user)
    if part is not None:
        return _of_part(made, question, part, days)
    return _of_all(session, made, question, days)


def _asked(question: CostQuestion) -> tuple[str | None, str | None]:
    """Return by what the forecast is told apart, and which of its parts is meant. Raises OnePartError."""
    if question.metric is not Metric.EFFECTIVE or len(question.group_by) > 1:
        raise OnePartError
    if not question.where:
        return (question.group_by[0] if question.group_by else None), None
    ((name, values), *others) = question.where.items()
    if others or len(values) > 1 or question.group_by not in ((), (name,)):
        raise OnePartError
    return name, values[0]


def _requested(session: Session, group: str, days: int, by: str) -> Draft:
    requests.ask(session, job="forecast", parameters={"days": days, "by": word(group)}, by=by)
    what = heading(group).lower()
    return Draft(
        headline=f"There is no forecast of {days} days by {what} yet, so I have asked for one.",
        more="It takes a minute or two: ask again then.",
        values={"requested": {"job": "forecast", "days": days, "by": word(group)}},
    )


def _of_all(session: Session, made: Made, question: CostQuestion, days: int) -> Draft:
    found, called = made.result, accounts.labels(session)
    low_high = _between(found.whole, days, found.currency)
    expected = money(_sum(found.whole, days), found.currency)
    parts = sorted(found.parts, key=lambda one: -_sum(one, days)) if question.group_by else []
    shown = parts[question.top * (question.page - 1) : question.top * question.page]
    rows = tuple(
        (_name(one, found, called), rounded(_sum(one, days), found.currency), _share(one, found, days)) for one in shown
    )
    more = question.changed(page=question.page + 1)
    return Draft(
        headline=f"The next {days} days will cost about {expected}{low_high}.",
        more=_landing(found),
        grid=Grid((heading(found.group_by or ""), f"{days} days", "Share"), rows) if rows else None,
        notes=_notes(made),
        evidence=made.evidence,
        deeper=(
            *((("Next", more),) if len(parts) > question.top * question.page else ()),
            *((("By service", question.changed(group_by=(SERVICE,))),) if question.group_by != (SERVICE,) else ()),
            ("Trend", CostQuestion(kind=Kind.TREND)),
            ("Budget", CostQuestion(kind=Kind.BUDGET)),
        ),
        values=_values(made, found.whole, days) | {"parts": [_values(made, one, days) for one in parts]},
    )


def _of_part(made: Made, question: CostQuestion, part: str, days: int) -> Draft:
    found = made.result
    wanted = part.casefold()
    one = next((each for each in found.parts if each.name.casefold() == wanted), None)
    if one is None:
        known = ", ".join(plain(each.name)[:40] for each in found.parts[:5])
        message = f"The forecast has no part called “{plain(part)[:40]}”; its largest are {known}."
        raise CostsError(message)
    words = f"{plain(one.name)}: about {money(_sum(one, days), found.currency)} in the next {days} days"
    return Draft(
        headline=f"{words}{_between(one, days, found.currency)}.",
        notes=_notes(made),
        evidence=made.evidence,
        deeper=(
            ("Trend", CostQuestion(kind=Kind.TREND, where=question.where)),
            ("Costs", CostQuestion(where=question.where)),
        ),
        values=_values(made, one, days),
    )


def _sum(one: CostForecast, days: int) -> Decimal:
    return total(point.mean for point in one.points[:days])


def _between(one: CostForecast, days: int, currency: str) -> str:
    """Say the interval, which is known of all days together only."""
    if len(one.points) != days:
        return ""
    low, high = (money(amount, currency) for amount in one.whole.between(80))
    return f", in 4 of 5 cases {low} to {high}"


def _landing(found: ForecastResult) -> str:
    if found.landing is None or found.landing_low is None or found.landing_high is None:
        return ""
    ends = [money(one, found.currency) for one in (found.landing, found.landing_low, found.landing_high)]
    return f"{found.start:%B} is heading for about {ends[0]} ({ends[1]} to {ends[2]})."


def _name(one: CostForecast, found: ForecastResult, called: dict[str, str]) -> str:
    return plain(called.get(one.name, one.name)) or missing(found.group_by or "")


def _share(one: CostForecast, found: ForecastResult, days: int) -> str:
    whole = _sum(found.whole, days)
    return percent(_sum(one, days) / whole) if whole else ""


def _notes(made: Made) -> tuple[str, ...]:
    found, error = made.result, made.result.whole.backtest
    measured = ""
    if error is not None and error.total_error is not None:
        measured = f"Such forecasts missed their totals by {percent(error.total_error, 1)} (median of {error.windows})."
    notes = (f"Forecast of usage, made on {made.at:%-d %b %Y}.", measured, settled_line(found.settled_through))
    return tuple(one for one in (*notes, found.whole.note or "") if one)


def _values(made: Made, one: CostForecast, days: int) -> dict[str, object]:
    return {
        "name": one.name,
        "currency": made.result.currency,
        "days": days,
        "expected": f"{_sum(one, days):f}",
        "made_at": made.at.isoformat(),
    }
