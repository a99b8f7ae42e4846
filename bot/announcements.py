"""Messages in channels: what they show, and drawing them anew after a decision."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from sqlalchemy.orm import Session

from bot import cards, cost_alerts, digest, refusals, workspaces
from bot.blocks import alert, anomaly, asking, happened, missed, recommendation, subscription
from bot.blocks import draft as drawn
from bot.blocks.home import welcome
from bot.blocks.text import escape
from bot.drafts.draft import Draft
from finops.errors import BadSettingError, CostsError
from finops.roles import Role
from storage import (
    accounts,
    alert_posts,
    alerts,
    anomalies,
    charges,
    outbox,
    owner_says,
    posted,
    recommendations,
    runs,
)
from storage.artifacts import link
from storage.database import transaction
from storage.models import Anomaly, Outbox, Recommendation, RecommendationEvent, Subscription

KIND = posted.KIND
REDRAW = "redraw"
"""In the payload of what has an anomaly's message drawn anew, instead of posting one."""
GONE = frozenset({"message_not_found", "channel_not_found", "is_archived", "cant_update_message"})
"""What Slack says of a message that will never be drawn anew."""
LOOKS = "looks"
"""In a receipt: the hash of what was drawn last, so that nothing is drawn twice, however often it is asked for."""
log = logging.getLogger(__name__)


class NotRedrawnError(CostsError):
    """Slack did not take a drawing now: it has to be tried again, after as long as Slack asks for, if it does."""

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(f"A message was not drawn anew ({why}).")
        self.after = after


def draw(session: Session, payload: dict[str, Any]) -> tuple[str, list[Block]]:
    """Return the text and blocks of an outbox message: an alert, an anomaly or many, a digest of recommendations."""
    text, blocks = _drawn(session, payload)
    return missed.added(text, blocks, payload[posted.MISSED]) if posted.MISSED in payload else (text, blocks)


def _drawn(session: Session, payload: dict[str, Any]) -> tuple[str, list[Block]]:
    if digest.SUBSCRIPTION in payload:
        return _digest(digest.of(session, payload))
    if payload.keys() & cost_alerts.KEYS:
        return cost_alerts.draw(session, payload)
    if "anomaly" in payload:
        return _anomaly(session, anomalies.get(session, uuid.UUID(payload["anomaly"])))
    if "anomalies" in payload:
        return _anomalies(session, payload["anomalies"])
    if "alert" in payload:
        return alert.sentence(payload["alert"]), alert.build(payload["alert"])
    return _savings(session, payload)


def _digest(told: Draft) -> tuple[str, list[Block]]:
    return drawn.fallback(told), drawn.build(told, share=False)


def _anomalies(session: Session, chosen: Sequence[str]) -> tuple[str, list[Block]]:
    called, last = accounts.labels(session), alerts.through(session)
    rows = [anomalies.get(session, uuid.UUID(one)) for one in chosen]
    told = [(row.id, alerts.alert(row, called, last)) for row in rows]
    return escape(anomaly.past([one for _, one in told])), anomaly.many(told)


def _savings(session: Session, payload: dict[str, Any]) -> tuple[str, list[Block]]:
    if posted.WELCOME in payload:
        return welcome.message(empty=not charges.currencies(session))
    if posted.ENDED in payload:
        return subscription.ended(session.get_one(Subscription, uuid.UUID(payload[posted.ENDED])))
    if posted.CARD in payload:
        return _card(session, recommendations.get(session, uuid.UUID(payload[posted.CARD])), payload)
    if "digest" in payload:
        rows = [recommendations.get(session, uuid.UUID(one)) for one in payload["digest"]["recommendation_ids"]]
        return escape(recommendation.announced(rows)), recommendation.cards(cards.all_of(session, rows))
    return _happened(session, payload)


def _happened(session: Session, payload: dict[str, Any]) -> tuple[str, list[Block]]:
    if posted.HAPPENED in payload:
        event = session.get_one(RecommendationEvent, payload[posted.HAPPENED])
        return happened.build(recommendations.get(session, event.recommendation_id), event)
    events = [session.get_one(RecommendationEvent, one) for one in payload[posted.TOGETHER]]
    return happened.together([(recommendations.get(session, one.recommendation_id), one) for one in events])


def _card(session: Session, row: Recommendation, payload: dict[str, Any]) -> tuple[str, list[Block]]:
    shown = cards.of(session, row)
    if payload["owner"]:
        reply = owner_says.reply(session, row.id, question=payload.get(posted.QUESTION, 0))
        return asking.question(shown, reply, by=payload["by"])
    return asking.build(shown, by=payload["by"], role=Role(payload.get(posted.ROLE, Role.ADMIN)))


