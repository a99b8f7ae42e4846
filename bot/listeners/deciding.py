"""Approve and Dismiss: decided once, by somebody who may, and redrawn wherever it was posted."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from slack_bolt import Respond
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import announcements
from bot.blocks import recommendation
from bot.listeners.telling import Body, told
from finops.errors import NotOpenError
from finops.recommendations.lifecycle import State
from storage import recommendations
from storage.database import transaction
from storage.settings import settings


@told
def approve(body: Body, respond: Respond, client: WebClient) -> None:
    """Approve the recommendation of the button."""
    _decide(body, respond, client, State.APPROVED)


@told
def dismiss(body: Body, respond: Respond, client: WebClient) -> None:
    """Dismiss the recommendation of the button."""
    _decide(body, respond, client, State.DISMISSED)


def _decide(body: Body, respond: Respond, client: WebClient, after: State) -> None:
    who = body["user"]["id"]
    if who not in settings().approvers:
        able = ", ".join(f"<@{one}>" for one in sorted(settings().approvers)) or "nobody yet (COSTS_APPROVERS)"
        respond(text=f"Only approvers may decide this: {able}.", response_type="ephemeral", replace_original=False)
        return
    chosen = uuid.UUID(body["actions"][0]["value"])
    late = False
    with transaction() as session:
        try:
            recommendations.decide(session, chosen, after, by=who, at=datetime.now(UTC))
        except NotOpenError:  # the first decision stands; the redraw shows it
            late = True
    with transaction() as session:
        _redraw(session, body, respond, client, chosen)
        first = recommendation.refusal(recommendations.get(session, chosen))
    if late:
        respond(text=first, response_type="ephemeral", replace_original=False)


def _redraw(session: Session, body: Body, respond: Respond, client: WebClient, chosen: uuid.UUID) -> None:
    """Draw anew where it was announced, and a private list, of which Slack sends no content along, as of now."""
    redrawn = announcements.redraw(session, client, chosen)
    place = body.get("container") or {}
    if (place.get("channel_id"), place.get("message_ts")) not in redrawn:
        others = [row for row in announcements.undecided(session) if row.id != chosen]
        rows = [recommendations.get(session, chosen), *others]
        respond(text=recommendation.sentence(rows), blocks=recommendation.cards(rows), replace_original=True)
