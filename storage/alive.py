"""Who is still at work: a run holds an advisory lock, which PostgreSQL drops with the process, however that ended."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.database import engine
from storage.models import Outcome, Run

NOTEBOOK = "notebook:%"
NOTEBOOK_LIMIT = timedelta(hours=1)
"""A notebook's run holds no lock of its own; its time limit is minutes, so after an hour nobody is there."""
GONE = "The process that ran it ended before it did; its next slot, or the queue, runs it again."


def _key(run_id: uuid.UUID) -> int:
    return int.from_bytes(run_id.bytes[:8], signed=True)


@contextmanager
def holding(run_id: uuid.UUID) -> Iterator[None]:
    """Show that a run's process lives while the block lasts."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _key(run_id)})
        try:
            yield
        finally:
            connection.invalidate()  # the lock goes with the connection; nobody must get it from the pool


def lost(session: Session, *, now: datetime) -> list[Run]:
    """Return the runs that say they are running though nobody holds them, locked."""
    running = select(Run).where(Run.outcome == Outcome.RUNNING).with_for_update(skip_locked=True)
    notebooks = running.where(Run.job.like(NOTEBOOK), Run.started_at < now - NOTEBOOK_LIMIT)
    jobs = session.scalars(running.where(Run.job.not_like(NOTEBOOK))).all()
    return [*session.scalars(notebooks), *(run for run in jobs if _free(session, run.id))]


def _free(session: Session, run_id: uuid.UUID) -> bool:
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(_key(run_id)))))
