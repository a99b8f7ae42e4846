"""Looking back from each day at once: weekdays, trailing windows and medians that pass over what is not known (NaN)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEK = 7


def quantile(rows: Floats, share: float) -> Floats:
    """Return that quantile of each row's known values, NaN where none is known: sorting puts NaN last."""
    known = np.isfinite(rows).sum(axis=1)
    place = np.maximum(known - 1, 0) * share
    low = place.astype(np.intp)
    rest = place - low
    every = np.arange(len(rows))
    ordered = np.sort(rows, axis=1)
    high = ordered[every, np.minimum(low + 1, np.maximum(known - 1, 0))]
    return np.asarray(np.where(known > 0, ordered[every, low] * (1 - rest) + high * rest, np.nan), dtype=np.float64)


def median(rows: Floats) -> Floats:
    """Return the median of each row's known values."""
    return quantile(rows, 0.5)


def before(values: Floats, days: int, *, skip: int = 0) -> Floats:
    """Return for each day the `days` values before it, its own and `skip` more left out; a row a day."""
    padded = np.concatenate([np.full(days + skip, np.nan), values])
    return sliding_window_view(padded, days)[: len(values)]


def until(values: Floats, days: int) -> Floats:
    """Return for each day the last `days` values, its own among them; a row a day."""
    return before(np.append(values, np.nan), days)[1:]


def weekdays(values: Floats, weeks: int, *, skip: int = 0) -> Floats:
    """Return for each day the same weekday of the weeks before it, the nearest `skip` of them left out."""
    rows = np.full((len(values), weeks), np.nan)
    for week in range(weeks):
        back = WEEK * (week + 1 + skip)
        if back < len(values):
            rows[back:, week] = values[:-back]
    return rows
