"""Messages of alerts: one an alert, drawn anew when it changes, with what happened in its thread."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import Session

from finops.alerting.lifecycle import AlertAct
from storage import outbox, posted
from storage.models import CostAlert, CostAlertEvent, Outbox
from storage.posted import KIND

ALERT, MANY, REDRAW, HAPPENED = "cost_alert", "cost_alerts", "redraw_cost_alert", "cost_alert_event"
"""In a payload: whose message it is; whose summary; whose messages are drawn anew; what is told in a thread (an id of
`alert_events`)."""
ESCALATED = "escalated"
"""In a payload: whether it goes to whom an alert is escalated."""
TOLD = frozenset({AlertAct.WORSE, AlertAct.OVER, AlertAct.ACKNOWLEDGED, AlertAct.SNOOZED, AlertAct.WOKEN,
                  AlertAct.ASSIGNED, AlertAct.EXPECTED, AlertAct.REAL, AlertAct.ESCALATED})  # fmt: skip
"""What is written into the thread; what is better is drawn anew alone."""


def post(session: Session, alert: CostAlert, to: str | None, *, escalated: bool = False) -> bool:
    """Write an alert's message down, once; `to` as the rule has it, None for the channel of announcements."""
    payload: dict[str, Any] = {"channel": to, ALERT: str(alert.id)}
    key = f"cost alert {alert.id}"
    if escalated:
        payload[ESCALATED], key = True, f"{key} escalated, told {alert.told_at}"  # anew once it woke
    return outbox.put(session, workspace=alert.workspace, key=key, kind=KIND, payload=payload)


def post_many(session: Session, alerts: Sequence[CostAlert], to: str | None) -> bool:
    """Write one message about many alerts of a rule down; none of them gets one of its own."""
    ids = sorted(str(one.id) for one in alerts)
    payload = {"channel": to, MANY: ids}
    key = f"cost alerts, {ids[0]} first"
    return outbox.put(session, workspace=alerts[0].workspace, key=key, kind=KIND, payload=payload)


def showing(session: Session, alert_id: uuid.UUID) -> list[Outbox]:
    """Return every posted message that shows an alert, the oldest first."""
    name = str(alert_id)
    shows = or_(Outbox.payload[ALERT].astext == name, Outbox.payload[MANY].contains([name]))
    return posted.posted(session, shows)


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


def in_threads(session: Session, alert: CostAlert, event: CostAlertEvent) -> None:
    """Have what is news told in the threads of the messages that show an alert."""
    shown = showing(session, alert.id) if event.act in TOLD else ()
    posted.in_threads(session, shown, key=_key(event), payload={HAPPENED: event.id})


def _key(event: CostAlertEvent) -> str:
    return f"cost alert event {event.id}"
