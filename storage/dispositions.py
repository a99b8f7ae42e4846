"""What people do with a recommendation besides approving it: dismiss, put off, hand over, report as done."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finops.people import Person
from finops.recommendations.lifecycle import Happened, State
from storage import offers, transitions
from storage.models import ExecutionRequest, Recommendation, SavingsMeasurement


def _locked(session: Session, offer_id: uuid.UUID, by: Person) -> Recommendation:
    return transitions.locked(session, offers.find(session, offer_id, workspace=by.workspace).recommendation_id)


def _moved(
    session: Session, row: Recommendation, after: State, happened: Happened, *, by: Person, at: datetime,
    note: str | None = None, until: datetime | None = None,
) -> Recommendation:  # fmt: skip
    if transitions.move(session, row, after, happened, by=by, at=at, note=note, until=until) is None:
        raise transitions.taken(session, row, after)
    return row


def dismiss(
    session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime, reason: str, until: datetime | None = None
) -> Recommendation:
    """Decide against it, for good or until a day. Raises NotOpenError naming who decided before."""
    row = _locked(session, offer_id, by)
    return _moved(session, row, State.DISMISSED, Happened.DISMISSED, by=by, at=at, note=reason, until=until)


def snooze(session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime, until: datetime) -> Recommendation:
    """Put it off until a day. Raises NotOpenError."""
    row = _locked(session, offer_id, by)
    return _moved(session, row, State.SNOOZED, Happened.SNOOZED, by=by, at=at, until=until)


def wake(session: Session, *, at: datetime) -> list[Recommendation]:
    """Open what was put off until now."""
    due = select(Recommendation).where(Recommendation.state == State.SNOOZED, Recommendation.until <= at)
    rows = list(session.scalars(due.order_by(Recommendation.id).with_for_update()))
    return [row for row in rows if transitions.move(session, row, State.OPEN, Happened.OPENED, note="its day has come")]


def reopen(session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime) -> Recommendation:
    """Open what was put off before its day has come. Raises NotOpenError."""
    row = _locked(session, offer_id, by)
    if row.state is not State.SNOOZED:
        raise transitions.taken(session, row, State.OPEN)
    return _moved(session, row, State.OPEN, Happened.OPENED, by=by, at=at)


def reconsider(session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime) -> Recommendation:
    """Open what was dismissed; approvals from before do not count. Raises NotOpenError."""
    row = _locked(session, offer_id, by)
    if row.state is not State.DISMISSED:
        raise transitions.taken(session, row, State.OPEN)
    return _moved(session, row, State.OPEN, Happened.OPENED, by=by, at=at)


def assign(session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime, to: str) -> Recommendation:
    """Make somebody responsible for the decision. Raises NotOpenError once it is decided."""
    row = undecided(session, offer_id, by)
    row.assigned_to = to
    transitions.remark(session, row, Happened.ASSIGNED, by=by, at=at, note=to)
    return row


def undecided(session: Session, offer_id: uuid.UUID, by: Person) -> Recommendation:
    """Return what waits for a decision, until the transaction ends nobody else's to change. Raises NotOpenError."""
    row = _locked(session, offer_id, by)
    if row.state not in (State.OPEN, State.SNOOZED):
        raise transitions.taken(session, row, State.OPEN)
    return row


def done(session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime) -> Recommendation:
    """Note that it was carried out by hand: from now on it is held against the bill. Raises NotOpenError."""
    row = _locked(session, offer_id, by)
    _moved(session, row, State.APPLIED, Happened.DONE, by=by, at=at)
    mine = (ExecutionRequest.recommendation_id == row.id) & (ExecutionRequest.round == row.round)
    session.execute(update(ExecutionRequest).where(mine).values(done_at=at))
    session.add(
        SavingsMeasurement(
            workspace=by.workspace, recommendation_id=row.id, round=row.round, started_at=at,
            expected=row.potential_savings, currency=row.currency,
        )
    )  # fmt: skip
    session.flush()
    return row
