"""Which days an event is held against: of each of its weekdays, those before it on which the whole cost what is usual.

An event is told against the median of each weekday in the weeks before it. A median of every resource for itself would
not add up to that: what lives for a day is nothing in the median, and machines that come and go would look like growth.
So it is asked what the very days were made of whose total is the median. Their parts add up to it exactly, and an odd
day among the weeks is left out as it is in the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from finops.anomalies.expected import WEEKS
from finops.anomalies.series import Series
from finops.anomalies.windows import WEEK, Floats
from finops.errors import BadSettingError
from finops.foreign import plain
from finops.money import EXACT
from finops.periods import Period
from finops.tables import days as shown


@dataclass(frozen=True, slots=True)
class Compared:
    """How often each day counts, on either side; both sides are shares of `of`."""

    expected: Mapping[date, int]
    actual: Mapping[date, int]
    of: int

    def a_day(self, counted: Decimal) -> Decimal:
        """Return what amounts, each taken as often as its day counts, come to a day."""
        return EXACT.divide(counted, Decimal(self.of))


def asked(first: str, end: str) -> Period:
    """Read the days of an event, `end` exclusive. Raises BadSettingError."""
    try:
        found = Period(date.fromisoformat(first), date.fromisoformat(end))
    except ValueError as error:
        message = "The days of an event are its first one and the one after its last, as 2026-11-12 and 2026-11-15; "
        message += f"not {plain(first)[:20] or 'nothing'} and {plain(end)[:20] or 'nothing'}."
        raise BadSettingError(message) from error
    return found


def compared(series: Series, days: Period) -> Compared:
    """Hold the days of an event against the usual ones before it. Raises BadSettingError for days not in the series.

    A day that was not collected is taken as the week before it was, as everywhere.
    """
    first = (days.start - series.start).days
    if not (days.days and first >= 0 and first + days.days <= len(series.amounts)):
        known = shown(Period(series.start, series.day(len(series.amounts))))
        message = f"{shown(days)} is not within the settled days of that series, which are {known}."
        raise BadSettingError(message)
    amounts, told_by = series.filled(), _told_by(series)
    before = [_usual(amounts, first, weekday) for weekday in range(WEEK)]
    expected: Counter[date] = Counter()
    actual: Counter[date] = Counter()
    for number in range(days.days):
        actual[series.day(told_by[first + number])] += 2
        for day in before[number % WEEK]:
            expected[series.day(told_by[day])] += 1
    return Compared(expected, actual, 2 * days.days)


def usual(series: Series, first: date) -> list[float]:
    """Return what the seven weekdays from that day on cost before it."""
    amounts, place = series.filled(), (first - series.start).days
    found = [_usual(amounts, place, weekday) for weekday in range(WEEK)]
    return [float(np.mean(amounts[list(each)])) if each else 0.0 for each in found]


def _usual(amounts: Floats, first: int, weekday: int) -> tuple[int, ...]:
    """Return the two days (or twice the one) whose mean is the median of that weekday; none where nothing was before.

    `weekday` counts from the event's first day.
    """
    known = [first + weekday - WEEK * week for week in range(1, min(first // WEEK, WEEKS) + 1)]
    ordered = sorted(known, key=lambda day: (amounts[day], day))
    middle = len(ordered) // 2
    return (ordered[(len(ordered) - 1) // 2], ordered[middle]) if ordered else ()


def _told_by(series: Series) -> list[int]:
    """Return for each day the day that tells it: itself, or as in `Series.filled` the one before a gap."""
    places: list[int] = []
    for day, amount in enumerate(series.amounts.tolist()):
        gap = amount != amount  # noqa: PLR0124  NaN alone differs from itself
        places.append(places[day - WEEK if day >= WEEK else day - 1] if gap and day else day)
    return places
