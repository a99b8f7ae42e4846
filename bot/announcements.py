"""Messages in channels: what they show, and drawing them anew after a decision."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot import cards, workspaces
from bot.blocks import alert, anomaly, asking, happened, recommendation
from bot.blocks.text import escape
from finops.errors import BadSettingError
from storage import accounts, alerts, anomalies, outbox, posted, recommendations, runs
from storage.artifacts import link
from storage.database import transaction
from storage.models import Anomaly, Outbox, OutboxState, RecommendationEvent

KIND = "slack_message"
REDRAW = "redraw"
"""In the payload of what has an anomaly's message drawn anew, instead of posting one."""
GONE = frozenset({"message_not_found", "channel_not_found", "is_archived", "cant_update_message"})
"""What Slack says of a message that will never be drawn anew."""
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
    if posted.HAPPENED in payload:
        event = session.get_one(RecommendationEvent, payload[posted.HAPPENED])
        return happened.build(recommendations.get(session, event.recommendation_id), event)
    if posted.CARD in payload:
        row = recommendations.get(session, uuid.UUID(payload[posted.CARD]))
        return asking.build(cards.of(session, row), by=payload["by"], owner=payload["owner"])
    rows = [recommendations.get(session, uuid.UUID(one)) for one in payload["digest"]["recommendation_ids"]]
    return recommendation.sentence(rows), recommendation.cards(cards.all_of(session, rows), new=True)


def _anomaly(session: Session, row: Anomaly) -> tuple[str, list[Block]]:
    told = alerts.alert(row, accounts.labels(session), alerts.through(session))
    page = runs.page(session, row.run_id) if row.run_id else None
    said = anomalies.said(session, [row]).get(row.id)
    return anomaly.sentence(told), anomaly.build(row, told, evidence=link(page) if page else None, said=said)


def redraw(chosen: uuid.UUID) -> set[tuple[str, str]]:
    """Draw every posted message that shows a recommendation anew; returns their channels and times."""
    with transaction() as session:
        waiting = posted.waiting(session, chosen)  # first: what comes after this is not drawn yet, perhaps
        shown = posted.showing(session, chosen)
        drawn = [(one.workspace, one.receipt or {}, *draw(session, one.payload)) for one in shown]
    places = [_update(workspace, receipt, text, blocks) for workspace, receipt, text, blocks in drawn]
    if None not in places:
        with transaction() as session:
            for one in waiting:
                outbox.sent(session, one)
    return {(str(receipt["channel"]), str(receipt["ts"])) for _, receipt, _, _ in drawn}


def redraw_asked(payload: dict[str, Any]) -> bool:
    """Draw anew what a row of the outbox asks for instead of posting something; returns whether it does."""
    if posted.REDRAW in payload:
        redraw(uuid.UUID(payload[posted.REDRAW]))
        return True
    if REDRAW in payload:
        with transaction() as session:
            redraw_anomaly(session, uuid.UUID(payload[REDRAW]))
        return True
    return False


def redraw_anomaly(session: Session, chosen: uuid.UUID) -> set[tuple[str, str]]:
    """Draw the message of an anomaly anew, wherever it was posted; returns its channel and time."""
    return _redraw(session, Outbox.payload["anomaly"].astext == str(chosen))


def _redraw(session: Session, shows: ColumnElement[bool]) -> set[tuple[str, str]]:
    places = set()
    sent = select(Outbox).where(Outbox.kind == KIND, Outbox.state == OutboxState.SENT, shows)
    for message in session.scalars(sent):
        receipt = message.receipt or {}
        if "ts" in receipt:
            text, blocks = draw(session, message.payload)
            places.add((str(receipt["channel"]), str(receipt["ts"])))
            _update(message.workspace, receipt, text, blocks)
    return places


def _update(workspace: str, receipt: Mapping[str, Any], text: str, blocks: list[Block]) -> bool | None:
    """Draw a message anew; None if Slack did not take it, False if it never will."""
    try:
        client = workspaces.client(workspace)
        client.chat_update(channel=receipt["channel"], ts=receipt["ts"], text=text, blocks=blocks)
    except BadSettingError as error:  # the workspace was sent away
        log.warning("an announcement was not redrawn: %s", error)
        return False
    except SlackApiError as error:  # somebody deleted it, or Slack is busy: the decision stands all the same
        code = str(error.response.get("error"))
        log.warning("an announcement was not redrawn: %s", code)
        return False if code in GONE else None
    return True
