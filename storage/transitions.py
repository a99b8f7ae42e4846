"""The one place where a recommendation changes its state: once, with a row of who and when, told where it is shown."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from finops.errors import NotOpenError, UnknownWordError
from finops.people import Person
from finops.recommendations import lifecycle
from finops.recommendations.lifecycle import Happened, State
from storage import posted
from storage.models import Recommendation, RecommendationEvent

FINDER = Person("", "costs")
"""Who is written down when the analysis itself changes a state."""


def locked(session: Session, recommendation_id: uuid.UUID) -> Recommendation:
    """Return one as it is now; until the transaction ends nobody else decides it. Raises UnknownWordError."""
    statement = select(Recommendation).where(Recommendation.id == recommendation_id).with_for_update()
    found = session.scalar(statement, execution_options={"populate_existing": True})
    if found is None:
        raise UnknownWordError(str(recommendation_id), None, "`/cost recommendations` lists those there are.")
    return found


def move(
    session: Session,
    row: Recommendation,
    after: State,
    happened: Happened,
    *,
    by: Person = FINDER,
    at: datetime | None = None,
    note: str | None = None,
    until: datetime | None = None,
    tell: bool = True,
) -> RecommendationEvent | None:
    """Change the state if it is still what the row says; None if somebody was faster.

    `at` is given where a person decides; who does not `tell` it here does so by `posted.together`. Raises NotOpenError
    where `after` may not follow.
    """
    before = row.state
    check(session, row, after)
    person = by.user if at and after is not State.OPEN else None
    values: dict[str, Any] = {"state": after, "until": until, "updated_at": func.now()}
    if after is not State.MEASURED:  # who carried it out stays
        values |= {"decided_by": person, "decided_at": at if person else None}
    if after is State.OPEN:
        values["round"] = Recommendation.round + 1
    changed = session.execute(
        update(Recommendation)
        .where(Recommendation.id == row.id, Recommendation.state == before)
        .values(**values)
        .returning(Recommendation.id),
        execution_options={"synchronize_session": False},
    ).all()
    if not changed:
        return None
    session.refresh(row)
    return _event(session, row, happened, before=before, by=by, at=at, note=note, tell=tell)


def remark(
    session: Session,
    row: Recommendation,
    happened: Happened,
    *,
    by: Person,
    at: datetime | None = None,
    note: str | None = None,
    tell: bool = True,
) -> RecommendationEvent:
    """Write down what somebody did that leaves the state as it is."""
    return _event(session, row, happened, before=row.state, by=by, at=at, note=note, tell=tell)


def _event(
    session: Session,
    row: Recommendation,
    happened: Happened,
    *,
    before: State,
    by: Person,
    at: datetime | None,
    note: str | None,
    tell: bool,
) -> RecommendationEvent:
    event = RecommendationEvent(
        recommendation_id=row.id, workspace=by.workspace, who=by.user, act=happened, before=before, after=row.state,
        note=note,
    )  # fmt: skip
    if at is not None:
        event.at = at
    session.add(event)
    session.flush()
    if tell:
        posted.tell(session, event)
    return event


def check(session: Session, row: Recommendation, after: State) -> None:
    """Raise NotOpenError, naming who decided before and when, unless `after` may follow."""
    try:
        lifecycle.check(row.state, after, title=row.title)
    except NotOpenError as error:
        raise taken(session, row, after) from error


def taken(session: Session, row: Recommendation, after: State) -> NotOpenError:
    """Return what somebody is told who comes second."""
    who, when = row.decided_by, row.decided_at
    if who is None:
        last = select(RecommendationEvent).where(RecommendationEvent.recommendation_id == row.id)
        if event := session.scalar(last.order_by(RecommendationEvent.id.desc()).limit(1)):
            who, when = event.who, event.at
    moment = f" on {when.astimezone(UTC):%Y-%m-%d at %H:%M} UTC" if when else ""
    return NotOpenError(
        f"“{row.title}” was {row.state} by {who or 'someone'}{moment}, so it cannot become {after};"
        " the first decision stands."
    )
