"""Which days are asked for, and which they are held against."""

from __future__ import annotations

from datetime import date, timedelta

from bot.questions import CostQuestion, When
from finops.periods import ONE_DAY, Period
from finops.trend import month_to_date

WEEK = timedelta(days=7)


def windows(question: CostQuestion, through: date) -> tuple[Period, Period]:
    """Return the period asked for and the one it is held against; `through` is the last complete day.

    What goes on ends with that day: half a day would look like a saving. Held against a longer period that was named,
    as this month against last month, it is held against as many of its days.
    """
    current = _resolved(question.when, through)
    if question.against is None:
        return current, _usual(question.when, current, through)
    if question.against.days is not None:
        return current, Period.last_days(question.against.days, current.start)
    against = _resolved(question.against, through)
    goes_on = question.when.end is None and question.when.days is None
    return current, against.until(against.start + current.days * ONE_DAY) if goes_on else against


def _usual(when: When, current: Period, through: date) -> Period:
    """Return what days are held against that name nothing: of a part of a week the same days of the week before."""
    if when == When():
        return month_to_date(through)[1]
    if when.start and when.end is None and current.days < WEEK.days:
        return Period(current.start - WEEK, current.end - WEEK)  # the days before may be a weekend, which costs less
    return _before(current)


def _resolved(when: When, through: date) -> Period:
    if when.days is not None:
        return Period.last_days(when.days, through + ONE_DAY)
    if when.start is None:
        return month_to_date(through)[0]
    return Period(when.start, when.end or max(when.start, through) + ONE_DAY)


def _before(asked: Period) -> Period:
    """Return as many whole months before whole months, and as many days before anything else."""
    if asked.start.day == 1 and asked.end.day == 1:
        start = asked.start
        for _ in asked.months():
            start = Period.month_of(start - ONE_DAY).start
        return Period(start, asked.start)
    return asked.before()
