"""How rare a value is in a series' own past, and beyond what was seen there.

Tails are taken to fall off exponentially, which is known from a few dozen events only. How fast is then no number but a
distribution, and what it lets expect of the next event falls off as a generalized Pareto tail does, whose shape is one
by the number of events (the predictive distribution of exponential data under a conjugate gamma prior: S. Geisser,
“Interval prediction for Pareto and exponential observables”, Journal of Econometrics 29, 1985; of excesses over a
threshold: S. Coles, “An Introduction to Statistical Modeling of Extreme Values”, 2001, chapters 4 and 9.1). So what is
rarer than all of the past can be told from what is rarer still, and the less is known, the less rare anything is.

Measured on two years of noise, as alarms for each that was expected: lognormal, 0.95 at once in 4 months, 0.6 in 100
and 0.5 in 500; by Student's t of four degrees of freedom in logarithms, 0.94, 1.9 and 3.7. Where single days stray so
far, more is promised than is kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from finops.anomalies.windows import WEEK, Floats, before, quantile

PAST = 730
"""Days that tell what is usual."""
INFORMED, SUFFICES = 366, 180
"""Days: once so many follow the first year, that year is left out: its feasts surprised, as they never do again."""
LEAST = 40
"""Days: with fewer known, nothing is rare."""
TAIL = 0.1
"""The share of days that is the tail: enough to tell how it falls off, few enough to be the tail."""
THIN = 0.25
"""No tail falls off faster, in units of strength: of a series that never moved nothing is known about how it does."""


def rarity(strength: Floats) -> Floats:
    """Return minus the decimal logarithm of the share of past days that are as strong; NaN where that is not known.

    The past is looked at anew each week, and never holds the days that are judged by it.
    """
    weeks = np.arange(0, len(strength), WEEK)
    past = _informed(before(strength, PAST)[weeks], weeks)
    start = quantile(past, 1 - TAIL)
    beyond = np.where(past > start[:, None], past - start[:, None], np.nan)
    count = np.isfinite(beyond).sum(axis=1)
    mean = np.maximum(np.nansum(beyond, axis=1) / np.maximum(count, 1), THIN)
    enough = np.isfinite(past).sum(axis=1) >= LEAST
    start, mean = (np.repeat(np.where(enough, one, np.nan), WEEK)[: len(strength)] for one in (start, mean))
    rare = -np.log10(TAIL) + (strength - start) / mean / np.log(10)
    return np.where(np.isfinite(strength), np.maximum(rare, 0.0), np.nan)


def _informed(past: Floats, days: NDArray[np.intp]) -> Floats:
    """Leave the first year out of the past of days that know enough without."""
    first = days[:, None] - PAST + np.arange(PAST) < INFORMED
    return np.where(first & (days >= INFORMED + SUFFICES)[:, None], np.nan, past)


MONTH = 30.4375
"""Days: a year's twelfth."""
APART = WEEK
"""Days within which strong days are one event: of them only the strongest counts."""
A_MONTH = 1
"""So many of the strongest events a month tell how events fall off."""
FEW = 5
"""Events at least, where the past is short."""
PRIOR, WORTH = 0.5, 4
"""How events fall off by the decimal where none are known, and how many known ones that is worth."""
LONGEST = 100_000.0
"""Months: as rare as it gets. Of a single series that is beyond words; of ten thousand it is ten months."""
YOUNG = 60
"""Days: a younger series is judged as if it had had that many."""


def return_time(rare: Floats) -> Floats:
    """Return for each day in how many months of its own past an event as rare comes once; 0 where it is not known.

    The past is looked at anew each week, as for the rarity.
    """
    months = np.zeros(len(rare))
    known = np.flatnonzero(np.isfinite(rare))
    begin = int(known[0]) if len(known) else len(rare)
    for day in range(begin + 1, len(rare), WEEK):
        past = rare[max(begin, day - PAST, INFORMED if day >= INFORMED + SUFFICES else 0) : day]
        months[day : day + WEEK] = _months(past, rare[day : day + WEEK])
    return np.minimum(months, LONGEST)


def _months(past: Floats, rare: Floats) -> Floats:
    seen = max(len(past), YOUNG) / MONTH
    events = peaks(past)[: max(FEW, int(np.ceil(A_MONTH * seen)))]
    start = float(events[-1]) if len(events) else -np.log10(TAIL)
    known = max(len(events) - 1, 0) + WORTH
    # The scale of the tail, times what is known of it: of no event more than PRIOR.
    beyond = (rare - start) / (float((events - start).sum()) + PRIOR * WORTH)
    # One more than were seen: the next one is of them, too.
    fewer = np.where(beyond < 0, np.exp(known * np.minimum(beyond, 0.0)), (1 + np.maximum(beyond, 0.0)) ** known)
    return np.asarray(seen / (len(events) + 1) * fewer, dtype=np.float64)


def peaks(rare: Floats) -> Floats:
    """Return the strongest day of each event, the strongest event first."""
    around = np.pad(rare, APART, constant_values=-1.0)
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * APART + 1)[: len(rare)]
    first = rare > windows[:, :APART].max(axis=1, initial=-1.0)
    found = rare[first & (rare >= windows.max(axis=1, initial=-1.0)) & (rare > 0)]
    return np.sort(found)[::-1]
