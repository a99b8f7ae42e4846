"""Samples become a day in seven numbers and a usual week in 168."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from finops.resources import DailyUtilization
from finops.utilization import HOURS_A_WEEK, WEEKS, Profile, daily, merged, profile, rank

MONDAY = datetime(2026, 9, 14, tzinfo=UTC)


def hourly(days: int, *, value: float = 0.5, start: datetime = MONDAY) -> list[DailyUtilization]:
    """Return days whose samples are hourly and all the same."""
    return list(daily("i-1", "cpu", {start + timedelta(hours=hour): value for hour in range(24 * days)}))


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 10), (95, 19), (99, 20), (99.5, 20), (100, 20)])
def test_a_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    """Of twenty samples, always one that was measured; and of one sample that one."""
    assert rank([float(one) for one in range(1, 21)], percent) == expected
    assert rank([7.0], percent) == 7.0


def test_a_day_is_summed_up_in_seven_numbers() -> None:
    """1,000 samples tell P99 and P99.5 apart."""
    points = {MONDAY + timedelta(minutes=number): float(number + 1) for number in range(1000)}
    (day,) = daily("i-1", "cpu", points)
    numbers = (day.minimum, day.mean, day.p50, day.p95, day.p99, day.p995, day.maximum, day.samples)
    assert numbers == (1, 500.5, 500, 950, 990, 995, 1000, 1000)


def test_days_are_those_of_utc() -> None:
    """Whatever zone the samples are told in."""
    late = datetime(2026, 9, 15, 1, tzinfo=timezone(timedelta(hours=2)))
    assert [(one.day, one.hours.index(1.0)) for one in daily("i-1", "cpu", {late: 1.0})] == [(date(2026, 9, 14), 23)]


def test_a_day_without_its_peaks_is_left_out() -> None:
    """Where a provider tells peaks, a maximum of means would be too low."""
    means = {MONDAY: 0.1, MONDAY + timedelta(days=1): 0.2}
    assert [(one.mean, one.maximum) for one in daily("i-1", "cpu", means, peaks={MONDAY: 0.9})] == [(0.1, 0.9)]


def test_a_usual_week_knows_its_hours() -> None:
    """Monday's differ from Tuesday's; the rest of the week was not measured."""
    week = profile([*hourly(1, value=0.5), *hourly(1, value=0.1, start=MONDAY + timedelta(days=1))])
    assert week is not None
    assert (week.means[:24], week.means[24:48]) == ((0.5,) * 24, (0.1,) * 24)
    assert (sum(week.counts), len(week.means), len(week.counts)) == (48, HOURS_A_WEEK, HOURS_A_WEEK)


def test_a_day_that_is_told_again_counts_once() -> None:
    """Every collection asks for the last weeks, most of which are known."""
    first = profile(hourly(14))
    assert profile(hourly(14), first) == first
    again = profile(hourly(15), first)
    assert again is not None
    assert (again.counts[0], again.counts[24], again.through) == (3, 2, date(2026, 9, 28))


def test_of_many_weeks_older_ones_fade() -> None:
    """After a change of habit a year's past does not outweigh the last quarter."""
    year = profile(hourly(7 * 52, value=1.0))
    quarter = profile(hourly(7 * WEEKS, value=0.0, start=MONDAY + timedelta(weeks=52)), year)
    assert quarter is not None
    assert (quarter.counts[0], round(quarter.means[0], 2)) == (WEEKS, 0.35)


def test_two_usual_weeks_are_one() -> None:
    """Each weighs as many weeks as it stands for."""
    one, other = profile(hourly(7, value=0.1)), profile(hourly(14, value=0.4, start=MONDAY + timedelta(weeks=1)))
    assert isinstance(one, Profile)
    assert isinstance(other, Profile)
    both = merged(one, other)
    assert {round(value, 9) for value in both.means} == {0.3}
    assert (set(both.counts), both.through) == ({3}, other.through)


def test_days_that_do_not_tell_their_hours_make_no_week() -> None:
    """Traffic is told by the day."""
    assert profile([DailyUtilization("i-1", "network", date(2026, 9, 14), 1, 1, 1, 1, 1)]) is None
