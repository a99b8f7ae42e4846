"""An idle machine that was stopped on the 8th of November, and what its bills say since."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from finops.periods import Period
from storage import dispositions, measuring, outbox, posted
from storage.models import CostRecord, ExecutionRequest, Outbox, Recommendation, SavingsMeasurement
from tests.bot import ledgers
from tests.deciding import ADA, approve, opened

DONE = datetime(2026, 11, 8, 12, tzinfo=UTC)


def carried_out(session: Session, *, after: str = "1") -> Recommendation:
    """Return an idle machine of 10 a day that was stopped on the 8th and costs something else since."""
    row = opened(session, "310")
    digest = {"kind": "recommendations", "recommendation_ids": [str(row.id)]}
    outbox.put(session, key="digest", kind=posted.KIND, payload={"channel": None, "digest": digest})
    for message in outbox.claim(session, [posted.KIND], now=ledgers.NOW):
        outbox.sent(session, message.id, {"channel": "C1", "ts": "1.1"})
    approve(session, row, ADA)
    assert row.offer_id
    dispositions.done(session, row.offer_id, by=ADA, at=DONE)
    on(session, DONE)
    session.execute(delete(Outbox).where(Outbox.state == "pending"))
    session.execute(delete(CostRecord).where(CostRecord.resource_id.is_not(None)))
    for day in Period(date(2026, 10, 5), date(2026, 11, 21)):
        ledgers.charge(session, "i-1", "10" if day <= DONE.date() else after, day)
    return row


def on(session: Session, moment: datetime) -> None:
    """Have it approved and done at another time."""
    session.query(SavingsMeasurement).one().started_at = moment
    session.query(ExecutionRequest).one().requested_at = moment
    session.flush()


def look(session: Session, *, today: date) -> int:
    """Do what the job does; returns how much was news."""
    due = measuring.due(session, today=today)
    found = measuring.look(session, due)
    at = datetime.combine(today, DONE.timetz())
    return sum(measuring.note(session, one, each, at=at) for one, each in zip(due, found, strict=True))
