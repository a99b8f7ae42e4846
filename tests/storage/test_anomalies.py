"""One row an event, while it lasts and however bills are restated; and what people say of it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from finops.anomalies.detectors import Kind
from finops.anomalies.events import Event
from finops.anomalies.feedback import Verdict
from finops.anomalies.scopes import Of, Scope
from finops.errors import UnknownWordError
from finops.periods import Period
from storage import anomalies

START = date(2026, 9, 1)
EC2 = Scope(of=Of.SERVICE, provider="aws", sub_account_id="a", service_name="EC2")
WEB = Scope(of=Of.TEAM, team="web")


def _event(start: int = 0, length: int = 3, *, excess: str = "50", lasts: bool = False) -> Event:
    first = START + timedelta(days=start)
    return Event(
        name="",
        days=Period(first, first + timedelta(days=length)),
        kind=Kind.SPIKE,
        expected=Decimal(100),
        actual=Decimal(100) + Decimal(excess),
        excess=Decimal(excess),
        monthly=Decimal(1500),
        months=Decimal(40),
        lasts=lasts,
    )


def _record(
    session: Session, *found: tuple[Scope, Event], judged: tuple[Scope, ...] = (EC2, WEB)
) -> anomalies.Recorded:
    return anomalies.record(session, found, currency="USD", judged=judged)


def test_an_event_that_goes_on_is_renewed_and_not_written_down_again(session: Session) -> None:
    """The next day it is a day longer, and another kind."""
    first = _record(session, (EC2, _event(lasts=True)))
    again = _record(session, (EC2, _event(length=4, excess="60", lasts=True)))
    assert (len(first.new), len(again.new), len(again.going)) == (1, 0, 1)
    (row,) = again.going
    assert row is first.new[0]
    assert (row.end_day, row.excess, row.excess_so_far) == (START + timedelta(days=4), 60, 240)
    assert anomalies.listed(session) == [row]


def test_bills_that_are_restated_move_an_event_and_do_not_double_it(session: Session) -> None:
    """It began a day earlier or later than was known, or joins one that ended; a drop of the same days is another."""
    (row,) = _record(session, (EC2, _event(start=2))).new
    moved = _record(session, (EC2, _event(start=0)), (EC2, _event(start=1, excess="-50")))
    assert moved.going == [row]
    assert row.first_day == START
    assert [one.rising for one in moved.new] == [False]


def test_of_two_known_events_the_one_with_more_days_in_common_goes_on(session: Session) -> None:
    """The other one was an event of its own."""
    early, late = _record(session, (EC2, _event(0, 3)), (EC2, _event(6, 3))).new
    found = _record(session, (EC2, _event(2, 6)))
    assert (found.going, found.withdrawn) == ([late], [early])
    assert found.new == []


def test_an_event_that_restated_bills_make_vanish_is_withdrawn_and_kept(session: Session) -> None:
    """Found again on the same days it is a new one; events of scopes that were not judged stay as they are."""
    (row,) = _record(session, (EC2, _event())).new
    assert _record(session, judged=(WEB,)).withdrawn == []
    gone = _record(session)
    assert gone.withdrawn == [row]
    assert row.withdrawn_at is not None
    assert anomalies.listed(session) == []
    assert anomalies.get(session, row.id) is row
    (new,) = _record(session, (EC2, _event())).new
    assert new.id != row.id


def test_a_teams_side_of_a_services_event_is_listed_with_it_and_stands_alone_once_that_is_withdrawn(
    session: Session,
) -> None:
    """One event, told once."""
    found = _record(session, (WEB, _event()), (EC2, _event()))
    service = next(row for row in found.new if row.scope == EC2.written())
    team = next(row for row in found.new if row.scope == WEB.written())
    assert anomalies.listed(session) == [service]
    assert anomalies.sides(session, service) == [team]
    _record(session, (WEB, _event()))
    assert anomalies.listed(session) == [team]


def test_only_what_lasts_or_ended_of_late_is_listed_since_a_day(session: Session) -> None:
    """The newest first."""
    _record(session, (EC2, _event(0, 3)), (EC2, _event(20, 3)), (WEB, _event(1, 40, lasts=True)))
    rows = anomalies.listed(session, since=START + timedelta(days=10))
    assert [row.first_day for row in rows] == [START + timedelta(days=20), START + timedelta(days=1)]
    assert len(anomalies.listed(session)) == 3


def test_what_was_said_last_of_an_event_counts_and_nothing_is_forgotten(session: Session) -> None:
    """First expected, then real."""
    (row,) = _record(session, (EC2, _event())).new
    anomalies.say(session, row, Verdict.EXPECTED, who="U1")
    anomalies.say(session, row, Verdict.REAL, who="U2", note="a loop")
    last = anomalies.said(session, [row])[row.id]
    assert (last.verdict, last.who, last.note) == (Verdict.REAL, "U2", "a loop")


def test_an_event_that_nobody_knows_is_told(session: Session) -> None:
    """With where to look."""
    with pytest.raises(UnknownWordError, match="costs anomalies --all"):
        anomalies.get(session, uuid.uuid4())
