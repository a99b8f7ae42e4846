"""Last year: its weekdays come again, and so do the days that stand out every year."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from finops.forecasting import annual, baseline
from finops.forecasting.history import History
from finops.forecasting.members import predict

START, MONDAY = date(2026, 1, 1), date(2023, 1, 2)
CHEAP = ("weekday", "level", "weekday_long", "yearly", "last_year", "last_year_scaled")


def _year_with(days: dict[date, float], *, start: date, count: int) -> History:
    """Years of a quiet week, some days of which are otherwise."""
    noise = np.random.default_rng(5).normal(0, 1, count)
    amounts = np.resize([100.0] * 5 + [60.0] * 2, count) + noise  # the start is a Monday
    for day, amount in days.items():
        amounts[(day - start).days] = amount
    return History("x", start, amounts)


def test_a_holiday_is_low_again_and_no_other_day_learns_from_it() -> None:
    """On its date; that it falls on another weekday changes nothing."""
    quiet = _year_with({}, start=MONDAY, count=1080)  # through 16 December 2025
    known = _year_with({date(2023, 12, 25): 30, date(2024, 12, 25): 30}, start=MONDAY, count=1080)
    found, usual = predict(known, 30, CHEAP).points, predict(quiet, 30, CHEAP).points
    place = (date(2025, 12, 25) - known.end).days
    assert found[place] == pytest.approx(30, abs=8)
    assert np.delete(found, place) == pytest.approx(np.delete(usual, place), abs=3)


def test_a_day_that_is_the_same_weekday_of_its_month_is_found_too() -> None:
    """The fourth Thursday of November."""
    thanksgiving = {date(2023, 11, 23): 20, date(2024, 11, 28): 20}
    series = _year_with(thanksgiving, start=MONDAY, count=1050)  # through 16 November 2025
    calm, events = annual.split(series, 30)
    assert list(events.ahead) == [(date(2025, 11, 27) - series.end).days]
    assert calm.amounts.min() > 50


def test_what_stood_out_once_or_to_both_sides_is_chance() -> None:
    """Nothing is expected again."""
    for days in ({date(2024, 11, 28): 20.0}, {date(2023, 12, 5): 20.0, date(2024, 12, 5): 200.0}):
        series = _year_with(days, start=MONDAY, count=1050)
        assert not annual.split(series, 30)[1].ahead


def test_a_yearly_fee_is_high_again_and_a_holiday_on_a_sunday_stays_a_sunday() -> None:
    """A day that is as low anyway is not lowered again."""
    events = annual.Events(100.0, {1: 500.0, 3: -30.0, 4: -60.0})
    assert list(events.put_into(np.array([100.0, 100.0, 100.0, 60.0, 60.0]))) == [100, 600, 100, 60, 40]


def test_last_years_days_come_again_at_todays_level() -> None:
    """Moved, or scaled; beyond a year their last week goes on."""
    amounts = np.concatenate([np.full(364 - 7, 100.0), np.linspace(10, 70, 7), np.full(91, 200.0)])
    amounts[91 + 10 : 91 + 17] = 150.0  # a week of its own, a year before the 11th day ahead
    series = History("x", START, amounts)
    assert baseline.last_year(series, 20)[10:17] == pytest.approx(np.full(7, 250.0))
    assert baseline.last_year_scaled(series, 20)[10:17] == pytest.approx(np.full(7, 300.0))
    assert len(baseline.last_year(series, 365)) == 365
    assert baseline.last_year_scaled(History("x", START, -amounts), 20)[0] == pytest.approx(-200.0)
