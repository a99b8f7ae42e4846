"""The clock: APScheduler holds the timetable in memory and decides when. It runs nothing itself.

What is due is told from the database, so any number of clocks may tick, and one that was down or could not reach the
database makes up for it at its next catch-up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy.exc import SQLAlchemyError

from finops.errors import CostsError
from jobs import queue, slots
from jobs.schedule import SCHEDULE, Entry

CATCH_UP_SECONDS = 5
"""How long a person's request waits at most before a worker hears of it."""

log = logging.getLogger(__name__)


class SlotTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 is published without types
    """Fires at an entry's own slots instead of APScheduler's reading of local time."""

    def __init__(self, entry: Entry) -> None:
        """Hold the entry."""
        self.entry = entry

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next slot."""
        return slots.following(self.entry.cron, self.entry.timezone, max(previous_fire_time or now, now))


def _tick(entry: Entry | None = None) -> None:
    try:
        if entry is None:
            queue.catch_up()
        else:
            queue.take_due(entry, now=datetime.now(UTC))
    except (CostsError, SQLAlchemyError) as error:
        log.warning("The clock tries again in %s s: %s", CATCH_UP_SECONDS, str(error).splitlines()[0])


def timetable() -> BackgroundScheduler:
    """Return the scheduler with every entry and the catch-up, not yet started."""
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for entry in SCHEDULE:
        scheduler.add_job(_tick, SlotTrigger(entry), args=[entry], id=entry.name)
    scheduler.add_job(_tick, "interval", seconds=CATCH_UP_SECONDS, id="catch-up", next_run_time=datetime.now(UTC))
    return scheduler


@contextmanager
def ticking() -> Iterator[BackgroundScheduler]:
    """Let the clock tick in a thread of its own while the block lasts."""
    scheduler = timetable()
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=True)
