"""All that is asked for at once: series by themselves, or a whole and its parts."""

from __future__ import annotations

from collections.abc import Sequence

from finops.forecasting.forecast import Run, in_turn, make, told
from finops.forecasting.history import History
from finops.forecasting.members import ALL
from finops.forecasting.values import CostForecast
from finops.forecasting.whole import added_up, reconciled


def forecasts(
    histories: Sequence[History],
    horizon: int,
    names: Sequence[str] = ALL,
    *,
    currency: str,
    parts: bool = False,
    note: str | None = None,
    run: Run = in_turn,
) -> list[CostForecast]:
    """Forecast each series; with `parts`, the first is the whole that the others add up to.

    Raises CannotForecastError, BadSettingError.
    """
    if not histories:
        return []
    made, measured = make(histories, horizon, names, run=run)
    if not parts or len(made) == 1:
        return [told(one, currency=currency, measured=measured, note=note) for one in made]
    top, moved = reconciled(made[0], made[1:])
    each = [told(one, currency=currency, measured=measured, note=note) for one in moved]
    return [added_up(told(top, currency=currency, measured=measured, note=note), each), *each]
