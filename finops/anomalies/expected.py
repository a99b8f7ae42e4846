"""What a day would have cost: its weekday of late, moved to where the days of the last week were, feasts and fees."""

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
MONTHS = 2
"""So often something comes before it is known to come each month."""
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
    """The actual amount less the expected one, as a share of the level; feasts and fees count as expected."""
    plain: Floats
    """The actual amounts without what feasts and fees add to them."""


def expected(amounts: Floats, start: date) -> Expected:
    """Tell each day from the days before it."""
    level = _level(np.abs(amounts))
    usual = median(weekdays(amounts, WEEKS))
    moved = median(before(amounts - _newest(amounts), WEEK) / level[:, None])
    told = usual + HALF * np.nan_to_num(moved * level)
    missed = (amounts - told) / level
    noise = np.maximum(TO_SIGMA * median(before(np.abs(missed), RESTLESS)), FINEST)
    yearly = feasts(missed, noise, start) * np.nan_to_num(level)
    monthly = fees(amounts - told, np.nan_to_num(SPECIAL * noise * level), start)
    turned = np.where(np.abs(amounts - told - monthly) < np.abs(amounts - told - yearly), monthly, yearly)
    return Expected(told + turned, level, noise, missed - turned / level, amounts - turned)


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


def fees(excess: Floats, least: Floats, start: date) -> Floats:
    """Return what comes once a month, as subscriptions do: by how much the same day of both last months was above.

    The same day is that many days after a month's first, or before its last. What both months have in common is taken,
    if it is special and leaves less than nothing told.
    """
    days = np.datetime64(start) + np.arange(len(excess))
    months = days.astype("datetime64[M]")
    first, last = (days - months).astype(int), ((months + 1).astype("datetime64[D]") - days).astype(int)
    best = np.zeros(len(excess))
    for key in (first, last + 32):
        seen: dict[int, list[float]] = {}
        for day, name in enumerate(key.tolist()):
            earlier = seen.setdefault(name, [])
            common = _common(earlier[-MONTHS:])
            if abs(common) > least[day] and abs(excess[day] - common) < abs(excess[day] - best[day]):
                best[day] = common
            earlier.append(float(excess[day]))
    return best


def _common(amounts: list[float]) -> float:
    """Return the least of them, where all of them are above nothing or all are below."""
    if len(amounts) < MONTHS or not (min(amounts) > 0 or max(amounts) < 0):
        return 0.0
    return min(amounts, key=abs)


def _newest(amounts: Floats) -> Floats:
    """Return what each day's weekday usually costs, by the day itself and the weeks before it."""
    return median(weekdays(np.append(amounts, np.full(WEEK, np.nan)), WEEKS)[WEEK:])
