"""What an alert goes through, and what may follow what."""

from __future__ import annotations

from enum import StrEnum

from finops.errors import NotOpenError


class AlertState(StrEnum):
    """Where an alert stands. All but `over` are open."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    OVER = "over"


class AlertAct(StrEnum):
    """What happened to it."""

    FIRED = "fired"
    WORSE = "worse"
    BETTER = "better"
    OVER = "over"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    ASSIGNED = "assigned"
    EXPECTED = "expected"
    REAL = "real"
    ESCALATED = "escalated"


class AlertVerdict(StrEnum):
    """What people say of it."""

    EXPECTED = "expected"
    REAL = "real"


OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED, AlertState.SNOOZED)
AFTER: dict[AlertState, frozenset[AlertState]] = {
    AlertState.FIRING: frozenset({AlertState.ACKNOWLEDGED, AlertState.SNOOZED, AlertState.OVER}),
    AlertState.ACKNOWLEDGED: frozenset({AlertState.SNOOZED, AlertState.OVER}),
    AlertState.SNOOZED: frozenset({AlertState.FIRING, AlertState.ACKNOWLEDGED, AlertState.OVER}),
    AlertState.OVER: frozenset(),
}


def check(before: AlertState, after: AlertState, *, title: str) -> None:
    """Raise NotOpenError unless `after` may follow; the same state again is no change, and may not."""
    if after not in AFTER[before]:
        message = f"“{title}” is {before} already, so it cannot become {after}."
        raise NotOpenError(message)
