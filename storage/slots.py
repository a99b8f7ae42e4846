"""Which due instants of the timetable are taken: one row each, however many clocks tick."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from storage.models import Slot


def take(session: Session, job: str, slot: datetime) -> bool:
    """Take a slot. Only one taker, in any process, is told True; another one waits for its transaction to end."""
    new = insert(Slot).values(job=job, slot=slot).on_conflict_do_nothing().returning(Slot.job)
    return session.scalar(new) is not None


def last(session: Session, job: str) -> datetime | None:
    """Return the newest slot of a job that was taken."""
    return session.scalar(select(func.max(Slot.slot)).where(Slot.job == job))


def prune(session: Session, *, older_than: datetime) -> int:
    """Forget old slots, but never a job's newest: what is due is told from it."""
    newer = aliased(Slot)
    outlived = select(newer.job).where(newer.job == Slot.job, newer.slot > Slot.slot).exists()
    gone = session.execute(delete(Slot).where(Slot.slot < older_than, outlived).returning(Slot.job))
    return len(gone.all())
