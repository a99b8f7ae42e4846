"""What quiet hours, or a mute, keep back from the threads of alerts: of each the latest, told once they are over.

The message itself is drawn anew at any time, which notifies nobody.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.alerting.lifecycle import AlertAct, AlertState
from storage import alert_posts
from storage.models import CostAlert, CostAlertEvent

HELD = frozenset({AlertAct.WORSE, AlertAct.OVER, AlertAct.WOKEN})
"""What may be kept back: nobody pressed anything. What people do is told when they do it."""
TELLS = {
    AlertAct.WORSE: frozenset({AlertState.FIRING, AlertState.ACKNOWLEDGED}),
    AlertAct.WOKEN: frozenset({AlertState.FIRING}),
    AlertAct.OVER: frozenset({AlertState.OVER}),
}
"""In which states it is still worth telling: who took it on, or snoozed it, meanwhile knows."""


def note(session: Session, alert: CostAlert, event: CostAlertEvent, *, silent: bool) -> None:
    """Keep an event for later while nobody may be told; either way it takes the place of what was kept before it.

    What became worse and better again is drawn and no news.
    """
    if event.act in HELD:
        alert.held_event = event.id if silent else None
    elif event.act is AlertAct.BETTER and alert.held_event is not None:
        worse = session.get_one(CostAlertEvent, alert.held_event).act is AlertAct.WORSE
        alert.held_event = None if worse else alert.held_event
    session.flush()


def release(session: Session, rule_id: uuid.UUID, *, at: datetime) -> None:
    """Tell what was kept back of a rule's alerts; who is told only now that one woke has all the time to answer."""
    kept = select(CostAlert).where(CostAlert.rule_id == rule_id, CostAlert.held_event.is_not(None))
    for alert in session.scalars(kept.order_by(CostAlert.scope, CostAlert.id)).all():
        event = session.get_one(CostAlertEvent, alert.held_event)
        alert.held_event = None
        if alert.state in TELLS[event.act]:
            alert_posts.in_threads(session, alert, event)
        if event.act is AlertAct.WOKEN and alert.told_at is not None:
            alert.told_at = at
    session.flush()


def rules(session: Session) -> set[uuid.UUID]:
    """Return the rules of whose alerts something is kept back; some may have been removed since."""
    return set(session.scalars(select(CostAlert.rule_id).where(CostAlert.held_event.is_not(None)).distinct()))
