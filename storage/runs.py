"""What ran: a row for every execution of a job or a notebook."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.models import Artifact, Outcome, Run

NOTHING: Mapping[str, Any] = {}


def begin(session: Session, job: str, *, slot: datetime | None = None, parameters: Mapping[str, Any] = NOTHING) -> Run:
    """Note that a run starts now."""
    run = Run(job=job, slot=slot, parameters=dict(parameters), outcome=Outcome.RUNNING)
    session.add(run)
    session.flush()
    return run


def finish(
    session: Session,
    run_id: uuid.UUID,
    *,
    outcome: Outcome,
    error: str | None = None,
    result: dict[str, Any] | None = None,
) -> None:
    """Note how a run ended. One that was already marked as ended stays as it was."""
    run = session.get_one(Run, run_id, with_for_update=True)
    if run.outcome is Outcome.RUNNING:
        run.outcome, run.error, run.result = outcome, error, result
        run.ended_at = func.clock_timestamp()
        session.flush()


def latest(session: Session, job: str, *, outcome: Outcome | None = Outcome.SUCCEEDED) -> Run | None:
    """Return the run of a job that started last, by default among those that succeeded."""
    return session.scalar(_latest(job, outcome))


@lru_cache(64)
def _latest(job: str, outcome: Outcome | None) -> Select[Run]:
    """Write the statement once: each answer looks for its evidence."""
    found = select(Run).where(Run.job == job).order_by(Run.started_at.desc()).limit(1)
    return found.where(Run.outcome == outcome) if outcome else found


def latest_with(session: Session, job: str, result: Mapping[str, Any]) -> Run | None:
    """Return the succeeded run of a job that started last among those whose result holds these values."""
    return session.scalar(_latest(job, Outcome.SUCCEEDED).where(Run.result.contains(dict(result))))


def failed_since(session: Session, job: str, parameters: Mapping[str, Any], since: datetime) -> str | None:
    """Return why the last run with these parameters failed, of those that began after `since`; None if it did not."""
    same = (Run.job == job, Run.parameters == dict(parameters), Run.started_at >= since, Run.outcome != Outcome.RUNNING)
    run = session.scalar(select(Run).where(*same).order_by(Run.started_at.desc()).limit(1))
    return run.error if run is not None and run.outcome is Outcome.FAILED else None


def page(session: Session, run_id: uuid.UUID) -> Artifact | None:
    """Return the evidence page that a notebook's run left."""
    found = select(Artifact).where(Artifact.run_id == run_id, Artifact.media_type == "text/html")
    return session.scalar(found.order_by(Artifact.created_at.desc()).limit(1))


def pictures(session: Session, run_id: uuid.UUID) -> list[Artifact]:
    """Return the charts that a notebook's run left, in their order in the notebook."""
    found = select(Artifact).where(Artifact.run_id == run_id, Artifact.media_type == "image/png")
    return list(session.scalars(found.order_by(Artifact.name)))