def _anomaly(session: Session, row: Anomaly) -> tuple[str, list[Block]]:
    told = alerts.alert(row, accounts.labels(session), alerts.through(session))
    page = runs.page(session, row.run_id) if row.run_id else None
    said = anomalies.said(session, [row]).get(row.id)
    return anomaly.sentence(told), anomaly.build(row, told, evidence=link(page) if page else None, said=said)


def redraw(chosen: uuid.UUID) -> set[tuple[str, str]]:
    """Draw every posted message that shows a recommendation anew; returns their channels and times.

    Where Slack does not take that now, what waits in the outbox tries again.
    """
    with transaction() as session:
        waiting = posted.waiting(session, chosen)  # first: what comes after this is not drawn yet, perhaps
        shown = posted.showing(session, chosen)
    try:
        _anew(shown)
    except NotRedrawnError as error:
        log.warning("%s", error)
    else:
        with transaction() as session:
            for one in waiting:
                outbox.sent(session, one)
    return _places(shown)


def _places(shown: Sequence[Outbox]) -> set[tuple[str, str]]:
    return {(str((one.receipt or {})["channel"]), str((one.receipt or {})["ts"])) for one in shown}


def redraw_asked(payload: dict[str, Any]) -> bool:
    """Draw anew what a row of the outbox asks for instead of posting something; returns whether it does.

    Raises NotRedrawnError.
    """
    with transaction() as session:
        if posted.REDRAW in payload:
            shown = posted.showing(session, uuid.UUID(payload[posted.REDRAW]))
        elif alert_posts.REDRAW in payload:
            shown = alert_posts.showing(session, uuid.UUID(payload[alert_posts.REDRAW]))
        elif REDRAW in payload:
            shown = posted.showing_anomaly(session, uuid.UUID(payload[REDRAW]))
        else:
            return False
    _anew(shown)
    return True


def redraw_anomaly(chosen: uuid.UUID) -> set[tuple[str, str]]:
    """Draw the message of an anomaly anew, wherever it was posted; returns their channels and times.

    Where Slack does not take that now, what waits in the outbox tries again.
    """
    _now({REDRAW: str(chosen)})
    with transaction() as session:
        return _places(posted.showing_anomaly(session, chosen))


def redraw_alert(chosen: uuid.UUID) -> None:
    """Draw the messages of an alert anew, as for an anomaly."""
    _now({alert_posts.REDRAW: str(chosen)})


def _now(payload: dict[str, Any]) -> None:
    try:
        redraw_asked(payload)
    except NotRedrawnError as error:
        log.warning("%s", error)


def _anew(shown: Sequence[Outbox]) -> None:
    """Draw each of these messages anew; what Slack refuses keeps none of the others. Raises NotRedrawnError."""
    refused: NotRedrawnError | None = None
    for message in shown:
        try:
            _one(message)
        except NotRedrawnError as error:
            refused = error
    if refused is not None:
        raise refused


def _one(message: Outbox) -> None:
    """Draw one message anew unless it looks so already.

    Its row is locked meanwhile: of two who draw at once, the later one draws all that the first one did.
    """
    try:
        client = workspaces.client(message.workspace)
    except BadSettingError as error:  # the workspace was sent away
        log.warning("an announcement was not redrawn: %s", error)
        return
    except CostsError as error:
        raise NotRedrawnError(str(error)) from error
    with transaction() as session:
        row = session.get_one(Outbox, message.id, with_for_update=True)
        receipt, (text, blocks) = row.receipt or {}, draw(session, row.payload)
        looks = _looks(text, blocks)
        if receipt.get(LOOKS) != looks:
            _update(client, receipt, text, blocks)
            row.receipt = {**receipt, LOOKS: looks}


def _looks(text: str, blocks: list[Block]) -> str:
    shown = json.dumps([text, [block.to_dict() for block in blocks]], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()


def _update(client: WebClient, receipt: Mapping[str, Any], text: str, blocks: list[Block]) -> None:
    try:
        client.chat_update(channel=receipt["channel"], ts=receipt["ts"], text=text, blocks=blocks)
    except SlackApiError as error:  # somebody deleted it, or Slack is busy: the decision stands all the same
        code = str(error.response.get("error"))
        if code not in GONE:
            raise NotRedrawnError(code, refusals.wait(error)) from error
        log.warning("an announcement was not redrawn: %s", code)
    except (OSError, HTTPException) as error:
        raise NotRedrawnError(str(error) or type(error).__name__) from error
