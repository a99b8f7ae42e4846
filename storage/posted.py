"""Where a recommendation was posted, and having those places drawn anew and told what happened."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Outbox, OutboxState, RecommendationEvent

KIND = "slack_message"
REDRAW, HAPPENED, CARD = "redraw_recommendation", "recommendation_event", "recommendation"
"""In a payload: whose messages are drawn anew; what happened, told in a thread; whose card a direct message shows."""
TOGETHER = "recommendation_events"
"""In a payload: what happened to many at once, told as one."""
QUESTION = "asked"
"""In the payload of a question to an owner: the event of asking it."""
ROLE = "role"
"""In the payload of a card for one person: their role when it was sent; it shows what they may press."""
WELCOME, TO = "welcome", "to"
"""In a payload: greets whoever installed the app; the person whose direct messages it goes to, not a channel."""
ENDED = "digest_ended"
"""In a payload: the digest that ended of itself, of which it tells."""

MISSED = "missed"
"""In a payload: whom it was to tell (`to`), and `why` it goes to the channel of announcements instead."""


def showing(session: Session, recommendation_id: uuid.UUID) -> list[Outbox]:
    """Return every posted message that shows a recommendation, the oldest first."""
    name = str(recommendation_id)
    shows = or_(Outbox.payload["digest"]["recommendation_ids"].contains([name]), Outbox.payload[CARD].astext == name)
    return posted(session, shows)


def showing_anomaly(session: Session, anomaly_id: uuid.UUID) -> list[Outbox]:
    """Return every posted message of an anomaly, the oldest first."""
    return posted(session, Outbox.payload["anomaly"].astext == str(anomaly_id))


def posted(session: Session, shows: ColumnElement[bool]) -> list[Outbox]:
    """Return every posted message of which that is true, the oldest first."""
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
    shown, name = showing(session, event.recommendation_id), f"recommendation event {event.id}"
    in_threads(session, shown, key=name, payload={HAPPENED: event.id})
    if shown:
        redraw(session, key=name, payload={REDRAW: str(event.recommendation_id)})


def together(session: Session, events: Sequence[RecommendationEvent]) -> None:
    """Have told as one what happened to many at once: a line in the thread of each message that shows some of them."""
    told: dict[int, tuple[Outbox, list[int]]] = {}
    for event in events:
        shown, name = showing(session, event.recommendation_id), f"recommendation event {event.id}"
        for message in shown:
            told.setdefault(message.id, (message, []))[1].append(event.id)
        if shown:
            redraw(session, key=name, payload={REDRAW: str(event.recommendation_id)})
    for message, ids in told.values():
        payload = {TOGETHER: ids} if len(ids) > 1 else {HAPPENED: ids[0]}
        in_threads(session, [message], key=f"recommendation events from {ids[0]}", payload=payload)


def in_threads(session: Session, shown: Iterable[Outbox], *, key: str, payload: Mapping[str, Any]) -> None:
    """Have something written into the thread of each of these messages, once a key and message."""
    for message in shown:
        receipt = message.receipt or {}
        there = {"channel": receipt["channel"], "thread_ts": receipt["ts"], **payload}
        outbox.put(session, workspace=message.workspace, key=f"{key} under {message.id}", kind=KIND, payload=there)


def redraw(session: Session, *, key: str, payload: Mapping[str, Any], workspace: str = "") -> None:
    """Have messages drawn anew, once a key; `payload` says which."""
    outbox.put(session, workspace=workspace, key=f"{key} redraw", kind=KIND, payload={"channel": None, **payload})
