"""Parts that add up to their whole: the whole stays what it is, whatever it is divided by; its parts give way.

Each gives way by its own uncertainty: weighted least squares with the variances of the forecasts, which is MinT with a
diagonal matrix (Wickramasuriya, Athanasopoulos and Hyndman, 2019), under the constraint that the whole is kept. One
total for every question is worth more to who asks than the last tenth of a percent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finops.forecasting.forecast import Made
from finops.forecasting.history import Floats
from finops.forecasting.members import bounded
from finops.forecasting.values import CostForecast, ForecastDay, Spread
from finops.money import total

ROUNDS = 5
"""A part that would be moved beyond zero leaves its share to others, in so many rounds; then the whole gives way."""


def reconciled(whole: Made, parts: Sequence[Made]) -> tuple[Made, list[Made]]:
    """Move the parts until their days add up to the whole's; the whole only by what no part can take."""
    sizes = np.stack([((one.ends["hi80"] - one.ends["lo80"]) / 2) ** 2 for one in parts])
    points = np.stack([part.points for part in parts])
    for _ in range(ROUNDS):
        apart = whole.points - points.sum(axis=0)
        free = np.where(_stuck(parts, points, apart), 0.0, np.where(sizes.sum(axis=0) > 0, sizes, 1.0))
        room = free.sum(axis=0)
        shares = np.divide(free, room, out=np.zeros_like(free), where=room > 0)
        points = np.stack([bounded(one.series, each) for one, each in zip(parts, points + apart * shares, strict=True)])
    moved = [part.moved(each - part.points) for part, each in zip(parts, points, strict=True)]
    return whole.moved(points.sum(axis=0) - whole.points), moved


def _stuck(parts: Sequence[Made], points: Floats, apart: Floats) -> NDArray[np.bool_]:
    """Say which parts stand at zero already and would have to go beyond, where their history never was."""
    further = np.stack([bounded(one.series, each + apart) for one, each in zip(parts, points, strict=True)])
    stuck: NDArray[np.bool_] = (points == 0) & (further == 0) & (apart != 0)
    return stuck


def added_up(whole: CostForecast, parts: Sequence[CostForecast]) -> CostForecast:
    """Return the whole with exactly its parts' cents: rounding each alone would leave some over."""
    days = [
        point.model_copy(update={"mean": total(part.points[place].mean for part in parts)})
        for place, point in enumerate(whole.points)
    ]
    ending = whole.month_end
    return whole.model_copy(
        update={
            "points": days,
            "whole": _expecting(whole.whole, days),
            "month_end": _expecting(ending, days[: ending.days]) if ending else None,
        }
    )


def _expecting(spread: Spread, days: Sequence[ForecastDay]) -> Spread:
    return spread.model_copy(update={"expected": total(day.mean for day in days)})
