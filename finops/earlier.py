"""Which days a period is held against: what goes with the calendar against the same days of the calendar before."""

from __future__ import annotations

from datetime import date

from finops.periods import ONE_DAY, Period

QUARTER, YEAR = 3, 12


def earlier(asked: Period, *, first_month: int = 1, goes_on: bool = False) -> Period:
    """Return the days before that a period is held against; `first_month` is that of a (fiscal) year.

    Whole months against as many whole months; the first days of a month, quarter or year against the first days of the
    one before, as many as it has; all else against as many days just before. What `goes_on` is a quarter or a year to
    date also on the day on which one of its months ends.
    """
    if asked.start.day != 1 or not asked.days:
        return asked.before()
    months = sum(1 for _ in asked.months())
    size = _begun(asked.start, months, first_month)
    if asked.end.day == 1 and not (goes_on and size):
        size = months
    if not size:
        return asked.before()
    start = _back(asked.start, size)
    whole = asked.end.day == 1 and size == months
    return Period(start, asked.start if whole else min(start + ONE_DAY * asked.days, asked.start))


def _begun(start: date, months: int, first_month: int) -> int:
    """Return the months of what begins there and is not over yet after so many; 0 for nothing of the calendar."""
    place = (start.month - first_month) % YEAR
    if months == 1:
        return 1
    if months <= QUARTER and place % QUARTER == 0:
        return QUARTER
    return YEAR if months <= YEAR and place == 0 else 0


def _back(start: date, months: int) -> date:
    """Return the first day of the month so many months before."""
    number = start.year * YEAR + start.month - 1 - months
    return date(number // YEAR, number % YEAR + 1, 1)
