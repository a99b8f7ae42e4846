"""What a day would have cost: its weekday of late, moved to where the days of the last week were, and known feasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from finops.anomalies.windows import WEEK, Floats, before, median, weekdays

WEEKS = 6
"""Of them each weekday takes its median: a day in the last weeks that was out of order does not move it."""
HALF = 0.5
"""Of the last week's distance from the weekdays is believed: a new level is half chance until it lasts."""
LEVEL = 4 * WEEK
RESTLESS = 8 * WEEK
"""Days that tell by how much a series usually misses."""
FINEST = 0.01
"""Of the level: no series is taken to be more regular."""
SPECIAL = 3.0
"""Usual misses from which a day of an earlier year counts as a feast."""
YEARS = 3
TO_SIGMA = 1.4826
"""From the median of absolute misses to a standard deviation, if misses were normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """For each day, told the day before: its amount, the level of the series, and by how much days usually miss."""

    amounts: Floats
    level: Floats
    noise: Floats
    """As a share of the level."""
    missed: Floats
    """The actual amount less the expected one, as a share of the level; feasts count as expected."""


def expected(amounts: Floats, start: date) -> Expected:
    """Tell each day from the days before it."""
    level = _level(np.abs(amounts))
    usual = median(weekdays(amounts, WEEKS))
    moved = median(before((amounts - usual) / level, WEEK))
    told = usual + HALF * np.where(np.isfinite(moved), moved, 0.0) * level
    missed = (amounts - told) / level
    noise = np.maximum(TO_SIGMA * median(before(np.abs(missed), RESTLESS)), FINEST)
    turned = feasts(missed, noise, start)
    return Expected(told + turned * level, level, noise, missed - turned)


def _level(sizes: Floats) -> Floats:
    """Return the median of the last weeks, or the mean where most days are nothing; NaN where all are."""
    rows = before(sizes, LEVEL)
    found = median(rows)
    mean = np.nansum(rows, axis=1) / LEVEL
    return np.where(found > 0, found, np.where(mean > 0, mean, np.nan))


def feasts(missed: Floats, noise: Floats, start: date) -> Floats:
    """Return what a day's own history takes off its miss: by how much the same day of an earlier year was out of order.

    The same day is the same date, or the same weekday of the month by its number (or its last). Of what the years tell,
    what leaves the least miss is taken, if it leaves less than nothing told.
    """
    days = np.datetime64(start) + np.arange(len(missed))
    months = days.astype("datetime64[M]")
    of_month = (days - months).astype(int)
    month, weekday = months.astype(int) % 12, days.astype(int) % WEEK
    last = (days + WEEK).astype("datetime64[M]") != months
    best = np.zeros(len(missed))
    for key in (month * 32 + of_month, month * 100 + weekday * 10 + np.where(last, 9, of_month // WEEK)):
        _take(best, missed, np.abs(missed) > SPECIAL * noise, key)
    return best


def _take(best: Floats, missed: Floats, special: np.ndarray, key: np.ndarray) -> None:
    seen: dict[int, list[int]] = {}
    for day, name in enumerate(key.tolist()):
        earlier = seen.setdefault(name, [])
        for one in earlier[-YEARS:]:
            if special[one] and abs(missed[day] - missed[one]) < abs(missed[day] - best[day]):
                best[day] = missed[one]
        earlier.append(day)
