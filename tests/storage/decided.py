"""Three recommendations on which people decide, and the test's own count of what may become of them."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.errors import CostsError
from finops.money import Money
from finops.people import Person
from finops.recommendations.lifecycle import TRANSITIONS, State
from finops.recommendations.offers import Offer
from finops.recommendations.owning import Says
from finops.recommendations.quorum import read
from storage import offers, rechecking
from storage.database import engine
from storage.decisions import Outcome, Result
from storage.models import (
    CloudResource,
    ExecutionRequest,
    Recommendation,
    RecommendationEvent,
    SavingsMeasurement,
)

POLICY = read("1000 USD")
PEOPLE = tuple(Person(workspace, user, enterprise) for workspace, user, enterprise in (
    ("T0", "UADA", ""), ("T0", "ULENA", ""), ("T0", "UVIC", ""), ("T1", "WBOB", "E1"), ("T2", "WBOB", "E1"),
))  # fmt: skip
"""Five accounts of four people: one works in two workspaces of an organization."""
KINDS = ("stop_idle_machine", "release_idle_address")
seen: Counter[str] = Counter()


@dataclass
class Shown:
    """What the test itself knows of an approval: who saw which saving of which size."""

    who: tuple[str, str]
    saving: Decimal
    size: str
    quorum: int


class Decided(RuleBasedStateMachine):
    """Three recommendations, what was shown of them, and what each press may do."""

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
        self.says: list[dict[str, Says]] = [{}, {}, {}]
        """What each owner said last."""
        self.asked: list[Person | None] = [None, None, None]
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

    def _own(self, which: int) -> int:
        """Return the quorum of one by itself, as README says it."""
        now = self.world[self.rows[which].id]
        return 1 if now and now[0] < 1000 and self.rows[which].recommendation_type == KINDS[0] else 2

    def _heeds_owner(self, which: int, found: Result, *, despite: bool) -> None:
        """What its owner needs is approved by who was asked about that, and by nobody else."""
        if found.outcome is Outcome.NEEDED:
            assert Says.KEEPS in self.says[which].values()
            assert not despite
            assert self.rows[which].state is State.OPEN
            seen["needed"] += 1
        elif found.outcome not in (Outcome.STALE, Outcome.EXPIRED):
            assert despite or Says.KEEPS not in self.says[which].values(), "its owner was passed over"

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
