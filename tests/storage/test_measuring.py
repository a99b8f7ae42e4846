"""Carried-out savings: measured from the ledger when their days are settled, told once where the card is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from finops.periods import Period
from finops.recommendations import track
from finops.recommendations.lifecycle import Happened, State
from storage import measuring, posted
from storage.models import (
    CostRecord,
    Outbox,
    SavingsResult,
    Source,
)
from tests.bot import ledgers
from tests.deciding import acts
from tests.measured import carried_out, look, on


def results(session: Session) -> list[tuple[int, Decimal | None, str | None]]:
    """Return days, what was saved and why not."""
    found = session.scalars(select(SavingsResult).order_by(SavingsResult.days))
    return [(one.days, one.saved, one.why) for one in found]


def told(session: Session) -> list[str]:
    """Return what is on its way into threads, by kind of event."""
    waiting = session.scalars(select(Outbox).where(Outbox.state == "pending").order_by(Outbox.id))
    return [name for one in waiting for name in (posted.HAPPENED, posted.REDRAW) if name in one.payload]


def test_after_seven_days_it_is_measured_once_and_told_in_the_thread(session: Session) -> None:
    """And the card is drawn anew; a second look on the same day says nothing more."""
    row = carried_out(session)
    assert look(session, today=date(2026, 11, 15)) == 0
    assert look(session, today=date(2026, 11, 21)) == 1
    assert results(session) == [(7, Decimal(63), None)]
    assert acts(session, row)[-1] is Happened.MEASURED
    assert told(session) == [posted.HAPPENED, posted.REDRAW]
    assert (row.state, row.decided_by) == (State.APPLIED, "UADA")
    newest = measuring.newest(session, row)
    assert newest is not None
    assert newest.said.startswith("7 days on: $63.00 saved of $72.33 promised (87 %)")
    assert look(session, today=date(2026, 11, 21)) == 0
    (line,) = track.together(measuring.records(session, workspace="T0"))
    assert line.endswith("measured over 7 days: $63.00 saved of $72.33 promised (87 %)")


def test_what_is_not_settled_waits_on_the_card_alone_and_is_measured_when_it_settles(session: Session) -> None:
    """Nobody is told in the thread that there is nothing to tell."""
    row = carried_out(session)
    look(session, today=date(2026, 11, 21))
    session.execute(delete(Outbox).where(Outbox.state == "pending"))
    look(session, today=date(2026, 11, 23))
    assert results(session) == [(7, Decimal(63), None), (14, None, "not_settled")]
    assert told(session) == [posted.REDRAW]
    source = session.query(Source).one()
    source.settled_through = date(2026, 11, 22)
    session.flush()
    assert look(session, today=date(2026, 11, 24)) == 1
    assert results(session)[1] == (14, Decimal(128), None)  # the 21st and 22nd cost it nothing
    assert acts(session, row)[-2:] == [Happened.MEASURED, Happened.MEASURED]


def test_after_thirty_days_it_has_been_measured_and_who_carried_it_out_stays(session: Session) -> None:
    """The last window ends it."""
    row = carried_out(session)
    on(session, datetime(2026, 10, 18, tzinfo=UTC))
    session.execute(delete(CostRecord).where(CostRecord.resource_id.is_not(None)))
    session.query(Source).one().settled_through = date(2026, 11, 22)
    for day in Period(date(2026, 10, 1), date(2026, 10, 18)):
        ledgers.charge(session, "i-1", "10", day)
    session.flush()
    look(session, today=date(2026, 11, 23))
    assert [(days, why) for days, _, why in results(session)] == [(7, None), (14, None), (30, "not_collected")]
    assert (row.state, acts(session, row)[-1]) == (State.APPLIED, Happened.UNMEASURED)
    ledgers.partition(session, date(2026, 9, 1), session.query(Source).one().id)
    for day in Period(date(2026, 9, 1), date(2026, 10, 1)):  # last month's bill comes late
        ledgers.charge(session, "i-1", "10", day)
    assert look(session, today=date(2026, 11, 24)) == 1
    assert results(session)[-1] == (30, Decimal(300), None)
    assert (row.state, row.decided_by, acts(session, row)[-1]) == (State.MEASURED, "UADA", Happened.MEASURED)
    assert look(session, today=date(2026, 11, 25)) == 0


def test_a_resource_that_no_bill_names_is_said_so_once(session: Session) -> None:
    """However often it is looked for, and no longer than 60 days after its days."""
    row = carried_out(session)
    session.execute(delete(CostRecord).where(CostRecord.resource_id.is_not(None)))
    assert [look(session, today=date(2026, 11, 20) + timedelta(days=each)) for each in (1, 2)] == [1, 0]
    assert results(session)[0] == (7, None, "not_billed")
    assert acts(session, row)[-1] is Happened.UNMEASURED
    assert len(measuring.due(session, today=date(2027, 1, 15))) == 3
    assert len(measuring.due(session, today=date(2027, 2, 1))) == 1


def test_a_reservation_that_nothing_else_uses_is_no_saving(session: Session) -> None:
    """The ledger tells what of it was unused."""
    carried_out(session, after="0")
    mine = CostRecord.resource_id.is_not(None)
    for record in session.scalars(select(CostRecord).where(mine, CostRecord.effective_cost == 10)):
        record.commitment_discount_id, record.commitment_discount_status = "ri-1", "Used"
    for day in Period(date(2026, 11, 9), date(2026, 11, 16)):
        ledgers.charge(session, "i-1", "4", day)
    unused = session.scalars(select(CostRecord).where(CostRecord.effective_cost == 4, mine))
    for record in unused:
        record.resource_id, record.commitment_discount_id = None, "ri-1"
        record.commitment_discount_status = "Unused"
    session.flush()
    look(session, today=date(2026, 11, 21))
    assert results(session) == [(7, Decimal(42), None)]
