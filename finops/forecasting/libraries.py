"""Members whose model is a library's: dynamic-optimised theta and CES of statsforecast, and Prophet."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np

from finops.forecasting.baseline import WEEK
from finops.forecasting.history import Floats, History

TWO_YEARS = 730
ANCHOR = 14
"""Residuals of so many last days say by how much Prophet's curve misses where the series now is."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the libraries tell about themselves out of our output."""
    talkative = [logging.getLogger(name) for name in ("prophet", "prophet.plot", "cmdstanpy")]
    for one in talkative:
        one.disabled = True  # cmdstanpy sets its own level when it is imported
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def theta(series: History, horizon: int) -> Floats:
    """Dynamic-optimised theta (Fiorucci and others, 2016) on the last year: more adds time, not accuracy."""
    with _quiet():
        from statsforecast.models import DynamicOptimizedTheta  # noqa: PLC0415  seconds to import

        model = DynamicOptimizedTheta(season_length=WEEK)
        found = model.forecast(y=series.last(365).amounts.copy(), h=horizon)["mean"]
    return np.asarray(found, dtype=np.float64)


def ces(series: History, horizon: int) -> Floats:
    """Complex exponential smoothing (Svetunkov and others, 2022) on the last two years."""
    with _quiet():
        from statsforecast.models import AutoCES  # noqa: PLC0415  seconds to import

        model = AutoCES(season_length=WEEK)
        found = model.forecast(y=series.last(730).amounts.copy(), h=horizon)["mean"]
    return np.asarray(found, dtype=np.float64)


def prophet_curve(series: History, horizon: int, *, yearly: bool | Literal["auto"] = "auto") -> Floats:
    """Return Prophet's own curve over the history and the days ahead; its defaults but for the season of the year."""
    with _quiet():
        import pandas as pd  # noqa: PLC0415  slow, and only Prophet wants it
        from prophet import Prophet  # noqa: PLC0415

        model = Prophet(yearly_seasonality=yearly, uncertainty_samples=0)  # our intervals are measured, not sampled
        days = pd.date_range(series.start, periods=series.days)
        model.fit(pd.DataFrame({"ds": days, "y": series.amounts}))
        found = model.predict(model.make_future_dataframe(horizon))["yhat"]
    return np.asarray(found, dtype=np.float64)


def prophet(series: History, horizon: int) -> Floats:
    """Prophet on the last three years, moved to where the series now is by the median of its last residuals.

    The year has a season where it was seen twice: by its defaults Prophet wants a day more than two years.
    """
    recent = series.last(3 * 366)
    curve = prophet_curve(recent, horizon, yearly=recent.days >= TWO_YEARS)
    missed = recent.amounts[-ANCHOR:] - curve[: recent.days][-ANCHOR:]
    return np.asarray(curve[recent.days :] + np.median(missed), dtype=np.float64)
