"""A series' own misses count for half of its intervals: others tell what its own few cannot, and no more."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from finops.forecasting import backtest, intervals
from finops.forecasting.history import History
from finops.forecasting.intervals import Calibration, Window

START = date(2026, 1, 1)


def _series(name: str) -> History:
    return History(name, START, np.resize([100.0, 102.0], 60))


def _windows(name: str, miss: float, count: int) -> list[Window]:
    """Past forecasts that missed every day by so much."""
    before = _series(name)
    return [Window(before, before.amounts[:14] + miss, before.amounts[:14]) for _ in range(count)]


def test_one_restless_series_does_not_make_the_intervals_of_quiet_ones_useless() -> None:
    """Pooled alike, one of seven would widen those of all others to its own, and have too narrow ones itself."""
    names = ["quiet", *"abcde"]
    windows = [one for name in names for one in _windows(name, 1, 6)] + _windows("restless", 100, 6)
    found = intervals.calibration(windows, [], 14)
    assert intervals.widths(found, 0.90)[0] == pytest.approx(50)
    assert intervals.widths(found.of(_series("quiet")), 0.90)[0] == pytest.approx(0.5)
    assert intervals.widths(found, 0.80)[0] == pytest.approx(0.5)
    assert intervals.widths(found.of(_series("restless")), 0.80)[0] == pytest.approx(50)


def test_a_series_without_a_past_has_the_misses_of_all_others() -> None:
    """And so have those whose names nobody told."""
    found = intervals.calibration(_windows("quiet", 1, 12), [], 14)
    assert found.of(_series("new")) is found
    unnamed = Calibration(found.misses)
    assert unnamed.of(_series("quiet")) is unnamed


def test_a_window_does_not_say_how_wide_its_own_interval_is() -> None:
    """Each is held against the others: one that was far out is counted as missed."""
    windows = [*_windows("quiet", 1, 11), *_windows("quiet", 100, 1)]
    found = intervals.calibration(windows, [], 14).without(11)
    assert (len(found.misses), len(found.names)) == (11, 11)
    assert backtest.errors(windows).coverage80 == pytest.approx(11 / 12)
