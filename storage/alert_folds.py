"""What one message, a digest or a summary, takes in of the alerts that wait, and gives back if it does not arrive."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from storage import alert_caps, alert_routes, alert_rules, outbox
from storage.alert_caps import FOLDED
from storage.models import AlertRuleRow, CostAlert, Outbox, OutboxState

INTO = "into"
"""In a receipt: the key of the message that took it in."""
NOT_POSTED = "not_posted"
"""In a receipt: why a message that was due is not posted any more."""


def ready(session: Session, places: Collection[str] = (), *, at: datetime) -> list[Outbox]:
    """Return what waits, of these places or of all, the oldest first, without what nobody may be told of now."""
    return [row for row in alert_caps.waiting(session, places) if not _is_silent(session, row, at)]


def _is_silent(session: Session, row: Outbox, at: datetime) -> bool:
    """Whether the rule that a message is of is muted, or these are its quiet hours."""
    alerts = [session.get_one(CostAlert, one) for one in alert_caps.alerts([row])]
    rules = [session.get_one(AlertRuleRow, one.rule_id) for one in alerts[:1]]
    if name := row.payload.get(alert_routes.RULE):
        rules += [one for one in alert_rules.listed(session, workspace=row.workspace) if one.name == name]
    return any(alert_rules.silent_until(rule, at) is not None for rule in rules)


def taken(session: Session, rows: Sequence[Outbox], *, into: str, at: datetime) -> None:
    """Note that one message takes these in: from now on people know, and have their time to answer."""
    for row in rows:
        outbox.sent(session, row.id, {INTO: into})
    known = update(CostAlert).where(CostAlert.id.in_(alert_caps.alerts(rows)), CostAlert.told_at.is_(None))
    session.execute(known.values(told_at=at), execution_options={"synchronize_session": "fetch"})


def give_back(session: Session) -> int:
    """Have wait again what was taken in by a message that will not arrive: nobody knows of it. Returns how many.

    One whose answer was lost counts as arrived, as everywhere.
    """
    into = aliased(Outbox)
    lost = or_(into.state == OutboxState.FAILED, into.receipt.has_key(NOT_POSTED))
    found = select(Outbox).join(into, into.key == Outbox.receipt[INTO].astext).where(lost, into.payload.has_key(FOLDED))
    rows = session.scalars(found.with_for_update(of=Outbox)).all()
    for row in rows:
        row.state, row.sent_at, row.next_attempt_at = OutboxState.PENDING, None, alert_caps.NEVER
        row.receipt, row.error = {FOLDED: (row.receipt or {})[FOLDED]}, alert_caps.WAITS
    session.flush()
    unknown = update(CostAlert).where(CostAlert.id.in_(alert_caps.alerts(rows)))
    session.execute(unknown.values(told_at=None), execution_options={"synchronize_session": "fetch"})
    return len(rows)
