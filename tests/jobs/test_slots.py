"""Every local day has its slot once, whatever the clocks do that night."""

from __future__ import annotations

import random
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobs import slots
from jobs.schedule import SCHEDULE, Entry

ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
DAY = timedelta(days=1)


def _slots(cron: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    found, due = [], slots.following(cron, zone, start)
    while due < end:
        found.append(due)
        due = slots.following(cron, zone, due)
    return found


def _exists(day: date, zone: ZoneInfo) -> bool:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


@pytest.mark.parametrize("seed", range(4))
def test_every_local_day_has_its_slot_once(seed: int) -> None:
    """Any zone, any year, any minute of the day; only days that a zone left out of its calendar have none."""
    chance = random.Random(seed)  # noqa: S311
    for name in chance.sample(ZONES, 15):
        year, hour, minute = chance.randint(1985, 2037), chance.choice([0, 0, 1, 2, 3, 23]), chance.choice([0, 30, 59])
        start = datetime(year, 1, 1, tzinfo=ZoneInfo(name)) - timedelta(seconds=1)
        due = _slots(f"{minute} {hour} * * *", name, start, datetime(year + 1, 1, 1, tzinfo=ZoneInfo(name)))
        days = [one.astimezone(ZoneInfo(name)).date() for one in due]
        there = [date(year, 1, 1) + n * DAY for n in range(366) if (date(year, 1, 1) + n * DAY).year == year]
        assert days == [day for day in there if _exists(day, ZoneInfo(name))], name


@pytest.mark.parametrize(
    ("zone", "cron", "night", "due"),
    [
        # Beirut skips 00:00 to 00:59 in spring: the first instant of that day is 01:00 local, 22:00 UTC.
        ("Asia/Beirut", "0 0 * * *", "2025-03-29T12:00+00:00", "2025-03-29T22:00+00:00"),
        ("Asia/Beirut", "30 0 * * *", "2025-03-29T12:00+00:00", "2025-03-29T22:00+00:00"),
        # New York shows 01:30 twice in autumn: the first one counts.
        ("America/New_York", "30 1 * * *", "2025-11-01T12:00+00:00", "2025-11-02T05:30+00:00"),
        # Berlin skips 02:30.
        ("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00+00:00", "2026-03-29T01:00+00:00"),
        # Samoa left 30 December 2011 out altogether; that night has one slot, not two.
        ("Pacific/Apia", "0 0 * * *", "2011-12-30T09:59+00:00", "2011-12-30T10:00+00:00"),
        ("Pacific/Apia", "0 0 * * *", "2011-12-30T10:00+00:00", "2011-12-31T10:00+00:00"),
        ("UTC", "0 7 * * mon", "2026-11-23T07:00+00:00", "2026-11-30T07:00+00:00"),
    ],
)
def test_gaps_run_at_their_end_and_folds_once(zone: str, cron: str, night: str, due: str) -> None:
    """Known nights of known places."""
    found = slots.following(cron, zone, datetime.fromisoformat(night))
    assert found == datetime.fromisoformat(due)
    after = slots.following(cron, zone, found)
    assert after - found >= timedelta(hours=23)


@pytest.mark.parametrize("cron", ["* * * * *", "5 * * * *", "20 5 * * *", "0 7 * * mon", "0 3 29 feb *"])
def test_the_latest_slot_is_the_one_before_the_next(cron: str) -> None:
    """Nothing is due between the latest slot and now."""
    now = datetime(2026, 11, 23, 9, 15, 30, tzinfo=UTC)
    latest = slots.latest(cron, "Europe/Lisbon", now)
    assert latest is not None
    assert latest <= now < slots.following(cron, "Europe/Lisbon", latest)
    assert slots.latest(cron, "Europe/Lisbon", latest) == latest


def test_the_timetable_says_what_it_means() -> None:
    """Names are unique, times can be read, and what could be misread is refused."""
    collecting = ["collect", "alerts", "forecast", "analyse", "anomalies", "recommend", "measure", "review"]
    assert [entry.name for entry in SCHEDULE] == [*collecting, "report", "digest", "deliver", "sweep"]
    for entry in SCHEDULE:
        assert slots.following(entry.cron, entry.timezone, datetime.now(UTC)) > datetime.now(UTC)
    with pytest.raises(ValueError, match="by name"):
        Entry("x", "x:y", "0 7 * * 1", "")
    with pytest.raises(ValueError, match="due in UTC"):
        Entry("x", "x:y", "*/5 * * * *", "", timezone="Europe/Berlin")
