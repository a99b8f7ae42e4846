"""What people decide: approved by as many as it takes, on what is so at that moment; once, however often pressed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from finops.errors import NotAllowedError
from finops.money import Money
from finops.people import Person
from finops.recommendations import kinds
from finops.recommendations import offers as rules
from finops.recommendations.lifecycle import Happened, State
from finops.recommendations.offers import Offer
from finops.recommendations.quorum import Policy, Quorum
from storage import offers, owner_says, posted, rechecking, transitions
from storage.models import (
    ExecutionRequest,
    Recommendation,
    RecommendationApproval,
    RecommendationEvent,
    RecommendationOffer,
)

Recheck = Callable[[Session, Recommendation], Offer | str]
"""Says what is so now: `rechecking.now`."""


class Outcome(StrEnum):
    """What became of somebody's approval."""

    APPROVED = "approved"
    COUNTED = "counted"
    """It counts, and more are needed."""
    AGAIN = "again"
    """The same person had approved it before."""
    STALE = "stale"
    """What was shown no longer holds; nothing was approved."""
    EXPIRED = "expired"
    NEEDED = "needed"
    """Its owner needs it, and who approved it was not asked about that; nothing was approved."""


NOT_COUNTED = Quorum(0, "")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of it, and in which words."""

    row: Recommendation
    outcome: Outcome
    sentence: str = ""
    given: int = 0
    quorum: Quorum = NOT_COUNTED
    owner: RecommendationEvent | None = None
    """What its owner said, who needs it."""
    event: RecommendationEvent | None = None
    """What was written down of it."""


def needed(row: Recommendation, policy: Policy) -> Quorum:
    """Return how many approvals one recommendation takes by itself."""
    saving = Money(row.potential_savings, row.currency)
    return policy.needed([saving], reversible=kinds.about(row.recommendation_type).reversible)


def approve(
    session: Session,
    offer_id: uuid.UUID,
    *,
    by: Person,
    at: datetime,
    policy: Policy,
    recheck: Recheck = rechecking.now,
    despite_owner: bool = False,
) -> Result:
    """Approve what an offer shows; what its owner needs only `despite_owner`.

    Commit whatever comes back: a stale offer has been renewed. Raises NotOpenError naming who decided before,
    NotAllowedError for who requested it.
    """
    shown = offers.find(session, offer_id, workspace=by.workspace)
    row = transitions.locked(session, shown.recommendation_id)
    _check(session, row, by)
    stale = _look(session, row, offers.value(shown), at=at, recheck=recheck)
    kept = None if despite_owner else _kept(session, row)
    return stale or kept or _count(session, row, by=by, at=at, quorum=needed(row, policy))


def _kept(session: Session, row: Recommendation) -> Result | None:
    answer = owner_says.needed(session, [row.id]).get(row.id)
    return Result(row, Outcome.NEEDED, owner=answer) if answer else None


def _check(session: Session, row: Recommendation, by: Person) -> None:
    transitions.check(session, row, State.APPROVED)
    if row.requested_by == by.user:
        message = f"You asked for “{row.title}” yourself, so somebody else has to approve it."
        raise NotAllowedError(message)


def _look(session: Session, row: Recommendation, shown: Offer, *, at: datetime, recheck: Recheck) -> Result | None:
    """Hold what was shown against what is so now; None if it still holds. The row then has today's figures."""
    now = recheck(session, row)
    if now == rechecking.GONE:
        transitions.move(session, row, State.EXPIRED, Happened.EXPIRED, at=None, note=rechecking.GONE)
        return Result(row, Outcome.EXPIRED, f"“{row.title}” has expired: {rechecking.GONE}.")
    if isinstance(now, str):
        sentence = f"“{row.title}” was not approved: {now}. The next analysis looks at it again."
        return Result(row, Outcome.STALE, sentence)
    row.potential_savings, row.currency = now.saving.amount, now.saving.currency
    renewed = offers.renew(session, row, dict(now.resource))
    why = rules.changed(shown, now)
    if why is None:
        return None
    if renewed:
        transitions.remark(session, row, Happened.RENEWED, by=transitions.FINDER, at=at, note=why)
    return Result(row, Outcome.STALE, f"{why}: approve anew?")


