"""Where a recommendation was posted, and having those places drawn anew and told what happened."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Outbox, OutboxState, RecommendationEvent

KIND = "slack_message"
REDRAW, HAPPENED, CARD = "redraw_recommendation", "recommendation_event", "recommendation"
"""In a payload: whose messages are drawn anew; what happened, told in a thread; whose card a direct message shows."""
WELCOME, TO = "welcome", "to"
"""In a payload: greets whoever installed the app; the person whose direct messages it goes to, not a channel."""


def showing(session: Session, recommendation_id: uuid.UUID) -> list[Outbox]:
    """Return every posted message that shows a recommendation, the oldest first."""
    name = str(recommendation_id)
    shows = or_(Outbox.payload["digest"]["recommendation_ids"].contains([name]), Outbox.payload[CARD].astext == name)
    return _posted(session, shows)


def showing_anomaly(session: Session, anomaly_id: uuid.UUID) -> list[Outbox]:
    """Return every posted message of an anomaly, the oldest first."""
    return _posted(session, Outbox.payload["anomaly"].astext == str(anomaly_id))


def _posted(session: Session, shows: ColumnElement[bool]) -> list[Outbox]:
    sent = select(Outbox).where(Outbox.kind == KIND, Outbox.state == OutboxState.SENT, shows).order_by(Outbox.id)
    return [one for one in session.scalars(sent) if "ts" in (one.receipt or {})]


def waiting(session: Session, recommendation_id: uuid.UUID) -> list[int]:
    """Return what in the outbox waits to have a recommendation's messages drawn anew."""
    rows = select(Outbox.id).where(
        Outbox.kind == KIND,
        Outbox.state == OutboxState.PENDING,
        Outbox.payload[REDRAW].astext == str(recommendation_id),
    )
    return list(session.scalars(rows))


def tell(session: Session, event: RecommendationEvent) -> None:
    """Have what happened written into the thread of every message that shows it, and those messages drawn anew.

    Both are rows of the outbox in the same transaction: whoever dies, they are sent.
    """
    shown = showing(session, event.recommendation_id)
    for message in shown:
        receipt = message.receipt or {}
        payload = {"channel": receipt["channel"], "thread_ts": receipt["ts"], HAPPENED: event.id}
        key = f"recommendation event {event.id} under {message.id}"
        outbox.put(session, workspace=message.workspace, key=key, kind=KIND, payload=payload)
    if shown:
        payload = {"channel": None, REDRAW: str(event.recommendation_id)}
        outbox.put(session, key=f"recommendation event {event.id} redraw", kind=KIND, payload=payload)
