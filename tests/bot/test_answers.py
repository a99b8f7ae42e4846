"""Answers are exact, compare equals, and say how settled they are."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from bot.answers import answer
from bot.questions import parse
from bot.wording import freshness_line, headline, movers_line
from finops.errors import UnknownWordError
from finops.trend import NoChargesError
from storage import accounts
from storage.database import engine
from storage.models import CostRecord, Delivery, Source
from tests.bot import ledgers

TODAY = date(2026, 11, 23)


@pytest.fixture
def ledger(session: Session) -> Session:
    """The small ledger."""
    ledgers.fill(session)
    return session


def test_the_month_to_date_stops_at_the_last_complete_day(ledger: Session) -> None:
    """And is held against the same days of the month before."""
    found = answer(ledger, parse("", today=TODAY))
    assert (found.start, found.end) == (date(2026, 11, 1), date(2026, 11, 21))
    assert (found.before_start, found.before_end) == (date(2026, 10, 1), date(2026, 10, 21))
    assert (found.total, found.previous) == (Decimal(250), Decimal(220))
    assert not found.provisional
    assert "$250.00" in headline(found)
    assert "+$30.00 (+13.6 %)" in headline(found)
    assert found.landing == Decimal(360)  # ten more days of 11
    assert "EC2 +$30.00" in movers_line(found)
    assert "AWS 20 Nov 2026" in freshness_line(found)


def test_a_cloud_is_called_what_people_call_it(ledger: Session) -> None:
    """In tables as in sentences; programs read the ledger's word."""
    [row] = answer(ledger, parse("by provider", today=TODAY)).rows
    assert (row.label, row.key) == ("AWS", {"provider": "aws"})


def test_what_was_asked_before_is_remembered_until_a_delivery_changes_the_ledger(ledger: Session) -> None:
    """Then it is summed anew, and what is remembered of other questions stays what it is."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    def asked(text: str) -> tuple[Decimal, int]:
        seen.clear()
        found = answer(ledger, parse(text, today=TODAY))
        return found.total, sum("sum(cost_r" in one for one in seen)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        first = asked("last month by team")
        assert first[1] > 0
        assert asked("last month by team") == (first[0], 0)
        assert asked("last month by service") == (first[0], 1)
        ledger.execute(update(CostRecord).values(effective_cost=CostRecord.effective_cost * 2))
        assert asked("last month by team") == (first[0], 0)  # nothing but a delivery changes a ledger
        ledger.execute(update(Delivery).values(fingerprint="another"))
        doubled, many = asked("last month by team")
        assert (doubled, many > 0) == (first[0] * 2, True)
    finally:
        event.remove(engine(), "before_cursor_execute", note)


def test_rows_add_up_to_the_total(ledger: Session) -> None:
    """Untagged charges are a row of their own, not lost."""
    found = answer(ledger, parse("by team last month", today=TODAY))
    assert [(row.label, row.cost) for row in found.rows] == [("web", Decimal(310)), ("no team tag", Decimal(31))]
    assert sum(row.cost for row in found.rows) == found.total == 341


def test_filters_and_top_narrow_the_table(ledger: Session) -> None:
    """What is left out is counted."""
    found = answer(ledger, parse("by day where service=S3 2026-10 top 3", today=TODAY))
    assert found.total == 31
    assert [row.label for row in found.rows] == ["31 Oct 2026", "30 Oct 2026", "29 Oct 2026"]
    assert found.others == 28


def test_days_that_may_still_grow_are_called_provisional(ledger: Session) -> None:
    """Yesterday is not complete."""
    found = answer(ledger, parse("yesterday", today=TODAY))
    assert found.provisional
    assert "provisional" in freshness_line(found)


def test_the_last_days_are_complete_ones(ledger: Session) -> None:
    """Held against as many before them: a day that is still coming in would look like a saving."""
    found = answer(ledger, parse("last 7 days", today=TODAY))
    assert (found.start, found.end) == (date(2026, 11, 14), date(2026, 11, 21))
    assert (found.before_start, found.before_end) == (date(2026, 11, 7), date(2026, 11, 14))
    assert (found.total, found.previous, found.landing) == (Decimal(107), Decimal(77), None)
    assert not found.provisional


def test_a_filter_is_taken_as_the_ledger_spells_it(ledger: Session) -> None:
    """AWS is aws; what is not there is answered with the nearest that is, in words that work."""
    assert answer(ledger, parse("where provider=AWS and service=ec2", today=TODAY)).total == 230
    for word in ('"No team tag"', "untagged", "none", "(none)", '""'):
        assert answer(ledger, parse(f"where team={word}", today=TODAY)).total == 20
    with pytest.raises(UnknownWordError) as error:
        answer(ledger, parse("where service=EC3", today=TODAY))
    assert error.value.closest == "EC2"
    assert answer(ledger, parse(error.value.example, today=TODAY)).total == 230


def test_before_the_ledger_begins_there_is_nothing_to_compare(ledger: Session) -> None:
    """A first month is no increase."""
    found = answer(ledger, parse("last month", today=TODAY))
    assert "against" not in headline(found)
    assert "do not reach back far enough" in movers_line(found)


def test_days_without_charges_say_so(ledger: Session) -> None:
    """Instead of a spend of nothing."""
    found = answer(ledger, parse("2026-12", today=TODAY))
    assert headline(found).startswith("No charges from 1 Dec to 31 Dec 2026")
    assert found.rows == ()


def test_json_has_the_promised_shape_and_no_floats(ledger: Session) -> None:
    """Amounts are plain text."""
    values = answer(ledger, parse("by service", today=TODAY)).json_values()
    assert list(values) == [
        "question", "period", "currency", "total", "previous", "rows", "settled_through", "evidence"
    ]  # fmt: skip
    assert values["period"] == {"start": "2026-11-01", "end": "2026-11-21"}
    assert Decimal(values["rows"][0]["cost"]) == 230
    assert isinstance(values["total"], str)


def test_an_empty_ledger_says_what_to_do(session: Session) -> None:
    """A sentence with a way out."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        answer(session, parse("", today=TODAY))


