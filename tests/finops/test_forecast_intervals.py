"""Intervals and errors of forecasts: they promise no more than past forecasts kept."""

from __future__ import annotations

import numpy as np
import pytest

from finops.forecasting import backtest, intervals
from finops.forecasting.forecast import make
from finops.forecasting.history import History
from finops.forecasting.members import BASELINE
from tests.finops.histories import CHEAP, START, a_series


def test_an_interval_holds_as_often_as_it_promises() -> None:
    """80 and 95 of 100, on series that calibrated nothing else."""
    series = [a_series(400, name=str(seed), seed=seed, level=10.0**seed) for seed in range(1, 6)]
    made, measured = make([one.first(370) for one in series], 30, BASELINE)
    inside = {
        level: np.mean(
            [
                (one.amounts[370:] >= each.ends[f"lo{level}"]) & (one.amounts[370:] <= each.ends[f"hi{level}"])
                for one, each in zip(series, made, strict=True)
            ]
        )
        for level in (80, 95)
    }
    assert 0.70 < inside[80] < 0.90
    assert 0.90 < inside[95] <= 1
    assert measured.coverage80 is not None
    assert 0.75 < measured.coverage80 < 0.85


def test_what_is_expected_of_a_sum_lies_in_the_middle_of_what_is_possible() -> None:
    """Also where past forecasts were too low, each of them."""
    found = intervals.Calibration(np.full((30, 20), 2.0))
    for days in (5, 20, 40):
        spread = intervals.sums(a_series(60), np.full(40, 100.0), found, days)
        assert np.median(spread) == pytest.approx(100 * days)
        assert spread[0] < 100 * days < spread[-1]


def test_one_spike_of_the_past_does_not_widen_every_day_to_come() -> None:
    """It is an anomaly, not how the series usually is."""
    calm = a_series(180)
    amounts = calm.amounts.copy()
    amounts[100] += 1e6
    assert intervals.noise(History("x", START, amounts)) < 2 * intervals.noise(calm)


def test_intervals_widen_beyond_what_is_known_of_misses() -> None:
    """As a random walk does: four times as far, twice as wide."""
    misses = np.full((30, 365), np.nan)
    misses[:, :40] = np.random.default_rng(1).normal(size=(30, 40))
    width = intervals.widths(intervals.Calibration(misses), 0.8)
    assert width[159] == pytest.approx(2 * width[39], rel=0.01)


def test_what_is_farther_ahead_is_no_more_certain() -> None:
    """One bad week of the past is spread over the days, not drawn as a bulge."""
    found = intervals.never_falling(np.array([1.0, 5.0, 3.0, 2.0, 6.0]))
    assert found == pytest.approx([1, 10 / 3, 10 / 3, 10 / 3, 6])


def test_a_past_forecast_knows_nothing_of_what_came() -> None:
    """Changing the days after its origin changes nothing but what it is held against."""
    series = a_series(120)
    other = History(series.name, START, np.concatenate([series.amounts[:90], np.full(30, 1e6)]))
    one, two = (backtest.made(backtest.Origin(each, 90, 30), CHEAP) for each in (series, other))
    assert (one.points == two.points).all()
    assert two.actual.sum() == 30e6


def test_errors_are_what_their_definitions_say() -> None:
    """By hand: a forecast of 12 where 10 came, after a history that changes by 4 from week to week."""
    before = History("x", START, np.repeat([0.0, 4.0], 7))
    window = intervals.Window(before, np.full(7, 10.0), np.full(7, 12.0))
    found = backtest.errors([window])
    assert found.mase == pytest.approx(2 / 4)
    assert found.against_naive == pytest.approx(2 / 6)
    assert found.smape == pytest.approx(2 * 2 / 22)
    assert found.total_error == pytest.approx(0.2)
    assert found.coverage80 is None


def test_past_forecasts_are_limited_however_many_series_there_are() -> None:
    """So that a thousand series do not take a day."""
    many = [a_series(730, name=str(number)) for number in range(1000)]
    assert len(backtest.origins(many, 30)) == backtest.TASKS
    assert [len(backtest.origins(many[:1], horizon)) for horizon in (7, 30, 365)] == [12, 6, 6]
