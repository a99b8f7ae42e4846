"""Quiet hours keep what they promise on the nights when the clock is changed, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from finops.alerting.quiet import QuietHours

BERLIN = "Europe/Berlin"


def _quiet(start: str, end: str) -> QuietHours:
    return QuietHours.model_validate({"from": start, "to": end, "timezone": BERLIN})


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-01-10 20:59", None),
        ("2026-01-10 21:00", "2026-01-11 06:00"),
        ("2026-01-11 05:59", "2026-01-11 06:00"),
        ("2026-01-11 06:00", None),
        ("2026-07-10 20:00", "2026-07-11 05:00"),
        ("2026-03-28 22:00", "2026-03-29 05:00"),
        ("2026-10-24 21:00", "2026-10-25 06:00"),
    ],
)
def test_a_night_ends_at_its_wall_time_whether_it_is_long_or_short(at: str, until: str | None) -> None:
    """22:00 to 07:00 in Berlin: in winter, in summer, and on the two nights between."""
    assert _quiet("22:00", "07:00").until(_utc(at)) == (_utc(until) if until else None)


def test_an_end_that_comes_twice_ends_the_second_time_and_without_a_break() -> None:
    """On 25 October 02:30 comes at 00:30 and at 01:30 UTC."""
    quiet = _quiet("22:00", "02:30")
    minutes = [_utc("2026-10-24 20:00") + timedelta(minutes=n) for n in range(400)]
    silent = [at for at in minutes if quiet.until(at)]
    assert (silent[0], silent[-1]) == (_utc("2026-10-24 20:00"), _utc("2026-10-25 01:29"))
    assert len(silent) == 330
    assert {quiet.until(at) for at in silent} == {_utc("2026-10-25 01:30")}


def test_an_end_that_is_left_out_is_as_much_later_as_the_clock_was_put_forward() -> None:
    """On 29 March there is no 02:30 in Berlin: 03:30 is as long after the evening."""
    until = _quiet("22:00", "02:30").until(_utc("2026-03-28 23:00"))
    assert until is not None
    assert f"{until.astimezone(ZoneInfo(BERLIN)):%H:%M}" == "03:30"


def test_hours_of_one_day_are_quiet_within_that_day_alone() -> None:
    """A lunch break: noon to one."""
    quiet = _quiet("12:00", "13:00")
    assert quiet.until(_utc("2026-01-10 11:30")) == _utc("2026-01-10 12:00")
    assert quiet.until(_utc("2026-01-10 12:00")) is None
    assert quiet.until(_utc("2026-01-10 10:59")) is None
