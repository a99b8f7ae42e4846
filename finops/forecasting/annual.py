"""Days of the year that stand out every year: holidays, a yearly fee, a sale. What repeats by the week cannot see them.

Such a day has the same date each year (25 December), or is the same weekday of its month (the fourth Thursday of
November). It counts where it stood far out, on the same side, in each of the last years. Then it is taken out of the
history before the members see it, so that no median of weekdays carries it on, and put into the days ahead: as far from
the level there as it was from its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from finops.forecasting.baseline import WEEK, YEAR
from finops.forecasting.history import Floats, History
from finops.forecasting.monthly import FAR, TO_SIGMA

YEARS = 3
"""The latest occurrences of a day that have to stand out, all of them; two are the least."""
TWICE = 2
AROUND = 2 * WEEK
"""Days before and after one that say at which level it was."""
RECENT = 4 * WEEK
"""Days that say at which level the series is now."""

Key = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Events:
    """The days ahead that stand out, by their place: how far from the level of then; above zero: at least so much."""

    level: float
    ahead: Mapping[int, float]

    def put_into(self, points: Floats) -> Floats:
        """Return a forecast with them. A day that is as low (or as high) anyway stays: a holiday on a Sunday."""
        found = points.copy()
        for place, apart in self.ahead.items():
            told = self.level + apart
            found[place] = max(found[place], told) if apart > 0 else min(found[place], told)
        return found


def keys(day: date) -> tuple[Key, Key]:
    """Return by what a day comes again: its date, and which of its month's weekdays it is."""
    return ("date", day.month, day.day, 0), ("weekday", day.month, (day.day - 1) // WEEK, day.weekday())


def split(series: History, horizon: int) -> tuple[History, Events]:
    """Return the series without such days, and those of them that are ahead. With little more than a year: none."""
    level = float(np.median(series.amounts[-RECENT:]))
    if series.days < YEAR + AROUND:
        return series, Events(level, {})
    usual = _usual(series.amounts)
    known = _standing_out(series, series.amounts - usual)
    calm = series.amounts.copy()
    for places in known.values():
        calm[places] = usual[places]
    ahead: dict[int, list[float]] = defaultdict(list)
    for place, day in enumerate(series.ahead(horizon)):
        for key in keys(day):
            ahead[place] += [_apart(series.amounts, at) for at in known.get(key, ())]
    events = {place: float(np.mean(apart)) for place, apart in ahead.items() if apart}
    return History(series.name, series.start, calm), Events(level, events)


def _usual(amounts: Floats) -> Floats:
    """Return the median of the same weekday in the three weeks before and after each day."""
    reach = 3 * WEEK
    padded = np.pad(amounts, reach, constant_values=np.nan)
    shifts = [reach + weeks * WEEK for weeks in (-3, -2, -1, 1, 2, 3)]
    near = np.stack([padded[shift : shift + len(amounts)] for shift in shifts])
    return np.asarray(np.nanmedian(near, axis=0), dtype=np.float64)


def _standing_out(series: History, missed: Floats) -> dict[Key, list[int]]:
    """Return the places of each day of the year that was far out, on one side, in each of the last years."""
    least = FAR * TO_SIGMA * float(np.median(np.abs(missed)))
    places: dict[Key, list[int]] = defaultdict(list)
    for place in range(series.days):
        for key in keys(series.start + timedelta(days=place)):
            places[key].append(place)
    found = {key: at[-YEARS:] for key, at in places.items() if len(at) >= TWICE}
    return {key: at for key, at in found.items() if missed[at].min() > least or missed[at].max() < -least}


def _apart(amounts: Floats, place: int) -> float:
    """Return how far a day was from the level around it."""
    return float(amounts[place] - np.median(amounts[max(0, place - AROUND) : place + AROUND + 1]))
