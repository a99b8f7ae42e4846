"""Usual weeks are kept beside the days, and grow with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from finops.periods import Period
from finops.resources import DailyUtilization, Resource
from finops.utilization import daily
from storage import profiles, resources

MONDAY = datetime(2026, 9, 14, tzinfo=UTC)
MACHINE = Resource("aws", "i-1", "machine", "i-1", "us-east-1", "1", "running", "m5.large", MONDAY)


def hourly(days: int) -> list[DailyUtilization]:
    """Return days of hourly samples, that of a day's first hour higher."""
    return list(daily("i-1", "cpu", {MONDAY + timedelta(hours=n): 0.25 if n % 24 else 0.75 for n in range(24 * days)}))


def test_what_is_measured_is_kept_by_the_day_and_by_the_hour_of_the_week(session: Session) -> None:
    """Days told again, as every collection does, count once."""
    resources.save_inventory(session, "aws", [("1", "us-east-1")], [MACHINE], at=MONDAY)
    for days in (7, 7, 8):
        resources.save_utilization(session, "aws", hourly(days))
    (week,) = profiles.load(session, [MACHINE.key])[MACHINE.key]
    assert (week.resource_id, week.metric, week.through) == ("i-1", "cpu", date(2026, 9, 21))
    assert (week.means[:2], week.counts[0], week.counts[24]) == ((0.75, 0.25), 2, 1)
    kept = resources.utilization(session, Period(date(2026, 9, 14), date(2026, 9, 15)))[MACHINE.key]
    assert kept == [replace(hourly(1)[0], hours=())]


def test_a_resource_without_hours_has_no_usual_week(session: Session) -> None:
    """Nor one that no inventory knows."""
    resources.save_inventory(session, "aws", [("1", "us-east-1")], [MACHINE], at=MONDAY)
    traffic = DailyUtilization("i-1", "network", date(2026, 9, 14), 1, 1, 1, 1, 1)
    resources.save_utilization(session, "aws", [traffic, *(replace(one, resource_id="i-2") for one in hourly(1))])
    assert profiles.load(session, [MACHINE.key]) == {}
