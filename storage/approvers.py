"""Whose approvals stand while something is undecided; those of who may no longer approve are taken back."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from finops.people import Person
from finops.recommendations.lifecycle import State
from storage import offers, transitions
from storage.models import Recommendation, RecommendationApproval

UNDECIDED = (State.OPEN, State.SNOOZED)


def of(session: Session, chosen: Sequence[uuid.UUID], *, workspace: str) -> set[Person]:
    """Return who has approved what these offers show, in this round. Raises NotOpenError for what was deleted."""
    about = [offers.find(session, one, workspace=workspace).recommendation_id for one in chosen]
    table = RecommendationApproval
    asked = (
        select(table.workspace, table.who, table.enterprise)
        .join(Recommendation, Recommendation.id == table.recommendation_id)
        .where(Recommendation.id.in_(about), Recommendation.round == table.round, Recommendation.state.in_(UNDECIDED))
    )
    return {Person(*one) for one in session.execute(asked)}


def withdraw(session: Session, chosen: Sequence[uuid.UUID], gone: Collection[Person], *, workspace: str) -> None:
    """Take back what these people approved of it, unless it is decided. What happened stays in the history."""
    if not gone:
        return
    table = RecommendationApproval
    about = {offers.find(session, one, workspace=workspace).recommendation_id for one in chosen}
    them = [(one.enterprise, one.workspace, one.user) for one in gone]
    for row in [transitions.locked(session, key) for key in sorted(about)]:  # in the order of decisions
        if row.state in UNDECIDED:
            theirs = tuple_(table.enterprise, table.workspace, table.who).in_(them)
            here = (table.recommendation_id == row.id, table.round == row.round)
            session.execute(delete(table).where(*here, theirs))
