"""Recommendations are found, renewed, expired and decided once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.errors import NotOpenError, UnknownWordError
from finops.money import Money
from finops.people import Person
from finops.recommendations.findings import Finding, RecommendationType
from finops.recommendations.lifecycle import Happened, State
from finops.resources import Resource
from storage import dispositions, recommendations, resource_services, transitions
from storage.database import transaction
from storage.models import CostRecord, Recommendation
from storage.resources import save_inventory
from tests.bot import ledgers

ADA = Person("T0", "U1")
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


def offer(row: Recommendation) -> uuid.UUID:
    """Return what its button carries."""
    assert row.offer_id
    return row.offer_id


def test_a_saving_knows_the_service_that_its_resource_costs_most_under(session: Session) -> None:
    """From the ledger's last two months, all categories of a service together; without a charge it knows none."""
    known(session, "one", "two")
    [service, category] = resource_services.WORDS
    first, second = recommendations.record(session, [finding(), finding("two")], run_id=None)
    assert service not in first.details
    ledgers.fill(session)
    billed = ("S3", "Storage", 40, 1), ("S3", "Networking", 40, 2), ("EC2", "Compute", 60, 20)
    for name, kind, cost, day in billed:
        ledgers.charge(session, "i-one", str(cost), date(2026, 11, day))
        row = session.scalars(select(CostRecord).where(CostRecord.effective_cost == cost)).all()[-1]
        row.service_name, row.service_category = name, kind
    session.flush()
    recommendations.record(session, [finding(), finding("two")], run_id=None)
    assert first.details[service] == "S3"
    assert first.details[category] in {"Storage", "Networking"}
    assert service not in second.details


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
    dispositions.dismiss(session, offer(row), by=ADA, at=NOW, reason="needed in October")
    assert recommendations.record(session, [finding()], run_id=None) == []
    assert recommendations.alive(session) == []


def test_what_was_dismissed_until_a_day_opens_again_when_it_is_found_after_it(session: Session) -> None:
    """Not before."""
    row = only(session)
    dispositions.dismiss(session, offer(row), by=ADA, at=NOW, reason="needed", until=NOW + timedelta(days=30))
    assert recommendations.record(session, [finding()], run_id=None, at=NOW + timedelta(days=29)) == []
    assert recommendations.record(session, [finding()], run_id=None, at=NOW + timedelta(days=30)) == [row]
    assert (row.state, row.until, row.decided_by) == (State.OPEN, None, None)


def test_what_was_put_off_is_open_once_its_day_has_come(session: Session) -> None:
    """The run that looks for savings opens it, with today's numbers."""
    row = only(session)
    dispositions.snooze(session, offer(row), by=ADA, at=NOW, until=NOW + timedelta(days=7))
    recommendations.record(session, [finding(saving="80")], run_id=None, at=NOW + timedelta(days=6))
    assert row.state is State.SNOOZED
    recommendations.record(session, [finding(saving="90")], run_id=None, at=NOW + timedelta(days=7))
    assert (row.state, row.potential_savings) == (State.OPEN, Decimal(90))


def test_numbers_that_changed_are_a_new_offer_and_large_changes_are_told(session: Session) -> None:
    """What cards show is kept, so that a click can be held against it."""
    row = only(session)
    first = row.offer_id
    recommendations.record(session, [finding()], run_id=None)
    assert row.offer_id == first
    recommendations.record(session, [finding(saving="70")], run_id=None)
    assert row.offer_id != first
    assert [one.act for one in recommendations.events(session, row.id)] == [Happened.FOUND]
    recommendations.record(session, [finding(saving="35")], run_id=None)
    last = recommendations.events(session, row.id)[-1]
    assert last.act is Happened.RENEWED
    assert "fell by 50 %" in (last.note or "")


def test_what_was_approved_keeps_the_numbers_that_a_person_saw(session: Session) -> None:
    """A later run does not change the money under an approval."""
    row = only(session)
    transitions.move(session, row, State.APPROVED, Happened.APPROVED, by=ADA, at=NOW)
    recommendations.record(session, [finding(saving="1")], run_id=None)
    recommendations.record(session, [], run_id=None)
    assert (row.state, row.potential_savings) == (State.APPROVED, Decimal("70.08"))


def test_a_decision_writes_who_when_and_why(session: Session) -> None:
    """The row and its event agree."""
    row = dispositions.dismiss(session, offer(only(session)), by=ADA, at=NOW, reason="needed")
    assert (row.state, row.decided_by, row.decided_at) == (State.DISMISSED, "U1", NOW)
    last = recommendations.events(session, row.id)[-1]
    assert (last.who, last.at, last.before, last.after, last.note) == (
        "U1", NOW, State.OPEN, State.DISMISSED, "needed",
    )  # fmt: skip


def test_a_second_decision_names_the_first(session: Session) -> None:
    """Whoever comes second learns who was first, and when."""
    row = only(session)
    dispositions.dismiss(session, offer(row), by=ADA, at=NOW, reason="needed")
    with pytest.raises(NotOpenError, match=r"was dismissed by U1 on 2026-09-18 at 09:30 UTC"):
        dispositions.dismiss(session, offer(row), by=Person("T0", "U2"), at=NOW, reason="needed")
    assert len(recommendations.events(session, row.id)) == 2


def test_an_unknown_id_is_told(session: Session) -> None:
    """A stale button says so."""
    with pytest.raises(UnknownWordError):
        recommendations.get(session, uuid.uuid4())
    with pytest.raises(NotOpenError, match="not there any more"):
        dispositions.dismiss(session, uuid.uuid4(), by=ADA, at=NOW, reason="needed")


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
                row = recommendations.get(session, chosen)
                return dispositions.dismiss(session, offer(row), by=Person("T0", who), at=NOW, reason="x").state
        except NotOpenError as error:
            return str(error)

    answers = sorted(together(press), key=len)
    assert answers[0] is State.DISMISSED
    with transaction() as session:
        row = recommendations.get(session, chosen)
        assert f"was dismissed by {row.decided_by} on" in answers[1]
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
