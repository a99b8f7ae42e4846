"""Approve and Dismiss: decided once, by somebody who may, and redrawn wherever it was posted."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import announcements
from bot.blocks import recommendation
from bot.listeners.asking import Body, told
from finops.errors import NotAllowedError, NotOpenError
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
    refused: NotOpenError | NotAllowedError | None = None
    with transaction() as session:
        try:
            recommendations.decide(session, chosen, after, by=who, at=datetime.now(UTC))
        except NotOpenError as error:  # the first decision stands; the redraw shows it
            refused = error
    with transaction() as session:
        _redraw(session, body, respond, chosen)
        announcements.redraw(session, client, chosen)
    if refused:
        raise refused


def _redraw(session: Session, body: Body, respond: Respond, chosen: uuid.UUID) -> None:
    """Draw the message of the button anew, with all cards that Slack sent along; of a private one it sends none."""
    shown = [uuid.UUID(value) for value in _cards(body.get("message") or {})] or [chosen]
    rows = [recommendations.get(session, one) for one in dict.fromkeys([*shown, chosen])]
    text, blocks = recommendation.sentence(rows), recommendation.cards(rows)
    respond(text=text, blocks=blocks, replace_original=True)


def _cards(message: dict[str, Any]) -> list[str]:
    """Return the recommendations that a message still has buttons for."""
    elements = [one for block in message.get("blocks", []) for one in block.get("elements", [])]
    return [one["value"] for one in elements if str(one.get("action_id", "")).startswith("recommendation_")]
