"""Recommendations: what notebooks found, found again, and no longer find."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.errors import UnknownWordError
from finops.recommendations import lifecycle
from finops.recommendations.findings import Finding
from finops.recommendations.lifecycle import Happened, Stage, State
from finops.recommendations.offers import changed
from storage import dispositions, offers, posted, resource_services, transitions
from storage.models import CloudResource, Recommendation, RecommendationEvent

ALIVE = (State.OPEN, State.APPROVED, State.SNOOZED, State.APPLYING, State.UNKNOWN)


def get(session: Session, recommendation_id: uuid.UUID) -> Recommendation:
    """Return one. Raises UnknownWordError."""
    found = session.get(Recommendation, recommendation_id)
    if found is None:
        raise UnknownWordError(str(recommendation_id), None, "costs recommendations lists those there are.")
    return found


def of_offer(session: Session, offer_id: uuid.UUID, *, workspace: str) -> Recommendation:
    """Return the one that a button's offer is about. Raises NotOpenError for what is not there any more."""
    return get(session, offers.find(session, offer_id, workspace=workspace).recommendation_id)


def at_stage(session: Session, stage: Stage, *, workspace: str | None = None) -> list[Recommendation]:
    """Return what was decided so and may be seen in a workspace, or in any; the largest saving first."""
    found = select(Recommendation).where(Recommendation.state.in_(stage.states))
    if workspace is not None:
        found = found.where(Recommendation.workspace.in_(["", workspace]))
    return list(session.scalars(found.order_by(Recommendation.potential_savings.desc(), Recommendation.id)))


def alive(session: Session, limit: int | None = None) -> list[Recommendation]:
    """Return what can still be decided or is being worked on, the largest saving first."""
    statement = select(Recommendation).where(Recommendation.state.in_(ALIVE))
    order = (Recommendation.potential_savings.desc(), Recommendation.id)
    return list(session.scalars(statement.order_by(*order).limit(limit)))


def events(session: Session, recommendation_id: uuid.UUID) -> list[RecommendationEvent]:
    """Return every change of state, the oldest first."""
    statement = select(RecommendationEvent).where(RecommendationEvent.recommendation_id == recommendation_id)
    return list(session.scalars(statement.order_by(RecommendationEvent.id)))


def why(session: Session, row: Recommendation) -> str | None:
    """Return what was written when it came to where it stands."""
    last = events(session, row.id)[-1:]
    return last[0].note if last and last[0].after is row.state else None


def record(
    session: Session, findings: Sequence[Finding], *, run_id: uuid.UUID | None, at: datetime | None = None
) -> list[Recommendation]:
    """Write down what a run found, and return what is newly open.

    Found again: its numbers are renewed. Found before and dismissed: stays dismissed, until its day if it has one. Open
    and not found any more: expired. Findings whose resource no inventory knows are left out.
    """
    at = at or datetime.now(UTC)
    _lock(session, [finding.resource_id for finding in findings])
    dispositions.wake(session, at=at)
    known = set(
        session.scalars(select(CloudResource.id).where(CloudResource.id.in_([f.resource_id for f in findings])))
    )
    before, services = _newest(session, known), resource_services.of(session, known)
    opened = []
    for finding in findings:
        if finding.resource_id in known:
            last = before.get((finding.resource_id, finding.recommendation_type))
            billed = replace(finding, details={**finding.details, **services.get(finding.resource_id, {})})
            new = _write(session, billed, last, run_id, at)
            opened += [new] if new else []
    _expire(session, {(one.resource_id, str(one.recommendation_type)) for one in findings})
    session.flush()
    return opened


def _lock(session: Session, resources: Sequence[uuid.UUID]) -> None:
    """Lock all that may change here, by id, as who decides on many at once does: so neither waits for the other."""
    mine = Recommendation.resource_id.in_(resources) | Recommendation.state.in_([State.OPEN, State.SNOOZED])
    session.execute(select(Recommendation.id).where(mine).order_by(Recommendation.id).with_for_update()).all()


def _newest(session: Session, resources: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], Recommendation]:
    statement = select(Recommendation).where(Recommendation.resource_id.in_(list(resources)))
    rows = session.scalars(statement.order_by(Recommendation.id).with_for_update())
    oldest_first = sorted(rows, key=lambda row: (row.created_at, row.id))
    return {(row.resource_id, row.recommendation_type): row for row in oldest_first}


def _write(
    session: Session, finding: Finding, last: Recommendation | None, run_id: uuid.UUID | None, at: datetime
) -> Recommendation | None:
    if last and last.state is State.DISMISSED and (last.until is None or last.until > at):
        return None
    if last and last.state in {State.OPEN, State.SNOOZED}:
        _renew(session, last, finding, run_id)
        return None
    if last and (last.state in ALIVE or last.state is State.APPLIED):
        return None  # decided on these numbers: they stay as they were when a person looked
    if last and State.OPEN in lifecycle.TRANSITIONS[last.state]:
        _renew(session, last, finding, run_id)
        transitions.move(session, last, State.OPEN, Happened.OPENED, note="found again")
        return last
    return _open(session, finding, run_id)


def _renew(session: Session, row: Recommendation, finding: Finding, run_id: uuid.UUID | None) -> None:
    """Take over what was found now; where that is another thing than was posted, the posts say so."""
    shown = offers.current(session, row)
    row.potential_savings, row.currency = finding.monthly_saving.amount, finding.monthly_saving.currency
    row.title, row.reason, row.details = finding.title, finding.reason, finding.details
    row.confidence_score, row.run_id = finding.confidence, run_id
    session.flush()
    if not offers.renew(session, row):
        return
    if why := shown and changed(shown, offers.newest(session, row)):
        transitions.remark(session, row, Happened.RENEWED, by=transitions.FINDER, note=why)
    elif posted.showing(session, row.id):  # a little more or less: no word in the thread, but the figures are today's
        posted.redraw(session, key=f"recommendation offer {row.offer_id}", payload={posted.REDRAW: str(row.id)})


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
        offers.renew(session, row)
        found = {"act": Happened.FOUND, "before": None, "after": State.OPEN}
        session.add(RecommendationEvent(recommendation_id=row.id, who=transitions.FINDER.user, **found))
    return row


def _expire(session: Session, found: set[tuple[uuid.UUID, str]]) -> None:
    statement = select(Recommendation).where(Recommendation.state.in_([State.OPEN, State.SNOOZED])).with_for_update()
    for row in session.scalars(statement.order_by(Recommendation.id)):
        if (row.resource_id, row.recommendation_type) not in found:
            transitions.move(session, row, State.EXPIRED, Happened.EXPIRED, note="no longer found")
