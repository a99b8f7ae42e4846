"""All that is asked for at once: series by themselves, or a whole and its parts."""

from __future__ import annotations

from collections.abc import Sequence

from finops.forecasting.forecast import Run, by_version, in_turn, make, told
from finops.forecasting.history import History
from finops.forecasting.members import ALL
from finops.forecasting.training import Setup
from finops.forecasting.values import CostForecast
from finops.forecasting.whole import added_up, reconciled


def forecasts(
    histories: Sequence[History],
    horizon: int,
    names: Sequence[str] = ALL,
    *,
    currency: str,
    parts: bool = False,
    setup: Setup | None = None,
    note: str | None = None,
    run: Run = in_turn,
) -> list[CostForecast]:
    """Forecast each series; with `parts`, the first is the whole that the others add up to.

    What past forecasts missed by is told of all series together, and of a part by its own past where that has some.

    With a `setup` it says which members, not `names`. Raises CannotForecastError, BadSettingError.
    """
    if not histories:
        return []
    model = None
    if setup:
        whole = parts or len(histories) == 1
        made, measured, model = by_version(histories, horizon, setup, whole=whole, run=run)
    else:
        made, measured = make(histories, horizon, names, run=run)
    scope = {"currency": currency, "measured": measured, "model": model, "note": note}
    if not parts or len(made) == 1:
        return [told(one, **scope) for one in made]  # type: ignore[arg-type]
    top, moved = reconciled(made[0], made[1:])
    each = [told(one, **scope | {"measured": one.own() or measured}) for one in moved]  # type: ignore[arg-type]
    return [added_up(told(top, **scope), each), *each]  # type: ignore[arg-type]
