"""Of what is found that is posted which is new, large and no drop: once each, and not too many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.anomalies.detectors import Kind
from finops.anomalies.estate import Floors
from finops.anomalies.events import Event
from finops.anomalies.scopes import Of, Scope
from finops.periods import Period
from jobs.anomalies import find
from storage import anomalies
from storage.models import Outbox
from tests.jobs.anomalies.billed import LAST

EVENT = Event(
    name="",
    days=Period(LAST - timedelta(days=1), LAST + timedelta(days=1)),
    kind=Kind.SHIFT,
    expected=Decimal(1000),
    actual=Decimal(1300),
    excess=Decimal(300),
    monthly=Decimal("9131.25"),
    months=Decimal(100),
    lasts=True,
)
LEAST = Floors(told=Decimal(100), found=Decimal(25))


def _scope(name: str) -> Scope:
    return Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name=name)


def _announced(session: Session, events: Mapping[str, Event]) -> int:
    found = [(_scope(name), event) for name, event in events.items()]
    recorded = anomalies.record(session, found, currency="USD", judged=[scope for scope, _ in found])
    return find.announce(session, recorded, LEAST, {scope.written(): LAST for scope, _ in found})


def _since(days: int, **changes: object) -> Event:
    first = LAST - timedelta(days=days)
    return replace(EVENT, days=Period(first, EVENT.days.end), **changes)  # type: ignore[arg-type]


def test_drops_and_small_things_are_listed_and_not_posted(session: Session) -> None:
    """A drop's place is the digest; what costs less a day than the floor is no message's worth."""
    drop = replace(EVENT, kind=Kind.DROP, excess=-EVENT.excess, monthly=-EVENT.monthly)
    small = replace(EVENT, excess=Decimal(99), monthly=Decimal(3013))
    assert _announced(session, {"drop": drop, "small": small}) == 0
    assert len(anomalies.listed(session)) == 2


def test_a_commitment_that_ended_is_posted_by_what_a_month_costs_and_one_that_began_is_not(session: Session) -> None:
    """It is no chance, and it stays until somebody acts; what saves money is no alarm."""
    scope = Scope(of=Of.COMMITMENT, provider="aws", commitment_id="r-1")
    begun = replace(EVENT, kind=Kind.BEGUN, excess=Decimal(-20), monthly=Decimal(-608))
    for event, posted in ((begun, 0), (replace(EVENT, kind=Kind.ENDED, excess=Decimal(20), monthly=Decimal(608)), 1)):
        recorded = anomalies.record(session, [(scope, event)], currency="USD", judged=[scope])
        assert find.announce(session, recorded, LEAST, {scope.written(): LAST}) == posted


def test_what_grows_large_is_told_when_it_has(session: Session) -> None:
    """However long ago it began, as it was too little to speak of then."""
    small = replace(EVENT, excess=Decimal(60), monthly=Decimal(1800))
    assert _announced(session, {"ramp": small}) == 0
    assert _announced(session, {"ramp": _since(1, kind=Kind.RAMP)}) == 1
    assert _announced(session, {"ramp": _since(1, kind=Kind.RAMP)}) == 0


@pytest.mark.parametrize(("days", "key"), [(6, "anomaly"), (7, "anomalies")])
def test_a_week_old_is_no_news(session: Session, days: int, key: str) -> None:
    """Days before the last settled one."""
    assert _announced(session, {"shift": _since(days)}) == 1
    assert _announced(session, {"shift": _since(days)}) == 0
    [message] = session.scalars(select(Outbox))
    assert key in message.payload


def test_what_a_run_found_that_died_before_it_told_anybody_is_told_together(session: Session) -> None:
    """It was old when it was found, however it goes on."""
    old = {f"s{number}": _since(30) for number in range(3)}
    found = [(_scope(name), event) for name, event in old.items()]
    anomalies.record(session, found, currency="USD", judged=[scope for scope, _ in found])
    assert _announced(session, old) == 1
    [message] = session.scalars(select(Outbox))
    assert len(message.payload["anomalies"]) == 3


def test_many_at_once_are_five_messages_and_one_for_the_rest(session: Session) -> None:
    """The largest each their own; none twice."""
    events = {f"s{number}": replace(EVENT, monthly=Decimal(9000 + number)) for number in range(8)}
    first = {name: replace(one, days=Period(LAST - timedelta(days=2), EVENT.days.end)) for name, one in events.items()}
    assert _announced(session, first) == find.MOST + 1
    assert _announced(session, first) == 0
    together = [one.payload["anomalies"] for one in session.scalars(select(Outbox)) if "anomalies" in one.payload]
    assert [len(one) for one in together] == [3]


def test_the_other_side_of_an_event_is_not_told_by_itself(session: Session) -> None:
    """A team's, which its service's explains."""
    team = Scope(of=Of.TEAM, team="web")
    recorded = anomalies.record(
        session, [(_scope("EC2"), EVENT), (team, EVENT)], currency="USD", judged=[_scope("EC2"), team]
    )
    assert find.announce(session, recorded, LEAST, {_scope("EC2").written(): LAST, team.written(): LAST}) == 1
