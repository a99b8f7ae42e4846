"""Forecasts from a child process with limits; where it fails, from the weekdays alone, and it says so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from finops.errors import CostsError
from finops.forecasting.history import History, checked, enough
from finops.forecasting.many import forecasts as made_here
from finops.forecasting.members import ALL, BASELINE, chosen
from finops.forecasting.values import CostForecast
from jobs.execution import process
from jobs.forecasting import child, files

TIME_LIMIT, APIECE = 120.0, 0.5
"""Seconds for all, and more for each series: ten times what they take."""
MEMORY_LIMIT = 3 * 2**30
"""Bytes of private memory; the libraries alone take a sixth of it."""

log = logging.getLogger(__name__)


def forecasts(
    histories: Sequence[History],
    horizon: int,
    names: Sequence[str] = ALL,
    *,
    currency: str,
    parts: bool = False,
    time_limit: float | None = None,
    memory_limit: int = MEMORY_LIMIT,
) -> list[CostForecast]:
    """Forecast each series; with `parts`, the first is the whole of the others.

    Raises CannotForecastError, BadSettingError; a crash, a hang or a lack of memory of the models raises nothing: then
    the forecast is the median of each weekday, and its note says why.
    """
    for series in histories:
        enough(series)
    members, ahead = chosen(names), checked(horizon)
    limit = TIME_LIMIT + APIECE * len(histories) if time_limit is None else time_limit
    order = {
        "horizon": ahead,
        "members": members,
        "currency": currency,
        "parts": parts,
        "memory_limit": memory_limit,
    }
    try:
        with process.workspace() as folder:
            files.handed(folder / child.SERIES, histories)
            words = {"name": "The forecast", "module": "jobs.forecasting.child", "environ": process.bare(folder)}
            ended_well = process.run(order, folder, time_limit=limit, **words)  # type: ignore[arg-type]
            return _left(folder, ended_well=ended_well, expected=len(histories))
    except CostsError as error:
        log.warning("%s", error)
        note = f"The models could not be used, so this is the median of each weekday. {error}"
        return made_here(histories, ahead, BASELINE, currency=currency, parts=parts, note=note)


def _left(folder: Path, *, ended_well: bool, expected: int) -> list[CostForecast]:
    problem = folder / child.PROBLEM
    if problem.exists():
        raise CostsError(problem.read_text(encoding="utf-8"))
    if not ended_well:
        said = (folder / process.LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        message = f"The forecast's process ended early: {said[-1] if said else 'it was killed'}."
        raise CostsError(message)
    lines = (folder / child.FORECASTS).read_text(encoding="utf-8").splitlines()
    found = [CostForecast.model_validate_json(line) for line in lines]
    if len(found) != expected:
        message = f"The forecast's process gave {len(found)} forecasts of {expected} series."
        raise CostsError(message)
    return found
