"""What one unit costs is the cost by the quantity, told with its change, however small it is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.growth import Item, Used
from finops.tables import Rate
from finops.unit_costs import UnitCostResult, table, unit_costs

DISK, CALLS, NEW = Item("S3", "Storage", "GB-month"), Item("Lambda", "Calls", "call"), Item("EC2", "m7g", "hour")


def used(quantity: str | None, cost: str) -> Used:
    """Make it."""
    return Used(None if quantity is None else Decimal(quantity), Decimal(cost))


def test_the_dearest_come_first_with_what_a_unit_cost_before() -> None:
    """A third less used at a quarter more; what is new has nothing before it."""
    before = {DISK: used("300", "6"), CALLS: used("1000000", "0.2")}
    now = {DISK: used("200", "5"), CALLS: used("3000000", "0.6"), NEW: used("10", "1.25")}
    found = unit_costs(before, now)
    assert [(one.item, one.now, one.before, one.change) for one in found] == [
        (DISK, Decimal("0.025"), Decimal("0.02"), Decimal("0.25")),
        (NEW, Decimal("0.125"), None, None),
        (CALLS, Decimal("2e-7"), Decimal("2e-7"), 0),
    ]
    assert unit_costs(before, now, top=1) == found[:1]


@pytest.mark.parametrize("now", [used(None, "5"), used("0", "5"), used("-2", "5"), used("2", "-5"), used("2", "0")])
def test_what_has_no_unit_to_divide_by_is_left_out(now: Used) -> None:
    """No quantity, one given back, a credit."""
    assert unit_costs({}, {DISK: now}) == []


def test_a_quantity_that_was_unknown_before_is_no_change() -> None:
    """Nor is a price of nothing, which cannot be divided by."""
    for before in (used(None, "5"), used("0", "0"), used("5", "0")):
        assert unit_costs({DISK: before}, {DISK: used("2", "5")})[0].change is None


def test_a_price_that_does_not_end_is_kept_as_exact_as_the_ledger() -> None:
    """In the result as text."""
    [one] = unit_costs({}, {DISK: used("3", "1")})
    assert UnitCostResult.of(one).model_dump(mode="json")["unit_cost"] == "0.333333333333333333"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.0000002083", "$0.0000002083"), ("0.00000020834999", "$0.0000002083"), ("0.045", "$0.045"),
        ("0.5", "$0.50"), ("12.5", "$12.50"), ("0", "$0.00"), ("-0.045", "-$0.045"), ("0.99999", "$1.00"),
    ],
)  # fmt: skip
def test_a_price_is_shown_with_four_digits(amount: str, shown: str) -> None:
    """Where two decimals would say nothing."""
    assert str(Rate(Decimal(amount), "USD")) == shown
    assert str(Rate(Decimal(amount), "NOK")) == f"{shown.replace('$', '')} NOK"


def test_the_table_says_no_change_of_days_that_are_not_known() -> None:
    """The first month of a ledger."""
    found = unit_costs({DISK: used("300", "6")}, {DISK: used("200", "5")})
    assert "+25.0 %" in table(found, "USD")._repr_html_()
    assert "+25.0 %" not in table(found, "USD", comparable=False)._repr_html_()
