"""Messages of alerts: one an alert, drawn anew when it changes, with what happened in its thread."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from finops.alerting.lifecycle import AlertAct
from storage import alert_texts, alert_ways, posted
from storage.models import CostAlert, CostAlertEvent, Outbox

ALERT, MANY, REDRAW, HAPPENED = "cost_alert", "cost_alerts", "redraw_cost_alert", "cost_alert_event"
"""In a payload: whose message it is; whose summary; whose messages are drawn anew; what is told in a thread (an id of
`alert_events`)."""
ESCALATED, NAMED, COUNT = "escalated", "named", "count"
"""In a payload: whether it goes to whom an alert is escalated; whether it has to say which alert it is about, as many
share its thread; about how many it is."""
TOLD = frozenset({AlertAct.WORSE, AlertAct.OVER, AlertAct.ACKNOWLEDGED, AlertAct.SNOOZED, AlertAct.WOKEN,
                  AlertAct.ASSIGNED, AlertAct.EXPECTED, AlertAct.REAL, AlertAct.ESCALATED})  # fmt: skip
"""What is written into the thread; what is better is drawn anew alone."""

TEXTS = {AlertAct.WORSE: "Worse", AlertAct.OVER: "Over", AlertAct.WOKEN: "It still holds"}
"""What outlets and mails are told of, and how that begins."""


def post(session: Session, alert: CostAlert, to: str | None, *, escalated: bool = False) -> bool:
    """Write an alert's message down, once; `to` as the rule has it, None for the channel of announcements."""
    payload: dict[str, Any] = {ALERT: str(alert.id)}
    key, opening = key_of(alert), None
    if escalated:
        payload[ESCALATED], opening = True, "Nobody acknowledged it"
        key = f"{key} escalated, told {alert.told_at}"  # anew once it woke
    return alert_ways.put(
        session, to, lambda: alert_texts.one(session, alert, opening), key=key, payload=payload,
        workspace=alert.workspace,
    )  # fmt: skip


def post_many(session: Session, alerts: Sequence[CostAlert], to: str | None, *, escalated: bool = False) -> bool:
    """Write one message about many alerts of a rule down; none of them gets one of its own."""
    ids = sorted(str(one.id) for one in alerts)
    payload: dict[str, Any] = {MANY: ids}
    key, opening = key_of(*alerts), None
    if escalated:
        payload[ESCALATED], opening = True, "Nobody acknowledged these"
        key = f"{key}, escalated, told {alerts[0].told_at}"
    return alert_ways.put(
        session, to, lambda: alert_texts.many(session, alerts, opening), key=key, payload=payload,
        workspace=alerts[0].workspace,
    )  # fmt: skip


def told_in(payload: Mapping[str, Any]) -> list[str]:
    """Return the ids of the alerts that a message is about."""
    return [str(payload[ALERT])] if ALERT in payload else [str(one) for one in payload.get(MANY) or ()]


def key_of(*alerts: CostAlert) -> str:
    """Return the key of the message about an alert, or about many."""
    return (
        f"cost alert {alerts[0].id}" if len(alerts) == 1 else f"cost alerts, {min(str(one.id) for one in alerts)} first"
    )


def showing(session: Session, alert_id: uuid.UUID) -> list[Outbox]:
    """Return every posted message that shows an alert, the oldest first."""
    return posted.posted(session, _shows(alert_id, Outbox.payload))


def _shows(alert_id: uuid.UUID, payload: Any) -> ColumnElement[bool]:  # noqa: ANN401  a column, or a part of one
    name = str(alert_id)
    return or_(payload[ALERT].astext == name, payload[MANY].contains([name]))


def happened(session: Session, alert: CostAlert, event: CostAlertEvent, *, silent: bool = False) -> None:
    """Have the messages that show an alert drawn anew, and what is news told in their threads unless it is `silent`.

    Both are rows of the outbox in the same transaction: whoever dies, they are sent.
    """
    if event.act is AlertAct.FIRED:
        return
    if not silent:
        in_threads(session, alert, event)
    if showing(session, alert.id):
        payload = {REDRAW: str(alert.id)}
        posted.redraw(session, key=_key(event), payload=payload, workspace=alert.workspace)


def in_threads(session: Session, alert: CostAlert, event: CostAlertEvent, *, count: int = 1) -> None:
    """Have what is news told in the threads of the messages that show an alert; outlets, which have none, in a text.

    `count` alerts went the same way.
    """
    if event.act in TEXTS:
        shows, text = _shows(alert.id, Outbox.payload[alert_ways.ABOUT]), TEXTS[event.act]
        alert_ways.tell_again(session, shows, alert_texts.one(session, alert, text), key=_key(event))
    for message in showing(session, alert.id) if event.act in TOLD else ():
        payload: dict[str, Any] = {HAPPENED: event.id}
        if MANY in message.payload:
            payload |= {NAMED: True} if count == 1 else {COUNT: count}
        posted.in_threads(session, [message], key=_key(event), payload=payload)


def _key(event: CostAlertEvent) -> str:
    return f"cost alert event {event.id}"
