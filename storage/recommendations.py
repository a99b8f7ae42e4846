"""Recommendations: what notebooks found, and what people decided about it. Decided once, however often pressed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.errors import NotOpenError, UnknownWordError
from finops.recommendations import lifecycle
from finops.recommendations.findings import Finding
from finops.recommendations.lifecycle import State
from storage.models import CloudResource, Recommendation, RecommendationEvent

FINDER = "costs"
"""Who is written down when the analysis itself changes a state."""
ALIVE = (State.OPEN, State.APPROVED, State.SNOOZED, State.APPLYING, State.UNKNOWN)


def get(session: Session, recommendation_id: uuid.UUID) -> Recommendation:
    """Return one. Raises UnknownWordError."""
    found = session.get(Recommendation, recommendation_id)
    if found is None:
        raise UnknownWordError(str(recommendation_id), None, "costs recommendations lists those there are.")
    return found


def alive(session: Session, limit: int | None = None) -> list[Recommendation]:
    """Return what can still be decided or is being worked on, the largest saving first."""
    statement = select(Recommendation).where(Recommendation.state.in_(ALIVE))
    order = (Recommendation.potential_savings.desc(), Recommendation.id)
    return list(session.scalars(statement.order_by(*order).limit(limit)))


def events(session: Session, recommendation_id: uuid.UUID) -> list[RecommendationEvent]:
    """Return every change of state, the oldest first."""
    statement = select(RecommendationEvent).where(RecommendationEvent.recommendation_id == recommendation_id)
    return list(session.scalars(statement.order_by(RecommendationEvent.id)))


def record(session: Session, findings: Sequence[Finding], *, run_id: uuid.UUID | None) -> list[Recommendation]:
    """Write down what a run found, and return what is newly open.

    Found again: its numbers are renewed. Found before and dismissed: stays dismissed. Open and not found any more:
    expired. Findings whose resource no inventory knows are left out.
    """
    known = set(
        session.scalars(select(CloudResource.id).where(CloudResource.id.in_([f.resource_id for f in findings])))
    )
    before = _newest(session, known)
    opened = []
    for finding in findings:
        if finding.resource_id in known:
            last = before.get((finding.resource_id, finding.recommendation_type))
            new = _write(session, finding, last, run_id)
            opened += [new] if new else []
    _expire(session, {(one.resource_id, str(one.recommendation_type)) for one in findings})
    session.flush()
    return opened


def _newest(session: Session, resources: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], Recommendation]:
    statement = select(Recommendation).where(Recommendation.resource_id.in_(list(resources)))
    rows = session.scalars(statement.order_by(Recommendation.created_at, Recommendation.id).with_for_update())
    return {(row.resource_id, row.recommendation_type): row for row in rows}


def _write(
    session: Session, finding: Finding, last: Recommendation | None, run_id: uuid.UUID | None
) -> Recommendation | None:
    if last and last.state is State.DISMISSED:
        return None
    if last and last.state in {State.OPEN, State.SNOOZED}:
        _renew(last, finding, run_id)
        return None
    if last and (last.state in ALIVE or last.state is State.APPLIED):
        return None  # decided on these numbers: they stay as they were when a person looked
    if last and State.OPEN in lifecycle.TRANSITIONS[last.state]:
        _renew(last, finding, run_id)
        _move(session, last, State.OPEN, by=FINDER, note="found again")
        return last
    return _open(session, finding, run_id)


def _renew(row: Recommendation, finding: Finding, run_id: uuid.UUID | None) -> None:
    row.potential_savings, row.currency = finding.monthly_saving.amount, finding.monthly_saving.currency
    row.title, row.reason, row.details = finding.title, finding.reason, finding.details
    row.confidence_score, row.run_id = finding.confidence, run_id


def _open(session: Session, finding: Finding, run_id: uuid.UUID | None) -> Recommendation | None:
    statement = (
        insert(Recommendation)
        .values(
            resource_id=finding.resource_id,
            recommendation_type=str(finding.recommendation_type),
            potential_savings=finding.monthly_saving.amount,
            currency=finding.monthly_saving.currency,
            confidence_score=finding.confidence,
            title=finding.title,
            reason=finding.reason,
            details=finding.details,
            state=State.OPEN,
            run_id=run_id,
        )
        .on_conflict_do_nothing()  # another run has just opened the same one
        .returning(Recommendation)
    )
    row = session.scalar(statement)
    if row is not None:
        session.add(RecommendationEvent(recommendation_id=row.id, who=FINDER, before=None, after=State.OPEN))
    return row


def _expire(session: Session, found: set[tuple[uuid.UUID, str]]) -> None:
    statement = select(Recommendation).where(Recommendation.state.in_([State.OPEN, State.SNOOZED])).with_for_update()
    for row in session.scalars(statement.order_by(Recommendation.id)):
        if (row.resource_id, row.recommendation_type) not in found:
            _move(session, row, State.EXPIRED, by=FINDER, note="no longer found")


def decide(
    session: Session, recommendation_id: uuid.UUID, after: State, *, by: str, at: datetime, note: str | None = None
) -> Recommendation:
    """Change the state once. Raises NotOpenError naming who decided before, and when; UnknownWordError."""
    row = get(session, recommendation_id)
    session.refresh(row)  # what another process decided since this session read it
    _check(session, row, after)
    if not _move(session, row, after, by=by, at=at, note=note):
        session.refresh(row)  # somebody was faster by a moment
        raise _taken(session, row, after)
    return row


def _check(session: Session, row: Recommendation, after: State) -> None:
    try:
        lifecycle.check(row.state, after, title=row.title)
    except NotOpenError as error:
        raise _taken(session, row, after) from error


def _taken(session: Session, row: Recommendation, after: State) -> NotOpenError:
    last = events(session, row.id)[-1:]
    who, when = (row.decided_by, row.decided_at) if row.decided_by else (None, None)
    if last and who is None:
        who, when = last[0].who, last[0].at
    moment = f" on {when.astimezone(UTC):%Y-%m-%d at %H:%M} UTC" if when else ""
    return NotOpenError(
        f"“{row.title}” was {row.state} by {who or 'someone'}{moment}, so it cannot become {after};"
        " the first decision stands."
    )


def _move(
    session: Session,
    row: Recommendation,
    after: State,
    *,
    by: str,
    at: datetime | None = None,
    note: str | None = None,
) -> bool:
    """Change the state if it is still what the row says; False if somebody was faster."""
    before = row.state
    lifecycle.check(before, after, title=row.title)
    values = {"state": after, "decided_by": by if at else None, "decided_at": at}
    changed = session.execute(
        update(Recommendation)
        .where(Recommendation.id == row.id, Recommendation.state == before)
        .values(**values)
        .returning(Recommendation.id),
        execution_options={"synchronize_session": False},
    ).all()
    if not changed:
        return False
    event = RecommendationEvent(recommendation_id=row.id, who=by, before=before, after=after, note=note)
    if at is not None:
        event.at = at
    session.add(event)
    session.flush()
    session.refresh(row)
    return True
