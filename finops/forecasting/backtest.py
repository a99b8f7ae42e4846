"""How wrong forecasts would have been: made again from days of the past, with nothing known after them.

MASE and sMAPE as in Hyndman and Koehler (2006) and the M competitions; the seasonal naive forecast repeats a week.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from finops.forecasting import baseline
from finops.forecasting.baseline import WEEK
from finops.forecasting.history import Floats, History
from finops.forecasting.intervals import LEVELS, RECENT, Window, calibration, interval
from finops.forecasting.members import predict

TRAINED = 4 * WEEK
"""Days that a past forecast must have had, so that it says something about today's."""
MOST_AHEAD = 90
"""Days ahead of a past forecast: more is rarely there to look back on."""
TASKS = 160
"""Past forecasts over all series together: enough to measure, however many series there are."""
LEAST_ORIGINS, MOST_ORIGINS = 6, 12
FEW = 4
"""Windows from which no coverage is told."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A day of the past from which a series is forecast again: how many days of it were known, and how far ahead."""

    series: History
    days: int
    horizon: int


@dataclass(frozen=True, slots=True)
class Errors:
    """What past forecasts missed by. Ratios: 0.05 is 5 %; None where it cannot be told."""

    windows: int
    horizon: int
    mase: float | None
    """Mean miss of a day, in units of the seasonal naive forecast's within the history; 1 is as good as that."""
    against_naive: float | None
    """Geometric mean of miss over the seasonal naive forecast's miss of the same days: below 1 is better."""
    smape: float | None
    total_error: float | None
    """Median miss of the sum of the days ahead, against that sum."""
    coverage80: float | None
    """Share of days that fell within the 80 % interval made from the other origins."""
    coverage95: float | None


def origins(series: Sequence[History], horizon: int, *, tasks: int = TASKS) -> list[Origin]:
    """Choose the past forecasts to make: every series alike, apart by their horizon, the latest first."""
    eligible = [one for one in series if one.days >= TRAINED + WEEK]
    if not eligible:
        return []
    each = min(_wanted(horizon), max(1, tasks // len(eligible)))
    step = max(1, len(eligible) / tasks)
    kept = [eligible[int(place * step)] for place in range(min(tasks, len(eligible)))]
    return [origin for one in kept for origin in _of(one, horizon, each)]


def _wanted(horizon: int) -> int:
    """Half a year of origins, as for the unit of noise: what is older says less about how wrong it is today."""
    return min(MOST_ORIGINS, max(LEAST_ORIGINS, RECENT // horizon))


def _of(series: History, horizon: int, count: int) -> Iterator[Origin]:
    ahead = max(WEEK, min(horizon, MOST_AHEAD, (series.days - TRAINED) // 2))
    for number in range(1, count + 1):
        days = series.days - number * ahead
        if days < TRAINED:
            return
        yield Origin(series, days, ahead)


def made(origin: Origin, names: Sequence[str]) -> Window:
    """Forecast from that day with what was known then."""
    before = origin.series.first(origin.days)
    actual = origin.series.amounts[origin.days : origin.days + origin.horizon]
    found = predict(before, len(actual), names)
    return Window(before, actual, found.points, found.members)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def scaled(window: Window) -> float | None:
    """Return the MASE of one window, or None where the seasonal naive forecast never missed in its history."""
    seasonal = np.abs(window.before.amounts[WEEK:] - window.before.amounts[:-WEEK])
    unit = float(seasonal.mean()) if len(seasonal) else 0.0
    return float(np.abs(window.actual - window.points).mean()) / unit if unit else None


def against_naive(window: Window) -> float | None:
    """Return the miss of one window over the seasonal naive forecast's, or None where that did not miss."""
    naive = np.abs(window.actual - baseline.seasonal_naive(window.before, len(window.actual))).mean()
    ours = np.abs(window.actual - window.points).mean()
    return float(ours / naive) if naive and ours else None


def smape(window: Window) -> float | None:
    """Return the symmetric mean absolute percentage error of one window, as a ratio from 0 to 2."""
    sizes = np.abs(window.actual) + np.abs(window.points)
    missed = 2 * np.abs(window.actual - window.points)[sizes > 0] / sizes[sizes > 0]
    return float(missed.mean()) if len(missed) else 0.0


def total_error(window: Window) -> float | None:
    """Return the miss of the sum of all days, against that sum."""
    total = float(window.actual.sum())
    return abs(float(window.points.sum()) - total) / abs(total) if total else None


def _covered(windows: Sequence[Window], level: float) -> float | None:
    """Return the share of days within the interval, each series' made from the misses of all other windows."""
    if len(windows) <= FEW:
        return None
    longest = max(len(one.actual) for one in windows)
    found = calibration(windows, [], longest)
    inside: list[Floats] = []
    for place, one in enumerate(windows):
        low, high = interval(one.before, one.points, found.without(place).of(one.before), level)
        inside.append(((one.actual >= low) & (one.actual <= high)).astype(np.float64))
    return float(np.concatenate(inside).mean())


def errors(windows: Sequence[Window], *, covered: bool = True) -> Errors:
    """Measure past forecasts together; how often their intervals held only where it is asked for.

    Intervals are made from the misses of all series: one of them alone has too few to say whether they hold.
    """
    ratios = [found for found in map(against_naive, windows) if found]
    totals = [found for found in map(total_error, windows) if found is not None]
    return Errors(
        windows=len(windows),
        horizon=max((len(one.actual) for one in windows), default=0),
        mase=_mean([found for found in map(scaled, windows) if found is not None]),
        against_naive=float(np.exp(np.mean(np.log(ratios)))) if ratios else None,
        smape=_mean([found for found in map(smape, windows) if found is not None]),
        total_error=float(np.median(totals)) if totals else None,
        coverage80=_covered(windows, LEVELS[0]) if covered else None,
        coverage95=_covered(windows, LEVELS[1]) if covered else None,
    )
