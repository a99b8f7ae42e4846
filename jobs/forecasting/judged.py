"""Forecasts of series that an outside judge brings, made from days of the past by production's own code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from finops.forecasting.history import CannotForecastError, History, history
from finops.forecasting.values import CostForecast
from finops.money import NO_CURRENCY
from jobs.forecasting import guarded


def forecasts(
    series: Mapping[str, Mapping[date, float]], horizon: int, cutoffs: Sequence[date], names: Sequence[str]
) -> tuple[list[tuple[date, CostForecast]], list[str]]:
    """Return each cutoff's forecasts, and a sentence for every series that could not be forecast from one.

    Nothing after a cutoff is used. Raises CannotForecastError for a wrong horizon, BadSettingError for a wrong model.
    """
    made: list[tuple[date, CostForecast]] = []
    refused: list[str] = []
    for cutoff in cutoffs:
        known: list[History] = []
        for name, days in series.items():
            try:
                known.append(_known(name, days, cutoff))
            except CannotForecastError as error:
                refused.append(f"{cutoff}: {error}")
        found = guarded.forecasts(known, horizon, names, currency=NO_CURRENCY)
        made += [(cutoff, one) for one in found]
    return made, refused


def _known(name: str, days: Mapping[date, float], cutoff: date) -> History:
    last = max(days)
    if last < cutoff:
        message = f"{name} ends on {last}: choose a cutoff up to then."
        raise CannotForecastError(message)
    return history(name, days, through=cutoff)
