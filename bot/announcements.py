"""Messages in channels: what they show, and drawing them anew after a decision."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot import workspaces
from bot.blocks import alert, anomaly, recommendation
from bot.blocks.text import escape
from finops.errors import BadSettingError
from finops.recommendations.lifecycle import State
from storage import accounts, alerts, anomalies, recommendations, runs
from storage.artifacts import link
from storage.models import Anomaly, Outbox, OutboxState, Recommendation

KIND = "slack_message"
REDRAW = "redraw"
"""In the payload of what has an anomaly's message drawn anew, instead of posting one."""
log = logging.getLogger(__name__)


def draw(session: Session, payload: dict[str, Any]) -> tuple[str, list[Block]]:
    """Return the text and blocks of an outbox message: an alert, an anomaly or many, a digest of recommendations."""
    if "anomaly" in payload:
        return _anomaly(session, anomalies.get(session, uuid.UUID(payload["anomaly"])))
    if "anomalies" in payload:
        called, last = accounts.labels(session), alerts.through(session)
        told = [alerts.alert(anomalies.get(session, uuid.UUID(one)), called, last) for one in payload["anomalies"]]
        return escape(anomaly.past(told)), anomaly.many(told)
    if "alert" in payload:
        return alert.sentence(payload["alert"]), alert.build(payload["alert"])
    rows = [recommendations.get(session, uuid.UUID(one)) for one in payload["digest"]["recommendation_ids"]]
    return recommendation.sentence(rows), recommendation.cards(rows, new=True)


def _anomaly(session: Session, row: Anomaly) -> tuple[str, list[Block]]:
    told = alerts.alert(row, accounts.labels(session), alerts.through(session))
    page = runs.page(session, row.run_id) if row.run_id else None
    said = anomalies.said(session, [row]).get(row.id)
    return anomaly.sentence(told), anomaly.build(row, told, evidence=link(page) if page else None, said=said)


def undecided(session: Session) -> list[Recommendation]:
    """Return what waits for a decision, the largest saving first."""
    return [row for row in recommendations.alive(session) if row.state is State.OPEN]


def redraw(session: Session, client: WebClient, chosen: uuid.UUID) -> set[tuple[str, str]]:
    """Draw every posted message that shows a recommendation anew; returns their channels and times."""
    return _redraw(session, client, Outbox.payload["digest"]["recommendation_ids"].contains([str(chosen)]))


def redraw_anomaly(session: Session, client: WebClient, chosen: uuid.UUID) -> set[tuple[str, str]]:
    """Draw the message of an anomaly anew, wherever it was posted; returns its channel and time."""
    return _redraw(session, client, Outbox.payload["anomaly"].astext == str(chosen))


def _redraw(session: Session, client: WebClient, shows: ColumnElement[bool]) -> set[tuple[str, str]]:
    places = set()
    posted = select(Outbox).where(Outbox.kind == KIND, Outbox.state == OutboxState.SENT, shows)
    for message in session.scalars(posted):
        receipt = message.receipt or {}
        if "ts" in receipt:
            text, blocks = draw(session, message.payload)
            places.add((str(receipt["channel"]), str(receipt["ts"])))
            try:
                client = workspaces.client(message.workspace)
                client.chat_update(channel=receipt["channel"], ts=receipt["ts"], text=text, blocks=blocks)
            except BadSettingError as error:  # the workspace was sent away
                log.warning("an announcement was not redrawn: %s", error)
            except SlackApiError as error:  # somebody deleted it, or Slack is busy: the decision stands all the same
                log.warning("an announcement was not redrawn: %s", error.response.get("error"))
    return places
