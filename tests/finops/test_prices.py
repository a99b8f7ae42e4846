"""The bill's own rate comes before any list, and what a list says in several places becomes one price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from finops.prices import BilledRate, Price, a_unit, merged, prefer

LISTED = Price(
    "aws",
    "us-east-1",
    "m6i.large",
    "m6i.large",
    Decimal("0.096"),
    "USD",
    date(2026, 7, 20),
    "AWS",
    spot=Decimal("0.03"),
)
BILLED = BilledRate(Decimal("0.08"), "USD", date(2026, 8, 20), date(2026, 9, 18))


def test_the_bills_rate_comes_before_the_lists_and_the_list_fills_the_rest() -> None:
    """And the source says both."""
    found = prefer(BILLED, LISTED)
    assert found is not None
    assert (found.on_demand, found.spot, found.billed) == (Decimal("0.08"), Decimal("0.03"), True)
    assert found.source == "your bill, 2026-08-20 to 2026-09-18; else AWS"
    assert prefer(None, LISTED) is LISTED
    assert prefer(None, None) is None


def test_currencies_are_not_mixed_in_one_price() -> None:
    """A list in dollars says nothing about a bill in euros."""
    euros = replace(BILLED, currency="EUR")
    unnamed = Price("aws", "us-east-1", "m6i.large", "m6i.large", None, "", date(2026, 9, 18), "")
    found = prefer(euros, LISTED, unnamed=unnamed)
    assert found is not None
    assert (found.on_demand, found.currency, found.spot) == (Decimal("0.08"), "EUR", None)
    assert found.source == "your bill, 2026-08-20 to 2026-09-18"


def test_a_price_that_stands_in_several_places_becomes_one() -> None:
    """Of two amounts the later one counts."""
    spot = replace(LISTED, on_demand=None, spot=Decimal("0.04"), valid_from=date(2026, 8, 1))
    term = replace(LISTED, on_demand=None, spot=None, commitment_1y=Decimal("0.06"), valid_from=date(2025, 1, 1))
    (found,) = merged(iter([spot, LISTED, term]))
    assert (found.on_demand, found.spot, found.commitment_1y) == (Decimal("0.096"), Decimal("0.04"), Decimal("0.06"))
    assert found.valid_from == date(2026, 8, 1)


def test_a_price_for_many_is_divided_exactly_to_twelve_places() -> None:
    """A reservation's price for a year by its hours."""
    assert a_unit(Decimal(876), 8760) == Decimal("0.1")
    assert str(a_unit(Decimal(1), 3)) == "0.333333333333"
