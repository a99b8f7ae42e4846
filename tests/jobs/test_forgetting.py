"""The sweep lets go of what people sent and were answered, once it is old enough, and of nothing still needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finops.alerting.kinds import Severity
from jobs import sweep
from storage import asking, inbox, outbox, surprises, workspaces
from storage.models import (
    AlertRuleChange,
    AlertRuleRow,
    AskedThread,
    Inbox,
    InboxState,
    OAuthState,
    Outbox,
    SurpriseError,
)


def _left(session: Session) -> list[int]:
    held = select(func.count()).select_from(Inbox).where(Inbox.payload.is_not(None))
    others = [select(func.count()).select_from(one) for one in (Inbox, Outbox, SurpriseError, OAuthState, AskedThread)]
    return [session.scalar(one) or 0 for one in (held, *others)]


def test_what_is_over_is_forgotten_in_its_time(session: Session) -> None:
    """Payloads, replies, keys, states, errors, threads; where a message was posted stays known."""
    row = inbox.put(session, workspace="T0", key="k", payload="{}")
    inbox.end(session, row or 0, InboxState.DONE)
    for kind in ("slack_reply", "slack_answer", "slack_message"):
        message = outbox.put_claimed(session, workspace="T0", key=kind, kind=kind, payload={})
        outbox.sent(session, message.id if message else 0)
    surprises.keep(session, ValueError("x"), name="0" * 8, place="x", asked="", who="", workspace="")
    workspaces.issue(session, ticket=None)
    asking.note(session, "last month", workspace="T0", channel="C1", thread="1.1", by="U1")
    now, left = datetime.now(UTC), []
    for days in (0, 4, 8, 31):
        sweep.forget(session, now=now + timedelta(days=days))
        left.append(_left(session))
    assert left == [
        [1, 1, 3, 1, 1, 1], [0, 1, 1, 1, 1, 1], [0, 1, 1, 1, 0, 1], [0, 0, 1, 0, 0, 0],
    ]  # fmt: skip


def test_a_change_to_a_rule_that_nobody_saved_is_forgotten(session: Session) -> None:
    """One that was saved is the rule's history."""
    now = datetime.now(UTC)
    rule = AlertRuleRow(workspace="T0", name="web", rule={}, severity=Severity.INFO, created_by="U1")
    session.add(rule)
    session.flush()
    for saved in (None, now):
        session.add(
            AlertRuleChange(
                rule_id=rule.id, workspace="T0", rule={}, seen="", proposed_by="U1", saved_by=saved and "U1",
                saved_at=saved,
            )
        )  # fmt: skip
    for days, left in ((29, 2), (31, 1)):
        sweep.forget(session, now=now + timedelta(days=days))
        assert session.scalar(select(func.count()).select_from(AlertRuleChange)) == left
