"""From "it is due" to a job in the queue: the slot, the request and the job are written in one transaction."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

from finops.errors import UnknownWordError
from jobs import slots
from jobs.schedule import SCHEDULE, Entry, find
from storage import requests
from storage import slots as taken
from storage.database import transaction

TASK = "run"
"""The one task of the queue; which job it runs is its argument, looked up in the timetable and nowhere else."""
ATTEMPTS = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is asked to run: a job of the timetable by name."""

    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    slot: str | None = None
    attempt: int = 1

    def next_attempt(self) -> Work | None:
        """Return the same work counted once more, or None if it was tried often enough."""
        return replace(self, attempt=self.attempt + 1) if self.attempt < ATTEMPTS else None


@cache
def _deferring() -> App:
    return App(connector=SyncPsycopgConnector())  # never opened: it writes on the transaction's own connection


def defer(session: Session, work: Work, *, wait: timedelta | None = None) -> bool:
    """Put work into the queue, in this transaction. Returns False if the same work already waits there.

    Raises UnknownWordError if no such job is in the timetable.
    """
    entry = find(work.name)
    only_this = session.begin_nested()  # so that "already there" undoes nothing else
    task = _deferring().configure_task(
        TASK,
        lock=entry.name if entry.alone else None,
        queueing_lock=entry.name + (json.dumps(work.parameters, sort_keys=True) if work.parameters else ""),
        schedule_at=datetime.now(UTC) + wait if wait else None,
        connection=session.connection().connection.driver_connection,  # asked for now: this sets the savepoint
    )
    try:
        task.defer(**asdict(work))
    except AlreadyEnqueued:
        only_this.rollback()
        return False
    only_this.commit()
    return True


def take_due(entry: Entry, *, now: datetime) -> datetime | None:
    """Put an entry's newest due slot into the queue, unless it was taken: of those missed, the newest is made up.

    A job seen for the first time only notes where it stands: a new installation mails no report about last week.
    """
    slot = slots.latest(entry.cron, entry.timezone, now)
    if slot is None:
        return None
    with transaction() as session:
        before = taken.last(session, entry.name)
        if (before is not None and slot <= before) or not taken.take(session, entry.name, slot) or before is None:
            return None
        if not defer(session, Work(entry.name, slot=slot.isoformat())):
            log.info("%s: its earlier run has not started yet, so this one is folded into it", entry.name)
        return slot


def take_requests() -> int:
    """Put what people asked for into the queue. A request for an unknown job is logged and dropped."""
    with transaction() as session:
        waiting = requests.pending(session)
        for request in waiting:
            requests.deferred(session, request.id)
            try:
                defer(session, Work(request.job, request.parameters))
            except UnknownWordError as error:
                log.warning("Request %s of %s is dropped: %s", request.id, request.requested_by, error)
        return len(waiting)


def catch_up(*, now: datetime | None = None) -> None:
    """Take everything that is due or asked for."""
    for entry in SCHEDULE:
        take_due(entry, now=now or datetime.now(UTC))
    take_requests()
