"""What comes with the calendar month: fees of its first days and its last. Weekday models cannot see them.

Bills carry charges that fall on one day of each month. Such a day is taken out of the history before the members see it
and added to the days ahead, where it has come in each of the last months, far beyond what a day usually varies by.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from finops.forecasting.baseline import WEEK
from finops.forecasting.history import Floats, History
from finops.periods import ONE_DAY

SLOTS = ("first", "second", "last")
MONTHS, LATEST = 6, 3
"""The size is the median of so many months; it must have come in each of the latest."""
FAR = 3.0
"""Times the usual variation: by chance that happens to three days in a row once in millions."""
TO_SIGMA = 1.4826
"""From a median absolute deviation to a normal distribution's standard deviation."""


def slot(day: date) -> str | None:
    """Return which special day of the month it is, if any."""
    if (day + ONE_DAY).day == 1:
        return "last"
    return {1: "first", 2: "second"}.get(day.day)


def split(series: History, horizon: int) -> tuple[History, Floats]:
    """Return the series without its monthly days' extra, and that extra for each day ahead."""
    slots = [slot(series.start + timedelta(days=place)) for place in range(series.days + horizon)]
    extra = {name: _extra(series.amounts, [at for at in range(series.days) if slots[at] == name], slots)
             for name in SLOTS}  # fmt: skip
    if not any(extra.values()):
        return series, np.zeros(horizon)
    added = np.array([extra[name] if name else 0.0 for name in slots])
    past = added[: series.days].copy()
    past[: max(0, series.days - MONTHS * 31)] = 0.0  # before, it may have been another, or none
    return History(series.name, series.start, series.amounts - past), added[series.days :]


def _extra(amounts: Floats, places: list[int], slots: list[str | None]) -> float:
    """Return how much more (or less) such a day costs than its weekday does around it; 0 where that is not sure."""
    found = [_beside(amounts, place, slots) for place in places[-MONTHS:]]
    known = [one for one in found if one is not None]
    latest = known[-LATEST:]
    usual = np.abs(amounts[WEEK:] - amounts[:-WEEK])
    if len(latest) < LATEST or not len(usual):
        return 0.0
    least = FAR * TO_SIGMA * float(np.median(usual[-26 * WEEK :]))
    same_side = min(latest) > 0 or max(latest) < 0
    return float(np.median(known)) if same_side and min(map(abs, latest)) > least else 0.0


def _beside(amounts: Floats, place: int, slots: list[str | None]) -> float | None:
    """Return a day's difference from the same weekday of the weeks around it."""
    near = [place + week * WEEK for week in (-2, -1, 1, 2)]
    plain = [amounts[at] for at in near if 0 <= at < len(amounts) and slots[at] is None]
    return float(amounts[place] - np.median(plain)) if plain else None
