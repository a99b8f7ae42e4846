"""Histories of costs with a weekly pattern and noise, and the forecasts of them."""

from __future__ import annotations

from datetime import date

import numpy as np

from finops.forecasting.forecast import make, told
from finops.forecasting.history import History
from finops.forecasting.values import CostForecast

START = date(2026, 1, 1)
CHEAP = ("weekday", "level", "weekday_long", "yearly")


def a_series(days: int, *, name: str = "compute", seed: int = 1, level: float = 100.0) -> History:
    """A week with a quiet end, and noise."""
    chance = np.random.default_rng(seed)
    week = np.resize([level] * 5 + [level / 2] * 2, days)
    return History(name, START, week + chance.normal(0, level / 20, days))


def forecast_of(series: History, horizon: int = 30, names: tuple[str, ...] = CHEAP) -> CostForecast:
    """Return what is told of a series' forecast, by members that take no time."""
    [made], measured = make([series], horizon, names)
    return told(made, currency="USD", measured=measured)
