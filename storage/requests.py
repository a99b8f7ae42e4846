"""What people asked the jobs to do: written by the bot, picked up by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Request, RequestState


def ask(session: Session, *, job: str, parameters: Mapping[str, Any], by: str) -> Request:
    """Ask for a job of the timetable to be run soon. `by` is who asked, such as a Slack user id."""
    request = Request(job=job, parameters=dict(parameters), requested_by=by)
    session.add(request)
    session.flush()
    return request


def newest(session: Session, *, job: str, parameters: Mapping[str, Any], since: datetime) -> datetime | None:
    """Return when the very same was asked for last, if that was after `since`."""
    same = (Request.job == job, Request.parameters == dict(parameters), Request.created_at > since)
    return session.scalar(select(func.max(Request.created_at)).where(*same))


def pending(session: Session, *, limit: int = 20) -> list[Request]:
    """Return the oldest requests nobody has taken up, locked: another clock skips them."""
    waiting = select(Request).where(Request.state == RequestState.PENDING).order_by(Request.id).limit(limit)
    return list(session.scalars(waiting.with_for_update(skip_locked=True)))


def deferred(session: Session, request_id: int) -> None:
    """Note that a request is in the queue."""
    session.get_one(Request, request_id).state = RequestState.DEFERRED
    session.flush()
