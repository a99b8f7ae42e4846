"""Why costs grew, as the table that people read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from finops.grown import table
from finops.growth import Item, Used
from finops.periods import Period

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
BEFORE = {Item("EC2", "large", "Hrs"): Used(Decimal(10), Decimal(100)), Item("Old", "x", "GB"): Used(None, Decimal(30))}
NOW = {
    Item("EC2", "large", "Hrs"): Used(Decimal(15), Decimal(150)),
    Item("EC2", "huge", "Hrs"): Used(Decimal(1), Decimal(400)),
    Item("<b>Bedrock</b>", "y", "tokens"): Used(None, Decimal(20)),
}


def _rows(*, comparable: bool = True) -> list[list[str]]:
    found = table(BEFORE, NOW, Decimal(430), period=OCTOBER, currency="USD", comparable=comparable)
    return [[str(cell) for cell in row] for row in found.rows]


def test_each_reason_is_told_in_money_with_its_services_and_they_add_up_to_the_change() -> None:
    """A service that is new altogether comes before the larger new things of one that is not."""
    assert _rows() == [
        ["New. <b>Bedrock</b> +$20.00 (a new service), EC2 +$400.00", "+$420.00"],
        ["More used. EC2 +$50.00", "+$50.00"],
        ["Gone. Old -$30.00 (all of that service)", "-$30.00"],
        ["Tax, credits, purchases, corrections. ", "-$10.00"],
    ]


def test_names_are_text_on_the_page() -> None:
    """Whoever named the service."""
    html = table(BEFORE, NOW, Decimal(430), period=OCTOBER, currency="USD")._repr_html_()
    assert "<b>Bedrock" not in html
    assert "&lt;b&gt;Bedrock" in html


def test_too_few_days_before_are_no_growth() -> None:
    """A ledger's first month did not grow from nothing."""
    assert _rows(comparable=False) == [["too few days before it to compare with", ""]]
