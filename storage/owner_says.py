"""What the owner of something was asked about it, and said: one answer a question, which decides nothing by itself."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.errors import NotAllowedError
from finops.people import Person
from finops.recommendations.lifecycle import Happened
from finops.recommendations.owning import Says
from storage import dispositions, transitions
from storage.models import Recommendation, RecommendationEvent

_Event = RecommendationEvent


def asked(session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime, whom: str) -> RecommendationEvent:
    """Write down that its owner was asked; asked again after an answer, the owner may give another one.

    Raises NotOpenError once it is decided, NotAllowedError while the owner has not answered what was asked before.
    """
    row = dispositions.undecided(session, offer_id, by)
    before = _last(session, row, workspace=by.workspace, owner=whom)
    if before is not None and before.act is Happened.ASKED:
        message = f"Its owner was asked about “{row.title}” on {before.at:%-d %b %Y} already, and has yet to answer."
        raise NotAllowedError(message)
    return transitions.remark(session, row, Happened.ASKED, by=by, at=at, note=whom)


def answered(session: Session, offer_id: uuid.UUID, *, by: Person, at: datetime, says: Says) -> RecommendationEvent:
    """Write down what the owner said, once a question.

    Raises NotOpenError once it is decided, NotAllowedError for who was not asked, or has answered.
    """
    row = dispositions.undecided(session, offer_id, by)
    before = _last(session, row, workspace=by.workspace, owner=by.user)
    if before is None:
        message = f"Its owner was asked about “{row.title}”, and that is somebody else."
        raise NotAllowedError(message)
    if before.act is Happened.ANSWERED:
        message = (
            f"You have answered about “{row.title}” on {before.at:%-d %b %Y} already. "
            "To say something else, have whoever asked you press Ask the owner again."
        )
        raise NotAllowedError(message)
    return transitions.remark(session, row, Happened.ANSWERED, by=by, at=at, note=says)


def _last(session: Session, row: Recommendation, *, workspace: str, owner: str) -> RecommendationEvent | None:
    """Return the last that an owner was asked or said about one."""
    was_asked = (_Event.act == Happened.ASKED) & (_Event.note == owner)
    said = (_Event.act == Happened.ANSWERED) & (_Event.who == owner)
    mine = (_Event.recommendation_id == row.id) & (_Event.workspace == workspace) & (was_asked | said)
    return session.scalar(select(_Event).where(mine).order_by(_Event.id.desc()).limit(1))


def newest(session: Session, chosen: Collection[uuid.UUID]) -> dict[uuid.UUID, RecommendationEvent]:
    """Return the answer that counts about each of these, where there is one: the last no that holds, else the last.

    The last answer of each owner holds, so that nobody takes back what another one needs. A member of an organization
    has one id in all of its workspaces, and is one owner.
    """
    about = select(_Event).where(_Event.act == Happened.ANSWERED, _Event.recommendation_id.in_(chosen))
    each = {(one.recommendation_id, one.who): one for one in session.scalars(about.order_by(_Event.id))}
    weighed = sorted(each.values(), key=lambda one: (one.note == Says.KEEPS, one.id))
    return {one.recommendation_id: one for one in weighed}


def needed(session: Session, chosen: Collection[uuid.UUID]) -> dict[uuid.UUID, RecommendationEvent]:
    """Return the answers about those of these whose owners need them."""
    return {about: one for about, one in newest(session, chosen).items() if one.note == Says.KEEPS}


def reply(session: Session, recommendation_id: uuid.UUID, *, question: int) -> RecommendationEvent | None:
    """Return what was answered to a question, which is the event of asking; to 0 the first answer."""
    about = (_Event.recommendation_id == recommendation_id) & (_Event.act == Happened.ANSWERED)
    return session.scalar(select(_Event).where(about, _Event.id > question).order_by(_Event.id).limit(1))
