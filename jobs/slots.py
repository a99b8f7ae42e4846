"""When an entry of the timetable is due, in its own local time: pure arithmetic, no clock and no database.

A cron line is evaluated on the wall clock alone and only then mapped to an instant, so every local day has its slot
once: one that falls into a gap (a spring night's missing hour) is due at the first instant after it, one that a fold
shows twice is due the first time. APScheduler's own CronTrigger, asked in local time, skips whole days there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

ONE_SECOND = timedelta(seconds=1)
# From near to far, so that a minutely entry is not walked through a year, and a yearly one is still found.
LOOK_BACK = tuple(timedelta(minutes=minutes) for minutes in (2, 150, 3 * 1440, 40 * 1440, 370 * 1440, 1500 * 1440))


@cache
def _wall_clock(cron: str) -> CronTrigger:
    return CronTrigger.from_crontab(cron, timezone=UTC)  # UTC stands for "no zone": every wall time exists once


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a local wall time: the first of two in a fold, the first after it in a gap."""
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # in a gap, fold=1 reads the later offset: too early
    return _change(early, found, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant between the two at which the zone's offset changes."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > ONE_SECOND:
        middle = before + ((after - before) / 2 // ONE_SECOND) * ONE_SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def following(cron: str, timezone: str, after: datetime) -> datetime:
    """Return the first instant (UTC) later than `after` at which the cron line is due in the zone."""
    zone = ZoneInfo(timezone)
    wall = after.astimezone(zone).replace(tzinfo=UTC, fold=0)
    while True:
        # The trigger's ends are inclusive, so the wall time itself would be found again and again.
        wall = _wall_clock(cron).get_next_fire_time(None, wall + timedelta(microseconds=1))
        due = instant(wall.replace(tzinfo=None), zone)
        if due > after:
            return due


def latest(cron: str, timezone: str, until: datetime) -> datetime | None:
    """Return the last instant (UTC), not later than `until`, at which the cron line was due in the zone."""
    for distance in LOOK_BACK:
        found, due = None, following(cron, timezone, until - distance)
        while due <= until:
            found, due = due, following(cron, timezone, due)
        if found is not None:
            return found
    return None
