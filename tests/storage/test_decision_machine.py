"""Whatever people press in whatever order: one decision each, no forbidden path, no quorum bypassed.

A few runs here; `make soak` does 10,000 of 50 steps and prints what it saw. The database is real, and rolled back after
each run; the clouds and the ledger are a small fake that says what a resource saves now.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.errors import CostsError, NotAllowedError, NotOpenError
from finops.money import Money
from finops.people import Person
from finops.recommendations.lifecycle import TRANSITIONS, Happened, State
from finops.recommendations.offers import Offer
from finops.recommendations.quorum import read
from storage import decisions, dispositions, offers, rechecking
from storage.database import engine
from storage.decisions import Outcome, Result
from storage.models import (
    CloudResource,
    ExecutionRequest,
    Recommendation,
    RecommendationEvent,
    SavingsMeasurement,
)

RUNS, STEPS = int(os.environ.get("COSTS_SOAK_RUNS", "15")), int(os.environ.get("COSTS_SOAK_STEPS", "20"))
POLICY = read("1000 USD")
PEOPLE = tuple(Person(workspace, user, enterprise) for workspace, user, enterprise in (
    ("T0", "UADA", ""), ("T0", "ULENA", ""), ("T0", "UVIC", ""), ("T1", "WBOB", "E1"), ("T2", "WBOB", "E1"),
))  # fmt: skip
"""Five accounts of four people: one works in two workspaces of an organization."""
KINDS = ("stop_idle_machine", "release_idle_address")
WHO, WHICH = st.sampled_from(PEOPLE), st.integers(0, 2)
BY_HAND = (Happened.APPROVED, Happened.DISMISSED, Happened.SNOOZED, Happened.DONE)
seen: Counter[str] = Counter()


@dataclass
class Shown:
    """What the test itself knows of an approval: who saw which saving of which size."""

    who: tuple[str, str]
    saving: Decimal
    size: str
    quorum: int


class Deciding(RuleBasedStateMachine):
    """Three recommendations, and people who press what is on old and new cards alike."""

    def __init__(self) -> None:
        """Open three, on a connection whose work is rolled back."""
        super().__init__()
        self.connection = engine().connect()
        self.outer = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.world: dict[uuid.UUID, tuple[Decimal, str] | None] = {}
        self.cards: list[list[uuid.UUID]] = []
        self.given: list[list[Shown]] = [[], [], []]
        self.rows = [self._open(number) for number in range(3)]

    def _open(self, number: int) -> Recommendation:
        resource = CloudResource(
            id=uuid.uuid4(), provider="aws", resource_id=f"r-{number}", resource_type="machine", region="x", size="m5",
        )  # fmt: skip
        self.session.add(resource)
        self.session.flush()
        saving = Decimal((100, 900, 1500)[number])
        row = Recommendation(
            resource_id=resource.id, recommendation_type=KINDS[number == 1], potential_savings=saving, currency="USD",
            confidence_score=0.9, title=f"r-{number}", reason="idle", state=State.OPEN, details={},
            requested_by="UVIC" if number == 0 else None,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        self.world[row.id] = (saving, "m5")
        offers.renew(self.session, row, {"size": "m5"})
        assert row.offer_id
        self.cards.append([row.offer_id])
        return row

    def _recheck(self, session: Session, row: Recommendation) -> Offer | str:
        del session
        now = self.world[row.id]
        return rechecking.GONE if now is None else Offer(Money(now[0], "USD"), {"size": now[1]})

    def _press(self, which: int, what: str, work: Any) -> Any:  # noqa: ANN401  whatever it returns
        """Do something; the state may only go where the rules let it, and a refusal changes nothing."""
        row = self.rows[which]
        before, events = row.state, self._events(row)
        try:
            found = work()
        except CostsError as error:
            self.session.expire_all()
            assert (row.state, self._events(row)) == (before, events), "a refusal changed something"
            seen[f"{what}: {type(error).__name__}"] += 1
            return None
        self.session.refresh(row)
        assert row.state is before or row.state in TRANSITIONS[before], f"{before} to {row.state} by {what}"
        if row.offer_id and row.offer_id not in self.cards[which]:
            self.cards[which].append(row.offer_id)
        if before is not State.OPEN and row.state is State.OPEN:
            self.given[which] = []
        seen[f"{what}: {row.state.value}"] += 1
        return found

    def _events(self, row: Recommendation) -> int:
        mine = RecommendationEvent.recommendation_id == row.id
        return len(self.session.scalars(select(RecommendationEvent.id).where(mine)).all())

    @rule(which=WHICH, who=WHO, card=st.integers(0, 3))
    def approve(self, which: int, who: Person, card: int) -> None:
        """Press Approve on one of the cards that were ever shown."""
        cards = self.cards[which]
        offer = cards[-1 - card % len(cards)]
        row, before = self.rows[which], self.rows[which].state
        found = self._press(
            which, "approve",
            lambda: decisions.approve(
                self.session, offer, by=who, at=self.now, policy=POLICY, recheck=self._recheck
            ),
        )  # fmt: skip
        if found is not None:
            assert before is State.OPEN
            assert row.requested_by != who.user
            self._judge(which, who, found, self._own(which))

    def _own(self, which: int) -> int:
        """Return the quorum of one by itself, as README says it."""
        now = self.world[self.rows[which].id]
        return 1 if now and now[0] < 1000 and self.rows[which].recommendation_type == KINDS[0] else 2

    def _judge(self, which: int, who: Person, found: Result, quorum: int) -> None:
        """Hold what became of it against the test's own count."""
        now, given = self.world[self.rows[which].id], self.given[which]
        if found.outcome in (Outcome.STALE, Outcome.EXPIRED):
            assert self.rows[which].state in (State.OPEN, State.EXPIRED)
            return
        assert now is not None
        key = (who.enterprise or who.workspace, who.user)
        once = [one for one in given if one.who != key]
        most = max([quorum, *(one.quorum for one in given if one.who == key)])
        self.given[which] = [*once, Shown(key, now[0], now[1], most)]
        holds = [one for one in self.given[which] if one.size == now[1] and one.saving * Decimal("0.8") <= now[0]]
        people = max([quorum, *(one.quorum for one in holds)])
        enough = len({one.who for one in holds}) >= people
        assert (found.outcome is Outcome.APPROVED) is enough, "the quorum was missed, or bypassed"
        assert (self.rows[which].state is State.APPROVED) is enough

    @rule(who=WHO)
    def approve_all(self, who: Person) -> None:
        """Approve the first and the third, of one kind, at once."""
        chosen = [self.cards[which][-1] for which in (0, 2)]
        before = [self.rows[which].state for which in (0, 2)]
        try:
            found = decisions.approve_all(
                self.session, chosen, by=who, at=self.now, policy=POLICY, recheck=self._recheck
            )
        except (NotOpenError, NotAllowedError) as error:
            self.session.expire_all()
            assert [self.rows[which].state for which in (0, 2)] == before
            seen[f"all: {type(error).__name__}"] += 1
            return
        self.session.expire_all()
        for which in (0, 2):
            offer = self.rows[which].offer_id
            if offer and offer not in self.cards[which]:
                self.cards[which].append(offer)
        if any(one.outcome in (Outcome.STALE, Outcome.EXPIRED) for one in found):
            assert State.APPROVED not in [self.rows[which].state for which in (0, 2)], "a portion was approved"
            seen["all: stale"] += 1
            return
        amounts = [now[0] for which in (0, 2) if (now := self.world[self.rows[which].id])]
        for which, one in zip((0, 2), sorted(found, key=lambda one: one.row.title), strict=True):
            self._judge(which, who, one, 1 if sum(amounts) < 1000 else 2)
            seen[f"all: {one.outcome}"] += 1

    @rule(which=WHICH, who=WHO, days=st.sampled_from([None, 3]))
    def dismiss(self, which: int, who: Person, days: int | None) -> None:
        """Dismiss one."""
        until = self.now + timedelta(days=days) if days else None
        self._press(which, "dismiss", lambda: dispositions.dismiss(
            self.session, self.cards[which][0], by=who, at=self.now, reason="needed", until=until
        ))  # fmt: skip

    @rule(which=WHICH, who=WHO)
    def snooze(self, which: int, who: Person) -> None:
        """Put one off for two days."""
        until = self.now + timedelta(days=2)
        self._press(which, "snooze", lambda: dispositions.snooze(
            self.session, self.cards[which][-1], by=who, at=self.now, until=until
        ))  # fmt: skip

    @rule(which=WHICH, who=WHO)
    def reopen(self, which: int, who: Person) -> None:
        """Open one that was put off."""
        before = self.rows[which].state
        if self._press(which, "reopen", lambda: dispositions.reopen(
            self.session, self.cards[which][-1], by=who, at=self.now
        )):  # fmt: skip
            assert before is State.SNOOZED

    @rule(which=WHICH, who=WHO)
    def done(self, which: int, who: Person) -> None:
        """Report one as carried out."""
        before = self.rows[which].state
        if self._press(which, "done", lambda: dispositions.done(
            self.session, self.cards[which][-1], by=who, at=self.now
        )):  # fmt: skip
            assert before is State.APPROVED

    @rule(which=WHICH, who=WHO)
    def assign(self, which: int, who: Person) -> None:
        """Hand one over."""
        self._press(which, "assign", lambda: dispositions.assign(
            self.session, self.cards[which][-1], by=who, at=self.now, to="UVIC"
        ))  # fmt: skip

    @rule(which=WHICH, percent=st.sampled_from([50, 79, 80, 95, 100, 130, 400]))
    def bill(self, which: int, percent: int) -> None:
        """Let a saving become another one."""
        now = self.world[self.rows[which].id]
        if now is not None:
            self.world[self.rows[which].id] = (now[0] * percent / 100, now[1])

    @rule(which=WHICH, size=st.sampled_from(["m5", "m6"]))
    def resize(self, which: int, size: str) -> None:
        """Let somebody change a resource."""
        now = self.world[self.rows[which].id]
        if now is not None:
            self.world[self.rows[which].id] = (now[0], size)

    @rule(which=WHICH, sure=st.integers(0, 9))
    def delete(self, which: int, sure: int) -> None:
        """Let somebody delete a resource, seldom."""
        if sure == 0:
            self.world[self.rows[which].id] = None

    @rule(days=st.integers(1, 3))
    def wait(self, days: int) -> None:
        """Let days go by, and the analysis open what was put off."""
        self.now += timedelta(days=days)
        for row in dispositions.wake(self.session, at=self.now):
            which = self.rows.index(row)
            assert row.state is State.OPEN
            self.given[which] = []

    def _decided_once(self) -> None:
        """Each round has one decision at most, one request for the executor, and a state that its events explain."""
        for row in self.rows:
            mine = RecommendationEvent.recommendation_id == row.id
            events = self.session.scalars(
                select(RecommendationEvent).where(mine).order_by(RecommendationEvent.id)
            ).all()
            at = State.OPEN
            for event in events:
                assert event.before is at, "an event does not follow the one before"
                assert event.after is at or event.after in TRANSITIONS[at]
                at = event.after
            assert at is row.state
            ended = [one for one in events if one.before is State.OPEN and one.after is not State.OPEN]
            opened = [one for one in events if one.before is not State.OPEN and one.after is State.OPEN]
            assert len(ended) - len(opened) == (row.state is not State.OPEN)
            assert row.round == 1 + len(opened)

    def teardown(self) -> None:
        """Look at what follows from approvals, and undo everything."""
        asked = Counter(self.session.scalars(select(ExecutionRequest.recommendation_id)))
        started = Counter(self.session.scalars(select(SavingsMeasurement.recommendation_id)))
        self._decided_once()
        for row in self.rows:
            self.session.refresh(row)
            assert asked[row.id] == (row.state in (State.APPROVED, State.APPLIED))
            assert started[row.id] == (row.state is State.APPLIED)
        self.session.close()
        self.outer.rollback()
        self.connection.close()


@pytest.mark.timeout(0 if RUNS > 100 else 300)
def test_nothing_that_people_press_decides_twice_or_bypasses_a_quorum(database: Path) -> None:
    """By a machine that tries what nobody thought of; what it saw is printed by `make soak`."""
    del database
    seen.clear()
    thorough = settings(
        max_examples=RUNS, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(Deciding, settings=thorough)
    assert seen["approve: approved"], "the machine never got as far as an approval"
    print(f"\n{RUNS:,} runs of up to {STEPS} steps: one decision each, no forbidden path, no quorum bypassed.")  # noqa: T201
    for what, times in sorted(seen.items()):
        print(f"  {what:<32}{times:>10,}")  # noqa: T201