def _count(
    session: Session, row: Recommendation, *, by: Person, at: datetime, quorum: Quorum, tell: bool = True
) -> Result:
    again = any(_who(one) == (by.enterprise or by.workspace, by.user) for one in counting(session, row))
    _write(session, row, by=by, at=at, quorum=quorum.people)
    valid = counting(session, row)
    people = max([quorum.people, *(one.quorum for one in valid)])
    quorum = quorum if quorum.people == people else Quorum(people, "it was approved together with others")
    given = len({_who(one) for one in valid})
    note = None if people == 1 else f"{given} of {people}"
    if given >= people:
        event = transitions.move(session, row, State.APPROVED, Happened.APPROVED, by=by, at=at, note=note, tell=tell)
        if event is None:
            raise transitions.taken(session, row, State.APPROVED)
        request(session, row, by=by, at=at)
        return Result(row, Outcome.APPROVED, given=given, quorum=quorum, event=event)
    if again:
        return Result(row, Outcome.AGAIN, given=given, quorum=quorum)
    event = transitions.remark(session, row, Happened.APPROVED, by=by, at=at, note=note, tell=tell)
    return Result(row, Outcome.COUNTED, given=given, quorum=quorum, event=event)


def counting(session: Session, row: Recommendation) -> list[RecommendationApproval]:
    """Return the approvals of this round whose offer holds against the newest one."""
    newest = session.get_one(RecommendationOffer, row.offer_id)
    asked = select(RecommendationApproval, RecommendationOffer).where(
        RecommendationApproval.recommendation_id == row.id,
        RecommendationApproval.round == row.round,
        RecommendationOffer.id == RecommendationApproval.offer_id,
    )
    now = offers.value(newest)
    found = session.execute(asked.order_by(RecommendationApproval.id), execution_options={"populate_existing": True})
    return [one for one, shown in found if rules.changed(offers.value(shown), now) is None]


def approved_by(session: Session, person: Person) -> frozenset[uuid.UUID]:
    """Return what somebody has ever approved; whether that still counts is told by `counting`."""
    theirs = (RecommendationApproval.workspace == person.workspace) & (RecommendationApproval.who == person.user)
    return frozenset(session.scalars(select(RecommendationApproval.recommendation_id).where(theirs)))


def _who(one: RecommendationApproval) -> tuple[str, str]:
    """Tell people apart: within an organization a person is one in all its workspaces."""
    return (one.enterprise or one.workspace, one.who)


def _write(session: Session, row: Recommendation, *, by: Person, at: datetime, quorum: int) -> None:
    """Keep one approval a person: what they saw last, wherever within their organization."""
    table = RecommendationApproval
    here = (table.recommendation_id == row.id, table.round == row.round, table.who == by.user)
    organization = table.enterprise == by.enterprise
    same = organization if by.enterprise else and_(organization, table.workspace == by.workspace)
    former = session.scalars(delete(table).where(*here, same).returning(table.quorum)).all()
    session.add(
        table(
            recommendation_id=row.id, round=row.round, enterprise=by.enterprise, workspace=by.workspace, who=by.user,
            offer_id=row.offer_id, quorum=max([quorum, *former]),  # what was judged by a sum stays judged by it
            at=at,
        )
    )  # fmt: skip
    session.flush()


def request(session: Session, row: Recommendation, *, by: Person, at: datetime) -> None:
    """Ask the executor, which a later version brings, to carry it out."""
    session.add(
        ExecutionRequest(
            workspace=by.workspace, recommendation_id=row.id, round=row.round, requested_by=by.user, requested_at=at
        )
    )
    session.flush()


def approve_all(
    session: Session,
    chosen: Sequence[uuid.UUID],
    *,
    by: Person,
    at: datetime,
    policy: Policy,
    recheck: Recheck = rechecking.now,
) -> list[Result]:
    """Approve many at once, judged by their sum: all of them or none.

    If one no longer holds, or its owner needs it, only such ones are returned and nothing is approved; commit all the
    same. Raises NotOpenError and NotAllowedError for any of them.
    """
    shown = [offers.find(session, one, workspace=by.workspace) for one in chosen]
    rows = [transitions.locked(session, key) for key in sorted({one.recommendation_id for one in shown})]
    by_id = {one.recommendation_id: one for one in shown}
    for row in rows:
        _check(session, row, by)
    looked = [
        _look(session, row, offers.value(by_id[row.id]), at=at, recheck=recheck) or _kept(session, row) for row in rows
    ]
    if any(looked):
        return [one for one in looked if one]
    quorum = together(rows, policy)
    found = [_count(session, row, by=by, at=at, quorum=quorum, tell=False) for row in rows]
    posted.together(session, [one.event for one in found if one.event])
    return found


def together(rows: Sequence[Recommendation], policy: Policy) -> Quorum:
    """Return how many approvals it takes to decide these at once."""
    reversible = all(kinds.about(row.recommendation_type).reversible for row in rows)
    return policy.needed(kinds.totals(rows), reversible=reversible)
