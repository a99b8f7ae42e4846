"""What looks for one kind of surprise each: how large is large is left to each series' own past."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from finops.anomalies.expected import FINEST, TO_SIGMA, WEEKS, Expected
from finops.anomalies.windows import WEEK, Floats, before, median, until, weekdays

SPAN = 28
"""Days whose level is held against the weeks before them: what comes slowly shows in no shorter time."""
SLACK = 0.5
"""Usual misses that a cumulative sum forgives each day: half of the smallest shift that it is to find."""
FARTHEST = 5.0
"""Usual misses that a day adds to it at most: one spike is no shift."""
CALM = 26 * WEEK
"""Days that tell how much the level of such a span usually moves."""
SHAPE = 8
"""Weeks that tell the shape of the week."""


class Kind(StrEnum):
    """What an anomaly is."""

    SPIKE = "spike"
    DROP = "drop"
    SHIFT = "level shift"
    RAMP = "slow ramp"
    PATTERN = "lost weekly pattern"
    NEW = "new"
    GAP = "gap"
    ENDED = "ended commitment"
    """This and the next one stand in the bill: nothing is detected."""
    BEGUN = "new commitment"


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """What one detector says of each day."""

    kind: Kind
    rising: bool
    strength: Floats
    size: Floats
    """What it is about, as a share of the level of the series."""


def points(told: Expected) -> list[Signal]:
    """Hold each day against what was expected, up and down apart: a series that often drops seldom rises."""
    strength = told.missed / told.noise
    return [
        Signal(Kind.SPIKE, True, strength, told.missed),  # noqa: FBT003  a field, named right above
        Signal(Kind.DROP, False, -strength, -told.missed),  # noqa: FBT003
    ]


def sums(told: Expected) -> list[Signal]:
    """Add up how far each day is off, a little forgiven each day (CUSUM, Page, 1954): many small misses are a shift."""
    misses = np.clip(np.nan_to_num(told.missed / told.noise), -FARTHEST, FARTHEST)
    return [
        Signal(Kind.SHIFT, rising, _added(way * misses), way * told.missed) for rising, way in ((True, 1), (False, -1))
    ]


def _added(misses: Floats) -> Floats:
    reached, sums = 0.0, []
    for miss in misses.tolist():
        reached = max(0.0, reached + miss - SLACK)
        sums.append(reached)
    return np.array(sums)


def levels(amounts: Floats, told: Expected) -> list[Signal]:
    """Hold the median of the last weeks against their weekdays in the weeks before those."""
    weeks = SPAN // WEEK
    distances = [(amounts - median(weekdays(amounts, WEEKS, skip=week))) / told.level for week in range(weeks)]
    rows = np.full((len(amounts), SPAN), np.nan)
    for back in range(SPAN):
        distance = distances[weeks - 1 - back // WEEK]  # so that no day of the span is among its own weekdays
        rows[back:, back] = distance[: max(len(distance) - back, 0)]
    moved = median(rows)
    strength = moved / _usual(moved, SPAN)
    return [Signal(Kind.RAMP, rising, way * strength, way * moved) for rising, way in ((True, 1), (False, -1))]


def _usual(moved: Floats, span: int) -> Floats:
    """Return how far it was of late, the days that are held against it left out."""
    return np.maximum(TO_SIGMA * median(before(np.abs(moved), CALM, skip=span - 1)), FINEST)


def pattern(amounts: Floats, told: Expected) -> Signal:
    """Fit the last week by the shape of the weeks before: nothing is lost of the usual week, and all of a flat one."""
    shape = until(median(weekdays(amounts, SHAPE)), WEEK)
    week = until(amounts, WEEK)
    shape, week = (rows - rows.mean(axis=1, keepdims=True) for rows in (shape, week))
    square = (shape**2).sum(axis=1)
    lost = 1 - (shape * week).sum(axis=1) / np.maximum(square, np.finfo(np.float64).tiny)
    deep = np.sqrt(square / WEEK) / told.level
    return Signal(Kind.PATTERN, False, lost / _usual(lost, WEEK), lost * deep)  # noqa: FBT003


def signals(amounts: Floats, told: Expected) -> list[Signal]:
    """Ask every detector."""
    return [*points(told), *sums(told), *levels(amounts, told), pattern(told.plain, told)]
