"""Messages in channels: what they show, and drawing those about recommendations anew after a decision."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks import alert, recommendation
from finops.recommendations.lifecycle import State
from storage import recommendations
from storage.models import Outbox, OutboxState, Recommendation

KIND = "slack_message"
log = logging.getLogger(__name__)


def draw(session: Session, payload: dict[str, Any]) -> tuple[str, list[Block]]:
    """Return the text and blocks of an outbox message: an alert, or a digest of recommendations."""
    if "alert" in payload:
        return alert.sentence(payload["alert"]), alert.build(payload["alert"])
    rows = [recommendations.get(session, uuid.UUID(one)) for one in payload["digest"]["recommendation_ids"]]
    return recommendation.sentence(rows), recommendation.cards(rows, new=True)


def undecided(session: Session) -> list[Recommendation]:
    """Return what waits for a decision, the largest saving first."""
    return [row for row in recommendations.alive(session) if row.state is State.OPEN]


def redraw(session: Session, client: WebClient, chosen: uuid.UUID) -> set[tuple[str, str]]:
    """Draw every posted message that shows a recommendation anew; returns their channels and times."""
    places = set()
    posted = select(Outbox).where(
        Outbox.kind == KIND,
        Outbox.state == OutboxState.SENT,
        Outbox.payload["digest"]["recommendation_ids"].contains([str(chosen)]),
    )
    for message in session.scalars(posted):
        receipt = message.receipt or {}
        if "ts" in receipt:
            text, blocks = draw(session, message.payload)
            places.add((str(receipt["channel"]), str(receipt["ts"])))
            try:
                client.chat_update(channel=receipt["channel"], ts=receipt["ts"], text=text, blocks=blocks)
            except SlackApiError as error:  # somebody deleted it, or Slack is busy: the decision stands all the same
                log.warning("an announcement was not redrawn: %s", error.response.get("error"))
    return places
