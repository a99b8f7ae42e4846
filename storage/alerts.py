"""Messages about anomalies: one an event at most, and one for all of the past."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.anomalies.alerts import Alert
from finops.anomalies.detectors import Kind
from finops.anomalies.scopes import Scope
from finops.periods import Period
from storage import outbox
from storage.models import Anomaly, Outbox

KIND = "slack_message"


def alert(row: Anomaly, called: Mapping[str, str]) -> Alert:
    """Return an event as people read it; `called` has the names of sub accounts."""
    return Alert(
        name=Scope.read(row.scope).name(called),
        kind=Kind(row.kind),
        days=Period(row.first_day, row.end_day),
        lasts=row.lasts,
        currency=row.currency,
        expected=row.expected,
        actual=row.actual,
        excess=row.excess,
        so_far=row.excess_so_far,
        monthly=row.monthly,
        cause=row.sentence,
    )


def put(session: Session, row: Anomaly) -> bool:
    """Write an event's message down, once. Returns whether it is new."""
    payload = {"channel": None, "anomaly": str(row.id)}
    return outbox.put(session, key=f"anomaly {row.id}", kind=KIND, payload=payload)


def put_summary(session: Session, rows: Sequence[Anomaly]) -> bool:
    """Write one message about many events down; none of them gets one of its own. Returns whether it is new."""
    ids = [str(row.id) for row in rows]
    payload = {"channel": None, "anomalies": ids}
    return outbox.put(session, key=f"anomalies of the past, {min(ids)} first", kind=KIND, payload=payload)


def told(session: Session) -> set[uuid.UUID]:
    """Return the events that a message tells of already."""
    alone, many = Outbox.payload["anomaly"].astext, Outbox.payload["anomalies"]
    asked = select(alone, many).where(Outbox.kind == KIND, (alone.is_not(None)) | (many.as_string().is_not(None)))
    return {
        uuid.UUID(one)
        for single, several in session.execute(asked)
        for one in ([single] if single else [*(several or ())])
    }
