"""Clicks at the same moment, on a real PostgreSQL: one decision, one request, each person once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from finops.errors import NotOpenError
from finops.money import Money
from finops.people import Person
from finops.recommendations.findings import Finding, RecommendationType
from finops.recommendations.lifecycle import Happened, State
from storage import dispositions, offers, recommendations, transitions
from storage.database import transaction
from storage.decisions import Outcome
from storage.models import (
    ExecutionRequest,
    Recommendation,
)
from tests.bot import ledgers
from tests.deciding import ADA, LENA, NOW, acts, approve, opened
from tests.locks import until_somebody_waits


def _offer(row: Recommendation) -> uuid.UUID:
    assert row.offer_id
    return row.offer_id


@pytest.fixture
def ready(database: Path) -> Iterator[Callable[[str], Recommendation]]:
    """Return what opens a recommendation for everybody to see."""

    def open_one(saving: str) -> Recommendation:
        with transaction() as session:
            return opened(session, saving)

    yield open_one
    with transaction() as session:
        session.connection().exec_driver_sql("drop table if exists cost_records_2026_10, cost_records_2026_11")


@contextmanager
def at_once(people: list[Person]) -> Iterator[Callable[[Callable[[Person], object]], list[object]]]:
    """Let several people do something at the same moment."""
    start = Barrier(len(people))

    def together(work: Callable[[Person], object]) -> list[object]:
        def go(person: Person) -> object:
            start.wait(10)
            try:
                return work(person)
            except NotOpenError as error:
                return error

        return list(pool.map(go, people))

    with ThreadPoolExecutor(len(people)) as pool:
        yield together


@pytest.mark.parametrize(("saving", "counted"), [("120", 0), ("5000", 1)])
def test_eight_clicks_at_once_decide_once(ready: Callable[[str], Recommendation], saving: str, counted: int) -> None:
    """Of one approval as of two: exactly one decides, those before it count, the others are told who it was."""
    row = ready(saving)

    def press(person: Person) -> object:
        with transaction() as session:
            return approve(session, row, person).outcome

    with at_once([Person("T0", f"U{number}") for number in range(8)]) as together:
        found = together(press)
    assert found.count(Outcome.APPROVED) == 1
    assert found.count(Outcome.COUNTED) == counted
    assert sum("first decision stands" in str(one) for one in found) == 7 - counted
    with transaction() as session:
        assert recommendations.get(session, row.id).state is State.APPROVED
        assert len(session.scalars(select(ExecutionRequest)).all()) == 1
        assert acts(session, row) == [Happened.APPROVED] * (1 + counted)


def test_one_person_pressing_twice_at_once_counts_once(ready: Callable[[str], Recommendation]) -> None:
    """A double click is no quorum."""
    row = ready("5000")

    def press(person: Person) -> object:
        with transaction() as session:
            return approve(session, row, person).outcome

    with at_once([ADA] * 4) as together:
        found = together(press)
    assert sorted(map(str, found)) == ["again", "again", "again", "counted"]


def test_approving_and_dismissing_at_once_is_one_decision(ready: Callable[[str], Recommendation]) -> None:
    """Whichever was first."""
    row = ready("120")

    def press(person: Person) -> object:
        with transaction() as session:
            if person == ADA:
                return approve(session, row, person).row.state
            return dispositions.dismiss(session, _offer(row), by=person, at=NOW, reason="needed").state

    with at_once([ADA, LENA]) as together:
        found = together(press)
    with transaction() as session:
        assert [one for one in found if isinstance(one, State)] == [recommendations.get(session, row.id).state]
        assert offers.find(session, _offer(row), workspace="T0").recommendation_id == row.id


def test_an_analysis_and_who_decides_on_many_end_both(ready: Callable[[str], Recommendation]) -> None:
    """Each takes them in the same order, whichever was found first; also what was not found any more."""
    one = ready("120")
    with transaction() as session:
        first, *_, last = sorted([one.id, *(ledgers.recommend(session, name=name) for name in ("i-2", "i-3"))])
        session.get_one(Recommendation, last).created_at = datetime(2026, 1, 1, tzinfo=UTC)
        found = [_finding(session.get_one(Recommendation, last))]

    def analyse() -> list[Recommendation]:
        with transaction() as session:
            return recommendations.record(session, found, run_id=None)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            transitions.locked(session, first)
            analysis = pool.submit(analyse)
            until_somebody_waits()
            assert transitions.locked(session, last).state is State.OPEN
        assert analysis.result(10) == []


def _finding(row: Recommendation) -> Finding:
    saving = Money(row.potential_savings, row.currency)
    return Finding(row.resource_id, "aws", RecommendationType.STOP_IDLE_MACHINE, row.title, row.reason, saving, 0.9, {})
