"""Whatever people press in whatever order: one decision each, no forbidden path, no quorum bypassed.

A few runs here; `make soak` does 10,000 of 50 steps and prints what it saw. The database is real, and rolled back after
each run; the clouds and the ledger are a small fake that says what a resource saves now.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from finops.errors import NotAllowedError, NotOpenError
from finops.people import Person
from finops.recommendations.lifecycle import State
from finops.recommendations.owning import Says
from storage import decisions, dispositions, owner_says
from storage.decisions import Outcome
from tests.storage.decided import PEOPLE, POLICY, Decided, seen

RUNS, STEPS = int(os.environ.get("COSTS_SOAK_RUNS", "15")), int(os.environ.get("COSTS_SOAK_STEPS", "20"))
WHO, WHICH = st.sampled_from(PEOPLE), st.integers(0, 2)


class Deciding(Decided):
    """People who press what is on old and new cards alike, while the world changes."""

    @rule(which=WHICH, who=WHO, card=st.integers(0, 3), despite=st.booleans())
    def approve(self, which: int, who: Person, card: int, *, despite: bool) -> None:
        """Press Approve on one of the cards that were ever shown, or once more where its owner needs it."""
        cards = self.cards[which]
        offer = cards[-1 - card % len(cards)]
        row, before = self.rows[which], self.rows[which].state
        found = self._press(
            which, "approve",
            lambda: decisions.approve(
                self.session, offer, by=who, at=self.now, policy=POLICY, recheck=self._recheck, despite_owner=despite
            ),
        )  # fmt: skip
        if found is not None:
            self._heeds_owner(which, found, despite=despite)
        if found is not None and found.outcome is not Outcome.NEEDED:
            assert before is State.OPEN
            assert row.requested_by != who.user
            self._judge(which, who, found, self._own(which))

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
        if any(one.outcome in (Outcome.STALE, Outcome.EXPIRED, Outcome.NEEDED) for one in found):
            assert State.APPROVED not in [self.rows[which].state for which in (0, 2)], "a portion was approved"
            seen["all: stale or needed"] += 1
            return
        said = {*self.says[0].values(), *self.says[2].values()}
        assert Says.KEEPS not in said, "one that its owner needs was approved among many"
        amounts = [now[0] for which in (0, 2) if (now := self.world[self.rows[which].id])]
        for which, one in zip((0, 2), sorted(found, key=lambda one: one.row.title), strict=True):
            self._judge(which, who, one, 1 if sum(amounts) < 1000 else 2)
            seen[f"all: {one.outcome}"] += 1

    @rule(which=WHICH, who=WHO, owner=WHO)
    def ask_owner(self, which: int, who: Person, owner: Person) -> None:
        """Ask somebody about one."""
        if self._press(which, "ask owner", lambda: owner_says.asked(
            self.session, self.cards[which][-1], by=who, at=self.now, whom=owner.user
        )):  # fmt: skip
            self.asked[which] = Person(who.workspace, owner.user, who.enterprise)

    @rule(which=WHICH, other=WHO, says=st.sampled_from(Says), forward=st.booleans())
    def answer(self, which: int, other: Person, says: Says, *, forward: bool) -> None:
        """Say whether it is needed: who was asked last, or anybody."""
        who = other if forward else self.asked[which] or other
        if self._press(which, "answer", lambda: owner_says.answered(
            self.session, self.cards[which][0], by=who, at=self.now, says=says
        )):  # fmt: skip
            self.says[which][who.user] = says

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
        """Open one that was put off, or dismissed: each by its own button."""
        before = self.rows[which].state
        for opened, way in ((State.SNOOZED, dispositions.reopen), (State.DISMISSED, dispositions.reconsider)):
            if self._press(which, way.__name__, partial(
                way, self.session, self.cards[which][-1], by=who, at=self.now
            )):  # fmt: skip
                assert before is opened

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
    assert seen["needed"] or RUNS <= 100, "the machine never met an owner's no"
    assert seen["approve: approved"], "the machine never got as far as an approval"
    print(f"\n{RUNS:,} runs of up to {STEPS} steps: one decision each, no forbidden path, no quorum bypassed.")  # noqa: T201
    for what, times in sorted(seen.items()):
        print(f"  {what:<32}{times:>10,}")  # noqa: T201
