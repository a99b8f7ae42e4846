"""Which days are asked for, and which they are held against."""

from __future__ import annotations

from datetime import date, timedelta

from bot.questions import CostQuestion, When
from finops.earlier import earlier
from finops.periods import ONE_DAY, Period
from finops.trend import month_to_date
from storage.settings import settings

WEEK = timedelta(days=7)


def windows(question: CostQuestion, through: date) -> tuple[Period, Period]:
    """Return the period asked for and the one it is held against; `through` is the last complete day.

    What goes on ends with that day: half a day would look like a saving. Held against a longer period that was named,
    as this month against last month, it is held against as many of its days.
    """
    current = _resolved(question.when, through)
    if question.against is None:
        return current, _usual(question.when, current)
    if question.against.days is not None:
        return current, Period.last_days(question.against.days, current.start)
    against = _resolved(question.against, through)
    goes_on = question.when.end is None and question.when.days is None
    return current, against.until(against.start + current.days * ONE_DAY) if goes_on else against


def _usual(when: When, current: Period) -> Period:
    """Return what days are held against that name nothing: of a part of a week the same days of the week before."""
    goes_on = when.start is not None and when.end is None
    monday = current.start.weekday() == 0
    if goes_on and current.days < WEEK.days and (monday or current.start.day != 1):
        return Period(current.start - WEEK, current.end - WEEK)  # the days before may be a weekend, which costs less
    counted = when.days is not None and not (current.start.day == 1 and current.end.day == 1)
    if counted or (when.start and (current.days == 1 or (current.days == WEEK.days and monday))):
        return current.before()
    return earlier(current, first_month=settings().costs_fiscal_year_start, goes_on=goes_on)


def _resolved(when: When, through: date) -> Period:
    if when.days is not None:
        return Period.last_days(when.days, through + ONE_DAY)
    if when.start is None:
        return month_to_date(through)[0]
    return Period(when.start, when.end or max(when.start, through) + ONE_DAY)
