"""Approvals: by as many as it takes, on what is so at the click, once."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.errors import NotAllowedError, NotOpenError
from finops.money import Money
from finops.people import Person
from finops.recommendations.lifecycle import Happened, State
from finops.recommendations.offers import Offer
from storage import decisions, offers, recommendations
from storage.decisions import Outcome, Result
from storage.models import (
    CloudResource,
    ExecutionRequest,
    Recommendation,
    RecommendationApproval,
    RecommendationOffer,
)
from tests.bot import ledgers
from tests.deciding import ADA, LENA, NOW, POLICY, acts, approve, opened


def test_a_small_saving_that_can_be_undone_takes_one_approval(session: Session) -> None:
    """It is approved, by whom and when, and waits for the executor."""
    row = opened(session)
    assert approve(session, row, ADA).outcome is Outcome.APPROVED
    assert (row.state, row.decided_by, row.decided_at) == (State.APPROVED, "UADA", NOW)
    asked = session.scalars(select(ExecutionRequest)).one()
    assert (asked.recommendation_id, asked.workspace, asked.requested_by, asked.done_at) == (row.id, "T0", "UADA", None)


def test_a_large_saving_takes_two_people(session: Session) -> None:
    """The first counts, however often; each approval is a row; the second decides."""
    row = opened(session, "1000")
    first = approve(session, row, ADA)
    assert (first.outcome, first.given, first.quorum.people) == (Outcome.COUNTED, 1, 2)
    assert approve(session, row, ADA).outcome is Outcome.AGAIN
    assert (row.state, row.decided_by) == (State.OPEN, None)
    assert approve(session, row, LENA).outcome is Outcome.APPROVED
    assert [one.who for one in session.scalars(select(RecommendationApproval))] == ["UADA", "ULENA"]
    assert acts(session, row) == [Happened.APPROVED, Happened.APPROVED]


@pytest.mark.parametrize(
    ("kind", "currency", "because"),
    [
        ("release_idle_address", "USD", "cannot be undone"),
        ("something_of_a_later_version", "USD", "cannot be undone"),
        ("stop_idle_machine", "EUR", "no limit is set for EUR"),
    ],
)
def test_what_is_risky_or_has_no_limit_takes_two(session: Session, kind: str, currency: str, because: str) -> None:
    """However little it saves; amounts are not converted for it."""
    row = opened(session, "5")
    row.recommendation_type, row.currency = kind, currency
    quorum = decisions.needed(row, POLICY)
    assert (quorum.people, because in quorum.because) == (2, True)


def test_one_person_in_two_workspaces_of_an_organization_is_one(session: Session) -> None:
    """In two organizations it would be two."""
    row = opened(session, "5000")
    approve(session, row, Person("T0", "WADA", "E1"))
    assert approve(session, row, Person("T9", "WADA", "E1")).outcome is Outcome.AGAIN
    assert approve(session, row, Person("T9", "WADA", "E2")).outcome is Outcome.APPROVED


def test_of_a_persons_approvals_the_last_one_counts_wherever_it_was_pressed(session: Session) -> None:
    """What they saw first, in another workspace, does not stand beside it."""
    row = opened(session, "5000")
    first, second = Person("T0", "WADA", "E1"), Person("T9", "WADA", "E1")

    def press(by: Person, saving: str) -> Outcome:
        now = Offer(Money(Decimal(saving), "USD"), offers.newest(session, row).resource)
        given = {"by": by, "at": NOW, "policy": POLICY, "recheck": lambda *_: now}
        return decisions.approve(session, card, **given).outcome

    card = row.offer_id
    assert card
    assert press(first, "5000") is Outcome.COUNTED
    assert press(second, "8500") is Outcome.AGAIN
    assert press(LENA, "4200") is Outcome.COUNTED
    assert [one.who for one in decisions.counting(session, row)] == ["ULENA"]


def test_who_asked_for_it_does_not_approve_it(session: Session) -> None:
    """What the analysis found has no requester."""
    row = opened(session)
    row.requested_by = "UADA"
    with pytest.raises(NotAllowedError, match="somebody else has to approve"):
        approve(session, row, ADA)
    assert approve(session, row, LENA).outcome is Outcome.APPROVED


@pytest.mark.parametrize(("left", "outcome"), [("80", Outcome.APPROVED), ("79.99", Outcome.STALE)])
def test_a_saving_may_fall_by_a_fifth_until_the_click(session: Session, left: str, outcome: Outcome) -> None:
    """It is computed anew from the ledger."""
    row = opened(session, "100")
    ledgers.charge(session, "i-1", str(Decimal(left) - 100))
    assert approve(session, row, ADA).outcome is outcome


def test_a_saving_that_fell_further_is_asked_about_and_approved_anew(session: Session) -> None:
    """The old card approves nothing any more; the new one shows what is so now."""
    row = opened(session, "100")
    old = row.offer_id
    ledgers.charge(session, "i-1", "-40")
    found = approve(session, row, ADA)
    assert found.outcome is Outcome.STALE
    assert found.sentence == (
        "The saving fell by 40 % since this was posted ($100.00 to $60.00 a month): approve anew?"
    )
    assert (row.state, row.potential_savings) == (State.OPEN, 60)
    assert approve(session, row, ADA, old).outcome is Outcome.STALE
    assert approve(session, row, ADA).outcome is Outcome.APPROVED
    assert acts(session, row) == [Happened.RENEWED, Happened.APPROVED]


def test_an_approval_of_what_no_longer_holds_does_not_count(session: Session) -> None:
    """Both have to have seen about the same."""
    row = opened(session, "5000")
    approve(session, row, ADA)
    ledgers.charge(session, "i-1", "-2000")
    assert approve(session, row, LENA).outcome is Outcome.STALE
    second = approve(session, row, LENA)
    assert (second.outcome, second.given) == (Outcome.COUNTED, 1)
    assert approve(session, row, ADA).outcome is Outcome.APPROVED


def test_a_resource_that_changed_is_told(session: Session) -> None:
    """With what it was, and what it is."""
    row = opened(session)
    resource = session.get_one(CloudResource, row.resource_id)
    resource.size, resource.tags = "m5.xlarge", {"keep": "yes"}
    session.flush()
    found = approve(session, row, ADA)
    assert found.outcome is Outcome.STALE
    assert "size: m5.large, now m5.xlarge; tag keep: none, now yes" in found.sentence
    assert approve(session, row, ADA).outcome is Outcome.APPROVED


def test_a_resource_that_is_gone_expires_its_recommendation(session: Session) -> None:
    """Nothing is left to decide."""
    row = opened(session)
    session.get_one(CloudResource, row.resource_id).closed_at = NOW
    session.flush()
    found = approve(session, row, ADA)
    assert (found.outcome, row.state) == (Outcome.EXPIRED, State.EXPIRED)
    assert "no longer lists it" in found.sentence
    with pytest.raises(NotOpenError):
        approve(session, row, ADA)


def test_a_machine_that_works_again_is_not_approved(session: Session) -> None:
    """The rule is asked once more; measurements that are missing speak against it, too."""
    row = opened(session)
    ledgers.measure(session, "i-1", cpu=0.9)
    found = approve(session, row, ADA)
    assert (found.outcome, row.state) == (Outcome.STALE, State.OPEN)
    assert "save nothing any more" in found.sentence


def test_a_deleted_recommendation_and_another_workspaces_are_not_there(session: Session) -> None:
    """A button outlives what it was about."""
    row = opened(session)
    for offer, by in ((uuid.uuid4(), ADA), (row.offer_id, ADA)):
        session.get_one(RecommendationOffer, row.offer_id).workspace = "T9"
        session.flush()
        assert offer
        with pytest.raises(NotOpenError, match="not there any more"):
            decisions.approve(session, offer, by=by, at=NOW, policy=POLICY)


def test_a_button_from_before_there_were_offers_still_works(session: Session) -> None:
    """It names the recommendation, and stands for what was shown first."""
    row = opened(session, "100")
    ledgers.charge(session, "i-1", "-40")
    assert approve(session, row, ADA, row.id).outcome is Outcome.STALE
    assert approve(session, row, ADA, row.id).outcome is Outcome.STALE


def _many(session: Session, *savings: str) -> list[Recommendation]:
    ledgers.fill(session)
    found = [ledgers.recommend(session, saving=saving, name=f"i-{number}") for number, saving in enumerate(savings)]
    return [recommendations.get(session, one) for one in found]


def _all(session: Session, rows: list[Recommendation], by: Person) -> list[Result]:
    return decisions.approve_all(session, [row.offer_id for row in rows if row.offer_id], by=by, at=NOW, policy=POLICY)


def test_many_at_once_are_judged_by_their_sum(session: Session) -> None:
    """Three small ones that are large together take two people; alone it was judged so, too, it takes two as well."""
    rows = _many(session, "400", "400", "400")
    assert {(one.outcome, one.quorum.people) for one in _all(session, rows, ADA)} == {(Outcome.COUNTED, 2)}
    assert approve(session, rows[0], ADA).outcome is Outcome.AGAIN
    assert approve(session, rows[0], LENA).outcome is Outcome.APPROVED
    assert {one.outcome for one in _all(session, rows[1:], LENA)} == {Outcome.APPROVED}


def test_many_at_once_are_all_approved_or_none(session: Session) -> None:
    """One that no longer holds stops them, and is named."""
    rows = _many(session, "100", "100", "100")
    ledgers.charge(session, "i-1", "-90")
    (stale,) = _all(session, rows, ADA)
    assert (stale.row.id, stale.outcome) == (rows[1].id, Outcome.STALE)
    assert {row.state for row in rows} == {State.OPEN}
    assert {one.outcome for one in _all(session, rows, ADA)} == {Outcome.APPROVED}
    with pytest.raises(NotOpenError):
        _all(session, rows, LENA)
