"""The states of a recommendation and which may follow which: the one place that says so."""

from __future__ import annotations

from enum import StrEnum

from finops.errors import NotOpenError


class State(StrEnum):
    """Where a recommendation stands."""

    OPEN = "open"
    APPROVED = "approved"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    APPLYING = "applying"
    APPLIED = "applied"
    MEASURED = "measured"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def told(self) -> str:
        """What people read of it: who carried something out has not applied or measured anything."""
        return "carried out" if self in (State.APPLIED, State.MEASURED) else self.value


class Stage(StrEnum):
    """What was decided and can be listed, in the words that ask for it."""

    APPROVED = "approved"
    CARRIED_OUT = "carried out"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"

    @property
    def states(self) -> frozenset[State]:
        """In which states that is."""
        if self is Stage.CARRIED_OUT:
            return frozenset({State.APPLIED, State.MEASURED})
        return frozenset({State(self.value)})


class Happened(StrEnum):
    """What somebody did to it, or what the analysis saw."""

    FOUND = "found"
    RENEWED = "renewed"
    """What a person saw no longer held, so that it has to be looked at anew."""
    EXPIRED = "expired"
    OPENED = "opened"
    APPROVED = "approved"
    """One approval; the state tells whether it was enough."""
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    ASSIGNED = "assigned"
    ASKED = "asked"
    ANSWERED = "answered"
    DONE = "done"
    MEASURED = "measured"
    UNMEASURED = "unmeasured"
    """Its bills are there, and say nothing about what it saved."""


TRANSITIONS: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.APPROVED, State.DISMISSED, State.SNOOZED, State.EXPIRED}),
    State.SNOOZED: frozenset({State.OPEN, State.DISMISSED, State.EXPIRED}),
    State.APPROVED: frozenset({State.APPLYING, State.APPLIED, State.EXPIRED}),  # applied at once: by a person's hand
    State.APPLYING: frozenset({State.APPLIED, State.FAILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.APPLIED, State.FAILED}),
    State.APPLIED: frozenset({State.MEASURED}),
    State.DISMISSED: frozenset({State.OPEN}),  # once its day is there, or by who may decide
    State.EXPIRED: frozenset({State.OPEN}),
    State.FAILED: frozenset({State.OPEN}),
    State.MEASURED: frozenset(),
}


def check(before: State, after: State, *, title: str) -> None:
    """Raise NotOpenError unless `after` may follow `before`."""
    if after not in TRANSITIONS[before]:
        message = f"“{title}” is already {before.told}, so it cannot become {after.told}; the first decision stands."
        raise NotOpenError(message)
