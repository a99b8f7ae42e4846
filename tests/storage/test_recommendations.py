"""Recommendations are found, renewed, expired and decided once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from finops.errors import NotOpenError, UnknownWordError
from finops.money import Money
from finops.recommendations.findings import Finding, RecommendationType
from finops.recommendations.lifecycle import State
from finops.resources import Resource
from storage import recommendations
from storage.database import transaction
from storage.models import Recommendation
from storage.resources import save_inventory

NOW = datetime(2026, 9, 18, 9, 30, tzinfo=UTC)


def machine(name: str) -> Resource:
    """Return a machine as an inventory lists it."""
    return Resource("aws", f"i-{name}", "machine", name, "us-east-1", "1", "running", "m5.large", NOW)


def finding(name: str = "one", saving: str = "70.08") -> Finding:
    """Return a finding about that machine."""
    kind = RecommendationType.STOP_IDLE_MACHINE
    money = Money(Decimal(saving), "USD")
    return Finding(machine(name).key, "aws", kind, f"Stop {name}", "idle", money, 0.9, {"command": "stop"})


def known(session: Session, *names: str) -> None:
    """Let an inventory list machines of these names."""
    save_inventory(session, "aws", [("1", None)], [machine(name) for name in names], at=NOW)


def only(session: Session) -> Recommendation:
    """Record one finding and return its recommendation."""
    known(session, "one")
    return recommendations.record(session, [finding()], run_id=None)[0]


def test_a_finding_opens_once_however_often_it_is_found(session: Session) -> None:
    """The second run renews the numbers and announces nothing."""
    known(session, "one")
    assert len(recommendations.record(session, [finding()], run_id=None)) == 1
    assert recommendations.record(session, [finding(saving="80")], run_id=None) == []
    assert [row.potential_savings for row in recommendations.alive(session)] == [Decimal(80)]


def test_the_largest_saving_comes_first_and_a_limit_cuts(session: Session) -> None:
    """Alive recommendations are ordered by money."""
    known(session, "one", "two", "three")
    recommendations.record(session, [finding("one", "5"), finding("two", "50"), finding("three", "20")], run_id=None)
    assert [row.title for row in recommendations.alive(session, limit=2)] == ["Stop two", "Stop three"]


def test_a_resource_that_no_inventory_knows_is_left_out(session: Session) -> None:
    """A finding needs a resource."""
    assert recommendations.record(session, [finding("ghost")], run_id=None) == []


def test_what_is_no_longer_found_expires_and_reopens_when_found_again(session: Session) -> None:
    """Each change of state leaves an event."""
    row = only(session)
    recommendations.record(session, [], run_id=None)
    assert (row.state, recommendations.alive(session)) == (State.EXPIRED, [])
    assert recommendations.record(session, [finding()], run_id=None) == [row]
    changes = [(event.before, event.after) for event in recommendations.events(session, row.id)]
    assert changes == [(None, State.OPEN), (State.OPEN, State.EXPIRED), (State.EXPIRED, State.OPEN)]


def test_what_was_dismissed_is_not_opened_again(session: Session) -> None:
    """A person's no stands."""
    row = only(session)
    recommendations.decide(session, row.id, State.DISMISSED, by="U1", at=NOW, note="needed in October")
    assert recommendations.record(session, [finding()], run_id=None) == []
    assert recommendations.alive(session) == []


def test_what_was_approved_keeps_the_numbers_that_a_person_saw(session: Session) -> None:
    """A later run does not change the money under an approval."""
    row = only(session)
    recommendations.decide(session, row.id, State.APPROVED, by="U1", at=NOW)
    recommendations.record(session, [finding(saving="1")], run_id=None)
    recommendations.record(session, [], run_id=None)
    assert (row.state, row.potential_savings) == (State.APPROVED, Decimal("70.08"))


def test_a_decision_writes_who_when_and_why(session: Session) -> None:
    """The row and its event agree."""
    row = recommendations.decide(session, only(session).id, State.DISMISSED, by="U1", at=NOW, note="needed")
    assert (row.state, row.decided_by, row.decided_at) == (State.DISMISSED, "U1", NOW)
    last = recommendations.events(session, row.id)[-1]
    assert (last.who, last.at, last.before, last.after, last.note) == (
        "U1", NOW, State.OPEN, State.DISMISSED, "needed",
    )  # fmt: skip


def test_a_second_decision_names_the_first(session: Session) -> None:
    """Whoever comes second learns who was first, and when."""
    row = only(session)
    recommendations.decide(session, row.id, State.APPROVED, by="U1", at=NOW)
    with pytest.raises(NotOpenError, match=r"was approved by U1 on 2026-09-18 at 09:30 UTC"):
        recommendations.decide(session, row.id, State.DISMISSED, by="U2", at=NOW)
    assert len(recommendations.events(session, row.id)) == 2


def test_an_unknown_id_is_told(session: Session) -> None:
    """A stale button says so."""
    with pytest.raises(UnknownWordError):
        recommendations.decide(session, uuid.uuid4(), State.APPROVED, by="U1", at=NOW)


def together(work: Callable[[str], State | str]) -> list[State | str]:
    """Run the work for two people at the same moment."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, ["U1", "U2"]))


def test_two_people_at_once_decide_once(database: Path) -> None:
    """Both have read it as open before either writes; one wins, the other is told who."""
    with transaction() as session:
        chosen = only(session).id
    both_have_read = Barrier(2)

    def press(who: str) -> State | str:
        try:
            with transaction() as session:
                recommendations.get(session, chosen)
                both_have_read.wait(10)
                return recommendations.decide(session, chosen, State.APPROVED, by=who, at=NOW).state
        except NotOpenError as error:
            return str(error)

    answers = sorted(together(press), key=len)
    assert answers[0] is State.APPROVED
    with transaction() as session:
        row = recommendations.get(session, chosen)
        assert f"was approved by {row.decided_by} on" in answers[1]
        assert len(recommendations.events(session, chosen)) == 2


def test_two_runs_at_once_open_one(database: Path) -> None:
    """The same finding of two runs becomes one recommendation."""
    with transaction() as session:
        known(session, "one")
    start = Barrier(2)

    def run(_: str) -> str:
        start.wait(10)
        with transaction() as session:
            return str(len(recommendations.record(session, [finding()], run_id=None)))

    assert sorted(together(run)) == ["0", "1"]
