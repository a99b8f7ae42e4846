"""Intervals by split-conformal residuals: how far past forecasts missed, on every series, in units of its own noise.

A forecast's misses at earlier origins, divided by how much its series usually changes from one week to the next, are
pooled over all series; their quantile, times a series' own unit, is the half-width of its interval (Vovk and others;
Lei and others, 2018). Nothing is assumed about the shape of the misses, only that those to come are like those seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from finops.forecasting import baseline
from finops.forecasting.baseline import WEEK
from finops.forecasting.history import Floats, History
from finops.forecasting.members import bounded, combined, only

LEVELS = (0.80, 0.95)
RECENT = 26 * WEEK
"""Half a year tells how restless a series is; a month of calm says little."""
ENOUGH = 20
"""Windows; with fewer, the misses of the weekday median from each day on are added: many more, and a little larger."""
UNUSUAL = 0.975
"""Sizes beyond this quantile count as that much: a spike or two in half a year is not how restless a series is."""
OWN = 0.5
"""The weight of a series' own misses against all others'."""
FLOOR = 0.002
"""Of the mean amount: a series that never moved may still do so."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Misses in units of their series' noise: a row a window, a column a day ahead; NaN where nothing is known."""

    misses: Floats
    names: tuple[str, ...] = ()
    """Of which series each row is; without names all are of others."""

    def of(self, series: History) -> Calibration:
        """Return it with the series' own misses counting for `OWN` of all, the others' for the rest.

        One restless series among quiet ones must not make the intervals of all of them useless.
        """
        own = [place for place, name in enumerate(self.names) if name == series.name]
        times = round(OWN / (1 - OWN) * (len(self.names) - len(own)) / len(own)) if own else 0
        return Calibration(np.concatenate([self.misses, *[self.misses[own]] * (times - 1)])) if times > 1 else self

    def without(self, place: int) -> Calibration:
        """Return it without one row."""
        return Calibration(np.delete(self.misses, place, axis=0), (*self.names[:place], *self.names[place + 1 :]))

    @property
    def reach(self) -> int:
        """Days ahead for which at least one miss is known."""
        return int(np.isfinite(self.misses).any(axis=0).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A forecast of days that have come since."""

    before: History
    actual: Floats
    points: Floats
    said: Mapping[str, Floats] = field(default_factory=dict)
    """What each member forecast."""

    def by(self, names: Sequence[str]) -> Window:
        """Return what these members alone would have forecast."""
        if not self.said:
            return self
        return replace(self, points=combined(self.before, only(self.said, names)))


def noise(series: History) -> float:
    """Return how much a day usually differs from the same weekday a week before, of late."""
    recent = series.amounts[-RECENT - WEEK :]
    change = np.abs(recent[WEEK:] - recent[:-WEEK]) if len(recent) > WEEK else np.abs(np.diff(recent))
    amounts = np.abs(recent)
    # Of what is nearly always nothing the plain mean is all that there is.
    return max(_usual(change), FLOOR * _usual(amounts)) or max(float(change.mean()), FLOOR * float(amounts.mean()))


def _usual(sizes: Floats) -> float:
    """Return the mean of sizes, the unusual ones cut down."""
    return float(np.minimum(sizes, np.quantile(sizes, UNUSUAL, method="lower")).mean())


def calibration(windows: Sequence[Window], histories: Sequence[History], horizon: int) -> Calibration:
    """Pool the misses of windows; where they are few, the weekday median's misses on the histories help out."""
    rows = [(one.before.name, _row((one.actual - one.points) / noise(one.before), horizon)) for one in windows]
    if len(rows) < ENOUGH:
        rows += [(series.name, row) for series in histories for row in _daily_origins(series, horizon)]
    if not rows:
        return Calibration(np.full((1, horizon), np.nan))
    return Calibration(np.stack([row for _, row in rows]), tuple(name for name, _ in rows))


def _row(misses: Floats, horizon: int) -> Floats:
    known = misses[:horizon]
    return np.pad(known, (0, horizon - len(known)), constant_values=np.nan)


def _daily_origins(series: History, horizon: int) -> list[Floats]:
    unit = noise(series)
    if not unit:
        return []
    rows = []
    for days in range(max(WEEK, series.days - 16 * WEEK), series.days):
        actual = series.amounts[days : days + horizon]
        rows.append(_row((actual - baseline.weekday(series.first(days), len(actual))) / unit, horizon))
    return rows


def _quantile(sizes: Floats, level: float, windows: int) -> float:
    """Return the conformal quantile: a little beyond the level, so that it holds for the next window, too."""
    return float(np.quantile(sizes, min(1.0, (windows + 1) * level / windows)))


def widths(found: Calibration, level: float) -> Floats:
    """Return the half-width for each day ahead, in units of noise. Days beyond the known grow as a random walk does.

    The days of the week around each are pooled with it: neighbours miss alike.
    """
    horizon, reach = found.misses.shape[1], found.reach
    if not reach:
        return np.sqrt(np.arange(1, horizon + 1)) * (1.3 if level == LEVELS[0] else 2.0)
    sizes = np.abs(found.misses)
    width = np.empty(horizon)
    for lead in range(reach):
        near = sizes[:, max(0, lead - 3) : min(reach, lead + 4)]
        known = np.isfinite(near)
        width[lead] = _quantile(near[known], level, int(known.any(axis=1).sum()))  # days of a window miss together
    width[:reach] = never_falling(width[:reach])
    width[reach:] = width[reach - 1] * np.sqrt(np.arange(reach + 1, horizon + 1) / reach)
    return width


def never_falling(values: Floats) -> Floats:
    """Return the nearest values that never fall (isotonic regression): what is farther ahead is no more certain."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    return np.repeat([mean for mean, _ in blocks], [count for _, count in blocks]).astype(np.float64)


def interval(series: History, points: Floats, found: Calibration, level: float) -> tuple[Floats, Floats]:
    """Return the lower and the upper end for each day ahead."""
    half = widths(found, level)[: len(points)] * noise(series)
    return bounded(series, points - half), bounded(series, points + half)


def sums(series: History, points: Floats, found: Calibration, days: int) -> Floats:
    """Return the sum of the first `days` days ahead as it would be with each of the known misses, in order.

    Each miss counts in both directions, as in the days' intervals: past forecasts that were too low do not promise that
    the next one is, and what is expected lies in the middle of what is possible.
    """
    reach = min(days, found.reach)
    known = found.misses[:, :reach]
    whole = known[np.isfinite(known).all(axis=1)]
    while not len(whole) and reach > 1:  # few misses are known that far ahead
        reach //= 2
        whole = known[np.isfinite(known[:, :reach]).all(axis=1), :reach]
    # Beyond that the misses of a day grow as a random walk's do, and their sum by the days as well.
    missed = whole.sum(axis=1) * (days / reach) ** 1.5 if len(whole) else np.linspace(-2, 2, 21) * days
    spread = np.sort(points[:days].sum() + np.concatenate([missed, -missed]) * noise(series))
    return bounded(series, spread)
