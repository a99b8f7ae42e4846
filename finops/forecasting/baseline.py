"""Members without a library: what the weekdays cost of late. Cheap, hard to lead astray, and the fallback."""

from __future__ import annotations

import numpy as np

from finops.forecasting.history import Floats, History

WEEK = 7
YEAR = 52 * WEEK
"""The same weekday a year ago."""
SETTLING = 8 * WEEK
"""Days before a year ago that tell what was usual then."""
HALF = 0.5


def repeated(week: Floats, horizon: int) -> Floats:
    """Go on with a week for so many days."""
    return np.resize(week, horizon).astype(np.float64)


def _weeks(values: Floats, count: int) -> Floats:
    """Return the last whole weeks, one a row: the first column is the weekday of the first day ahead."""
    whole = min(len(values) // WEEK, count) * WEEK
    return values[len(values) - whole :].reshape(-1, WEEK)


def seasonal_naive(series: History, horizon: int) -> Floats:
    """Repeat the last week: what every forecast is held against."""
    return repeated(series.amounts[-WEEK:], horizon)


def weekday(series: History, horizon: int, *, weeks: int = 4) -> Floats:
    """Take the median of each weekday over the last weeks."""
    return repeated(np.median(_weeks(series.amounts, weeks), axis=0), horizon)


def weekday_long(series: History, horizon: int) -> Floats:
    """Take the median of each weekday over six weeks: slower, and steadier."""
    return weekday(series, horizon, weeks=6)


def level(series: History, horizon: int) -> Floats:
    """Take the shape of the week from eight weeks and its height from the last fortnight: quick after a shift."""
    weeks = _weeks(series.amounts, 8)
    shape = np.median(weeks - np.median(weeks, axis=1, keepdims=True), axis=0)
    height = np.median((weeks - shape).ravel()[-2 * WEEK :])
    return repeated(height + shape, horizon)


def yearly(series: History, horizon: int) -> Floats:
    """Take the weekdays, and half of the turn that the same days of a year ago took from what was usual then.

    Half, because a turn of one year is half chance: shrinkage towards no turn at all.
    """
    flat = weekday(series, horizon)
    ago = series.days - YEAR
    usual = float(np.median(series.amounts[ago - 4 * WEEK : ago]))
    if usual <= 0:
        return flat
    padded = series.amounts[ago - 3 : ago + horizon + 3]
    windows = np.lib.stride_tricks.sliding_window_view(padded, WEEK)
    smooth = np.median(windows, axis=1)[:horizon]
    turn = np.resize(smooth, horizon) if len(smooth) == horizon else np.pad(smooth, (0, horizon - len(smooth)), "edge")
    return np.asarray(flat * np.clip(turn / usual, HALF, 1 / HALF) ** HALF, dtype=np.float64)


def last_year(series: History, horizon: int) -> Floats:
    """Take the same weekdays of a year ago, moved by what the last four weeks cost more than those did then."""
    ago = series.days - YEAR
    now, then = float(series.amounts[-4 * WEEK :].mean()), float(series.amounts[ago - 4 * WEEK : ago].mean())
    return np.asarray(_again(series, horizon) + now - then, dtype=np.float64)


def last_year_scaled(series: History, horizon: int) -> Floats:
    """Take the same weekdays of a year ago, as many times as large as the level is now; moved where that is no size."""
    ago = series.days - YEAR
    now, then = (float(np.median(part)) for part in (series.amounts[-4 * WEEK :], series.amounts[ago - 4 * WEEK : ago]))
    if now <= 0 or then <= 0:
        return last_year(series, horizon)
    return np.asarray(_again(series, horizon) * (now / then), dtype=np.float64)


def _again(series: History, horizon: int) -> Floats:
    """Return the days of a year ago; beyond a year their last weeks again."""
    days = series.amounts[series.days - YEAR :][:horizon]
    return np.concatenate([days, repeated(days[-WEEK:], horizon - len(days))])