def test_a_fee_that_is_not_due_yet_is_no_saving_of_its_service(ledger: Session) -> None:
    """What does not follow a trend moves as one part; the table and the total have it where it belongs."""
    source = ledger.scalars(select(Source)).one()
    fee = dict.fromkeys(("effective_cost", "billed_cost", "list_cost", "contracted_cost"), Decimal(500))
    ledger.add(
        CostRecord(
            id=uuid.uuid4(), billing_period=date(2026, 10, 1), source_id=source.id, date=date(2026, 10, 2),
            provider="aws", service_name="EC2", charge_category="Purchase", billing_currency="USD", charges=1, **fee,
        )
    )  # fmt: skip
    ledger.flush()
    found = answer(ledger, parse("", today=TODAY))
    assert found.movers == (("fees, taxes and one-off charges", Decimal(-500)), ("EC2", Decimal(30)))
    found = answer(ledger, parse("by service last month", today=TODAY))
    assert [(row.label, row.cost) for row in found.rows] == [("EC2", Decimal(810)), ("S3", Decimal(31))]
    found = answer(ledger, parse("by category last month", today=TODAY))
    assert sum(row.cost for row in found.rows) == found.total == Decimal(841)


@pytest.fixture
def accounted(ledger: Session) -> Session:
    """Each service in an account of its own, of which one has a name."""
    for service, account in (("EC2", "0001"), ("S3", "0002")):
        ledger.execute(update(CostRecord).where(CostRecord.service_name == service).values(sub_account_id=account))
    accounts.note(ledger, "test", {"0001": "payments-prod", "0003": "payments-prod"})
    return ledger


def test_accounts_are_shown_by_name_and_added_up_by_number(accounted: Session) -> None:
    """In the table, in what changed most, and beside the number in JSON."""
    accounts.note(accounted, "test", {"0003": "payments-test"})
    found = answer(accounted, parse("by account", today=TODAY))
    assert [(row.label, row.cost) for row in found.rows] == [("payments-prod", Decimal(230)), ("0002", Decimal(20))]
    assert movers_line(found).startswith("Largest changes: payments-prod +$30.00")
    assert found.json_values()["rows"] == [
        {"key": {"sub_account_id": "0001"}, "cost": found.json_values()["rows"][0]["cost"], "name": "payments-prod"},
        {"key": {"sub_account_id": "0002"}, "cost": found.json_values()["rows"][1]["cost"]},
    ]
    both = answer(accounted, parse("by service by account", today=TODAY))
    assert both.rows[0].label == "EC2 · payments-prod"
    assert both.total == found.total == 250


def test_an_account_is_asked_for_by_its_name_or_its_number(accounted: Session) -> None:
    """Also beside others; a name that is not known is answered with one that is."""
    assert answer(accounted, parse("where account=Payments-Prod", today=TODAY)).total == 230
    assert answer(accounted, parse("where account=0001", today=TODAY)).total == 230
    assert answer(accounted, parse('where account="payments-prod (0001)"', today=TODAY)).total == 230
    with pytest.raises(UnknownWordError) as error:
        answer(accounted, parse("where account=payment", today=TODAY))
    assert answer(accounted, parse(error.value.example, today=TODAY)).total == 230
    with pytest.raises(UnknownWordError) as error:
        answer(accounted, parse("where account=zzzzzz", today=TODAY))
    assert error.value.example == 'where account="payments-prod (0001)"'
    accounts.note(accounted, "test", {"0002": "data-prod"})
    with pytest.raises(UnknownWordError) as error:
        answer(accounted, parse("where account=00022", today=TODAY))
    assert error.value.closest == "data-prod"
