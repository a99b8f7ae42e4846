"""What becomes of a saving besides its approval: put off, done by hand, asked about, told."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.errors import NotAllowedError, NotOpenError
from finops.recommendations.lifecycle import Happened, State
from finops.recommendations.owning import Says
from storage import decisions, dispositions, outbox, owner_says, posted
from storage.decisions import Outcome
from storage.models import (
    ExecutionRequest,
    Outbox,
    Recommendation,
    RecommendationApproval,
    SavingsMeasurement,
)
from tests.bot import ledgers
from tests.deciding import ADA, LENA, NOW, POLICY, VIC, acts, approve, opened


def _offer(row: Recommendation) -> uuid.UUID:
    assert row.offer_id
    return row.offer_id


def test_what_was_put_off_opens_on_its_day_and_counts_anew(session: Session) -> None:
    """Approvals from before do not."""
    row = opened(session, "5000")
    approve(session, row, ADA)
    dispositions.snooze(session, _offer(row), by=ADA, at=NOW, until=NOW + timedelta(days=3))
    assert dispositions.wake(session, at=NOW + timedelta(days=2)) == []
    assert dispositions.wake(session, at=NOW + timedelta(days=3)) == [row]
    assert (row.state, row.until, row.round) == (State.OPEN, None, 2)
    assert approve(session, row, LENA).given == 1


def test_what_is_put_off_is_not_approved_and_can_be_opened_before(session: Session) -> None:
    """Opening is for what was put off alone."""
    row = opened(session)
    with pytest.raises(NotOpenError):
        dispositions.reopen(session, _offer(row), by=ADA, at=NOW)
    dispositions.snooze(session, _offer(row), by=ADA, at=NOW, until=NOW + timedelta(days=3))
    with pytest.raises(NotOpenError):
        approve(session, row, LENA)
    assert dispositions.reopen(session, _offer(row), by=ADA, at=NOW).state is State.OPEN


def test_what_was_dismissed_can_be_considered_anew(session: Session) -> None:
    """Nothing else can, and approvals from before do not count."""
    row = opened(session, "5000")
    approve(session, row, ADA)
    with pytest.raises(NotOpenError):
        dispositions.reconsider(session, _offer(row), by=ADA, at=NOW)
    dispositions.dismiss(session, _offer(row), by=ADA, at=NOW, reason="needed", until=NOW + timedelta(days=3))
    with pytest.raises(NotOpenError):
        dispositions.reopen(session, _offer(row), by=ADA, at=NOW)
    dispositions.reconsider(session, _offer(row), by=ADA, at=NOW)
    assert (row.state, row.until, row.decided_by, row.round) == (State.OPEN, None, None, 2)
    assert acts(session, row)[-1] is Happened.OPENED
    assert approve(session, row, LENA).given == 1


def test_what_is_done_by_hand_is_measured_from_then_on(session: Session) -> None:
    """Only what was approved can be done."""
    row = opened(session)
    with pytest.raises(NotOpenError):
        dispositions.done(session, _offer(row), by=ADA, at=NOW)
    approve(session, row, ADA)
    dispositions.done(session, _offer(row), by=LENA, at=NOW)
    started = session.scalars(select(SavingsMeasurement)).one()
    assert (row.state, started.started_at, started.expected, started.currency) == (State.APPLIED, NOW, 120, "USD")
    assert session.scalars(select(ExecutionRequest)).one().done_at == NOW


def test_its_owner_says_what_should_become_of_it(session: Session) -> None:
    """Nobody else does, and it decides nothing; once a question, and the last answer counts."""
    row = opened(session)
    owner_says.asked(session, _offer(row), by=ADA, at=NOW, whom="UVIC")
    with pytest.raises(NotAllowedError, match="somebody else"):
        owner_says.answered(session, _offer(row), by=LENA, at=NOW, says=Says.AGREES)
    with pytest.raises(NotAllowedError, match="has yet to answer"):
        owner_says.asked(session, _offer(row), by=LENA, at=NOW, whom="UVIC")
    owner_says.answered(session, _offer(row), by=VIC, at=NOW, says=Says.KEEPS)
    with pytest.raises(NotAllowedError, match="Ask the owner again"):
        owner_says.answered(session, _offer(row), by=VIC, at=NOW, says=Says.AGREES)
    assert (row.state, acts(session, row)) == (State.OPEN, [Happened.ASKED, Happened.ANSWERED])
    owner_says.asked(session, _offer(row), by=LENA, at=NOW, whom="UVIC")
    owner_says.answered(session, _offer(row), by=VIC, at=NOW, says=Says.AGREES)
    assert owner_says.needed(session, [row.id]) == {}


def test_what_one_owner_needs_is_needed_until_that_one_says_otherwise(session: Session) -> None:
    """Another owner who needs it not takes nothing back."""
    row = opened(session)
    for owner, says in ((VIC, Says.KEEPS), (LENA, Says.AGREES)):
        owner_says.asked(session, _offer(row), by=ADA, at=NOW, whom=owner.user)
        owner_says.answered(session, _offer(row), by=owner, at=NOW, says=says)
    assert owner_says.newest(session, [row.id])[row.id].who == VIC.user
    assert approve(session, row, ADA).outcome is Outcome.NEEDED
    owner_says.asked(session, _offer(row), by=ADA, at=NOW, whom=VIC.user)
    owner_says.answered(session, _offer(row), by=VIC, at=NOW, says=Says.AGREES)
    assert approve(session, row, ADA).outcome is Outcome.APPROVED


def test_what_its_owner_needs_is_approved_only_by_who_was_asked_about_that(session: Session) -> None:
    """One by one, and never among many."""
    row = opened(session)
    owner_says.asked(session, _offer(row), by=ADA, at=NOW, whom="UVIC")
    said = owner_says.answered(session, _offer(row), by=VIC, at=NOW, says=Says.KEEPS)
    for found in (
        approve(session, row, ADA),
        *decisions.approve_all(session, [_offer(row)], by=ADA, at=NOW, policy=POLICY),
    ):
        assert (found.outcome, found.owner, row.state) == (Outcome.NEEDED, said, State.OPEN)
    assert session.scalars(select(RecommendationApproval)).all() == []
    decisions.approve(session, _offer(row), by=ADA, at=NOW, policy=POLICY, despite_owner=True)
    assert row.state is State.APPROVED


def test_everything_that_happens_is_told_in_the_thread_of_every_message_that_shows_it(session: Session) -> None:
    """And has those messages drawn anew; written in the same transaction."""
    row = opened(session, "5000")
    for key in ("one", "two"):
        digest = {"kind": "recommendations", "recommendation_ids": [str(row.id)]}
        outbox.put(session, key=key, kind="slack_message", payload={"channel": None, "digest": digest})
    for number, message in enumerate(outbox.claim(session, ["slack_message"], now=ledgers.NOW)):
        outbox.sent(session, message.id, {"channel": "C1", "ts": f"{number}.1"})
    approve(session, row, ADA)
    dispositions.assign(session, _offer(row), by=ADA, at=NOW, to="UVIC")
    approve(session, row, LENA)
    waiting = [one.payload for one in session.scalars(select(Outbox).where(Outbox.state == "pending"))]
    told = [(one["channel"], one["thread_ts"]) for one in waiting if posted.HAPPENED in one]
    assert sorted(told) == sorted([("C1", "0.1"), ("C1", "1.1")] * 3)
    assert len([one for one in waiting if one.get(posted.REDRAW) == str(row.id)]) == 3
