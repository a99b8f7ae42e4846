"""An answer in another currency adds what may be added only then, and names rate, day and source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversion import answer_in
from bot.questions import parse
from finops.rates import MissingRateError, Rate
from storage import rates
from storage.models import CostRecord, Delivery
from tests.bot import ledgers

TODAY = date(2026, 11, 23)


@pytest.fixture
def ledger(session: Session) -> Session:
    """The small ledger, some of it in pounds, and two rates of a Thursday."""
    ledgers.fill(session)
    for one in session.scalars(select(CostRecord).where(CostRecord.service_name == "S3")):
        one.billing_currency = "GBP"
    delivery = session.scalars(select(Delivery)).one()
    delivery.billed_cost = {"USD": "250", "GBP": "22"}
    day = date(2026, 11, 19)
    rates.save(session, [Rate(day, "EUR", "USD", Decimal("1.25"), "x"), Rate(day, "EUR", "GBP", Decimal("0.8"), "x")])
    session.flush()
    return session


def test_every_currency_is_converted_and_added(ledger: Session) -> None:
    """230 dollars and 20 pounds; the comparison at the same rates."""
    found = answer_in(ledger, parse("by service", today=TODAY), "EUR")
    assert (found.currency, found.total, found.previous) == ("EUR", Decimal(209), Decimal(185))
    assert {row.label: (row.cost, row.previous) for row in found.rows} == {
        "EC2": (Decimal(184), Decimal(160)),
        "S3": (Decimal(25), Decimal(25)),
    }
    assert found.rates == (
        "1 USD = 0.800000 EUR of 2026-11-19 (x)",
        "1 GBP = 1.250000 EUR of 2026-11-19 (x)",
    )
    assert found.json_values()["rates"] == list(found.rates)


def test_days_stay_in_their_order_and_the_table_in_its_length(ledger: Session) -> None:
    """The largest rows are chosen after they were added."""
    found = answer_in(ledger, parse("by day last 7 days", today=TODAY), "EUR")
    assert [row.label for row in found.rows] == sorted(row.label for row in found.rows)
    found = answer_in(ledger, parse("by service top 1", today=TODAY), "EUR")
    assert ([row.label for row in found.rows], found.others) == (["EC2"], 1)


def test_what_is_in_the_currency_already_needs_no_rate(ledger: Session) -> None:
    """And no rate is named for it."""
    found = answer_in(ledger, parse("by service where service=EC2", today=TODAY), "USD")
    assert (found.total, found.rates) == (Decimal(230), ())


def test_a_rate_that_is_missing_is_never_passed_over(ledger: Session) -> None:
    """Nothing is left out silently."""
    with pytest.raises(MissingRateError, match="from USD to NOK"):
        answer_in(ledger, parse("", today=TODAY), "NOK")
