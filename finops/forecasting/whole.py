"""Parts that add up to their whole: forecasts of both are brought together, each giving way by its own uncertainty.

Weighted least squares with the variances of the forecasts: MinT with a diagonal matrix (Wickramasuriya, Athanasopoulos
and Hyndman, 2019), which for one level of parts has this closed form.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finops.forecasting.forecast import Made
from finops.forecasting.history import Floats
from finops.forecasting.members import bounded
from finops.forecasting.values import CostForecast, ForecastDay, Spread
from finops.money import total


def reconciled(whole: Made, parts: Sequence[Made]) -> tuple[Made, list[Made]]:
    """Move the whole and its parts until the parts' days add up to the whole's."""
    apart = whole.points - np.sum([part.points for part in parts], axis=0)
    variances = np.stack([((one.ends["hi80"] - one.ends["lo80"]) / 2) ** 2 for one in (whole, *parts)])
    sizes = np.where(variances.sum(axis=0) > 0, variances, 1.0)
    shares = sizes / sizes.sum(axis=0)
    moved = [part.moved(_kept(part, apart * share)) for part, share in zip(parts, shares[1:], strict=True)]
    together = np.sum([part.points for part in moved], axis=0)
    return whole.moved(together - whole.points), moved


def _kept(part: Made, by: Floats) -> Floats:
    """Move a part no farther than to zero, where its history never went beyond."""
    return bounded(part.series, part.points + by) - part.points


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
