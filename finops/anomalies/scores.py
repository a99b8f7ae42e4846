"""How rare each day of a series is: all detectors, each by its own past, and all of them together by theirs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finops.anomalies.detectors import Kind, Signal, signals
from finops.anomalies.expected import Expected, expected
from finops.anomalies.series import Sensitivity, Series
from finops.anomalies.tails import LONGEST, rarity, return_time
from finops.anomalies.windows import WEEK, Floats, before

NOTHING = 6 * WEEK
"""Days at nothing, after which the first cost is something new: more than a month, as some things cost once a month."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """For each day: in how many months of the series' own past its like comes once, and what saw it."""

    months: Floats
    kinds: list[Kind]
    rising: list[bool]
    told: Expected


def scores(series: Series, floor: Sensitivity) -> Scores:
    """Judge each day by what was known on it."""
    amounts = series.filled()
    with np.errstate(all="ignore"):  # what cannot be told is NaN, and says so where it matters
        told = expected(amounts, series.start)
        found = signals(amounts, told)
        rare = np.stack([fresh(one, told.level, floor) for one in found])
    known = np.isfinite(rare).any(axis=0)
    rare = np.nan_to_num(rare)
    # The strongest tells of a surprise that one detector sees, the mean of one that many see a little of.
    together = np.where(known, rare.max(axis=0) + rare.mean(axis=0), np.nan)
    leading = [found[place] for place in rare.argmax(axis=0)]
    rising, kinds = [one.rising for one in leading], [one.kind for one in leading]
    months = begins(return_time(together), rising)
    for day in _new(series.amounts, float(floor.amount)):
        months[day], kinds[day], rising[day] = LONGEST, Kind.NEW, True
    months[np.isnan(series.amounts)] = 0.0
    return Scores(months, kinds, rising, told)


def fresh(signal: Signal, level: Floats, floor: Sensitivity) -> Floats:
    """Return how rare a signal is, where it is worth speaking of and rarer than in the week before.

    Whatever goes on was told when it began: a level that has moved would otherwise surprise for weeks.
    """
    rare = rarity(signal.strength)
    large = (signal.size >= float(floor.share)) & (signal.size * level >= float(floor.amount))
    worth = np.where(large, rare, np.where(np.isfinite(rare), 0.0, np.nan))
    earlier = np.nan_to_num(before(worth, WEEK)).max(axis=1)
    return np.where(worth <= earlier, np.where(np.isfinite(worth), 0.0, np.nan), worth)


def begins(months: Floats, rising: list[bool]) -> Floats:
    """Return the months of days that are rarer than those of the week before in the same direction, else 0.

    So a threshold at any height counts what begins, and not the days that go on with it.
    """
    found = np.zeros(len(months))
    for way in (True, False):
        same = np.array(rising) == way
        earlier = np.nan_to_num(before(np.where(same, months, 0.0), WEEK)).max(axis=1)
        found = np.where(same & (months > earlier), months, found)
    return found


def _new(amounts: Floats, least: float) -> list[int]:
    """Return the days that cost something after weeks of nothing."""
    quiet = (before(np.nan_to_num(amounts), NOTHING) == 0).all(axis=1)
    return np.flatnonzero(quiet & (np.nan_to_num(amounts) > least)).tolist()
