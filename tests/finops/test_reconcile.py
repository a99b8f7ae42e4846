"""Residuals are found, and told by cause; what nobody can name is not explained away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from finops.errors import CostsError
from finops.focus import Metric
from finops.money import total
from finops.periods import Period
from finops.reconcile import (
    Commitment,
    Figure,
    Held,
    Part,
    Sums,
    balance,
    breaks,
    bridge,
    compare,
    hidden,
    open_since,
    parse,
)

LEDGER = Period(date(2026, 1, 1), date(2026, 10, 1))
THROUGH = date(2026, 9, 30)


def part(
    billed: str,
    effective: str | None = None,
    *,
    category: str = "Usage",
    commitment: str | None = None,
    status: str | None = None,
    invoice: str | None = "INV-1",
    correction: bool = False,
    assumed: bool = False,
) -> Part:
    """Some charges."""
    sums = Sums(1, Decimal(billed), Decimal(effective if effective is not None else billed))
    return Part(sums, invoice, category, correction, commitment, status, assumed, credit=sums.billed < 0)


COVERED = (
    part("100"),
    part("8.5", "0.7", category="Purchase", commitment="plan", status="Unused"),
    part("20", "7.8", commitment="plan", status="Used"),
    part("-20", "0", commitment="plan"),
    part("7", category="Tax"),
)
"""A month under a savings plan, as AWS writes it: a fee, covered usage and its negation."""


def test_billed_less_purchases_with_used_and_unused_is_effective() -> None:
    """The bridge of a sound month leaves nothing over."""
    found = bridge(COVERED)
    assert (found.billed, found.purchases, found.used, found.unused, found.effective) == (
        Decimal("115.5"),
        Decimal("8.5"),
        Decimal("7.8"),
        Decimal("0.7"),
        Decimal("115.5"),
    )
    assert (found.residual, found.causes, found.explained) == (0, (), True)


@pytest.mark.parametrize(
    ("flaw", "told"),
    [
        (part("20", "20", commitment="plan", status="Used"), "billed as well"),
        (part("60", "60", category="Purchase", commitment="other"), "purchase has an EffectiveCost"),
        (part("0", "3", commitment="plan"), "neither used nor unused"),
        (part("5", "6"), "Usage without a commitment"),
        (part("-5", "0", category="Credit"), "Credit without a commitment"),
    ],
)
def test_a_charge_that_breaks_focus_is_a_cause_by_name(flaw: Part, told: str) -> None:
    """The causes add up to the residual, and need a person."""
    found = bridge((*COVERED, flaw))
    assert told in found.causes[0].name
    assert total(one.amount for one in found.causes) == found.residual != 0
    assert not found.explained


@pytest.mark.parametrize("category", ["Purchase", "Credit", "Adjustment"])
@pytest.mark.parametrize(("effective", "step"), [("0", 60), ("-60", 0)])
def test_a_refund_of_a_commitment_takes_back_its_purchase_or_stands_for_itself(
    category: str, effective: str, step: int
) -> None:
    """As FOCUS has it, or as some providers write it."""
    found = bridge((*COVERED, part("-60", effective, category=category, commitment="other", correction=True)))
    assert (found.purchases, found.refunds) == (Decimal("8.5"), step)
    assert (found.residual, found.causes, found.explained) == (0, (), True)


def test_a_refund_that_is_worth_something_else_needs_a_person() -> None:
    """It neither takes back a purchase nor stands for itself."""
    found = bridge((*COVERED, part("-60", "-12", category="Adjustment", commitment="other")))
    assert ["a commitment's refund has an EffectiveCost" in one.name for one in found.causes] == [True]
    assert (found.residual, found.causes[0].amount, found.explained) == (48, 48, False)


def test_what_is_paid_ahead_without_a_commitment_is_explained() -> None:
    """A licence of a year is billed in one month and used in twelve."""
    found = bridge((part("1200", "100", category="Purchase"),))
    assert found.residual == -1100
    assert found.explained
    assert "paid ahead" in found.causes[0].name
    used = replace(part("0", "100"), drawn=True)
    assert bridge((used,)).explained
    assert "use of what was paid ahead" in bridge((used,)).causes[0].name


def test_where_effective_cost_is_not_known_nothing_is_concluded() -> None:
    """Such charges are counted, and are no cause."""
    found = bridge((part("60", category="Purchase", commitment="cud", assumed=True), part("1")))
    assert (found.assumed, found.charges, found.causes, found.residual) == (1, 2, (), 0)


def commitment(
    purchases: str,
    used: str,
    unused: str = "0",
    *,
    first: str = "2026-03-01",
    last: str,
    refunded: str = "0",
    credited: str = "0",
) -> Commitment:
    """A commitment's sums."""
    amounts = (Decimal(one) for one in (purchases, used, unused))
    days = (date.fromisoformat(first), date.fromisoformat(last))
    return Commitment("plan", *amounts, 10, *days, Decimal(refunded), Decimal(credited))


@pytest.mark.parametrize(
    ("known", "explained", "told"),
    [
        (commitment("100", "90", "10", last="2026-09-30"), True, None),
        (commitment("1200", "90", "10", last="2026-09-29"), True, "later months bear it"),
        (commitment("0", "90", "10", first="2026-01-01", last="2026-09-30"), True, "paid before 2026-01-01"),
        (commitment("100", "80", "10", last="2026-06-30"), False, "neither used nor unused since 2026-06-30"),
        (commitment("90", "90", "10", last="2026-09-30"), False, "ever paid"),
        (commitment("100", "90", "10.000000001", last="2026-09-30"), True, "rounding"),
        (commitment("1200", "290", "10", last="2026-04-30", refunded="900"), True, None),
        (commitment("1200", "290", "10", last="2026-04-30", refunded="900", credited="900"), False, "cost twice"),
        (commitment("1200", "1100", "100", last="2026-09-30", refunded="9", credited="9"), True, "stands for itself"),
        (commitment("1200", "1100", "100", last="2026-09-30", refunded="9"), False, "was ever paid and not refunded"),
        (
            commitment("1200", "190", "10", last="2026-04-30", refunded="900"),
            False,
            "paid and not refunded, but neither",
        ),
        (commitment("1200", "390", "10", last="2026-09-30", refunded="900"), False, "was ever paid and not refunded"),
        (commitment("0", "20", first="2026-01-05", last="2026-02-03", refunded="900"), True, "paid before 2026-01-01"),
    ],
)
def test_a_commitment_is_used_or_unused_as_far_as_it_was_paid(
    known: Commitment, told: str | None, *, explained: bool
) -> None:
    """What is left over is still to be used, was paid before, or is missing."""
    found = balance(known, ledger=LEDGER, through=THROUGH)
    assert found.explained is explained
    assert (found.cause is None) if told is None else told in str(found.cause)


def test_every_step_on_which_something_is_lost_is_named() -> None:
    """And where most of it hides."""
    whole, less = (
        Held("the lake", Decimal(10), Decimal(10), 4),
        Held("the ledger", Decimal("9.999999999998"), Decimal(10), 3),
    )
    assert [one.amount for one in breaks((whole, less))] == [Decimal("-0.000000000002"), 0]
    assert not list(breaks((whole, Held("the ledger", Decimal("9.9999999999995"), Decimal(10), 4))))
    day = date(2026, 9, 1)
    before = {(day, name): (Decimal(3), Decimal(3)) for name in "abcde"}
    found = hidden(before, {(day, "a"): (Decimal(3), Decimal(3)), (day, "b"): (Decimal(-5), Decimal(0))})
    assert [(one.name, one.amount) for one in found] == [
        (f"{day}, b", -8),
        (f"{day}, c", -3),
        (f"{day}, d", -3),
        ("1 other days and services", -3),
    ]


MONTH = (
    part("100"),
    part("19", category="Tax"),
    part("-4", category="Credit"),
    part("30", "0", category="Purchase", commitment="plan"),
    part("0", "28", commitment="plan", status="Used"),
    part("7.004", invoice="INV-2"),
)


@pytest.mark.parametrize(
    ("figure", "causes"),
    [
        (Figure("s", Decimal("152.004"), "USD"), []),
        (Figure("s", Decimal("152.00"), "USD"), ["rounding to the cent"]),
        (Figure("s", Decimal("133.00"), "USD"), ["the figure has no tax", "rounding to the cent"]),
        (
            Figure("s", Decimal("137.00"), "USD"),
            ["the figure has no tax", "the figure has no credits", "rounding to the cent"],
        ),
        (Figure("s", Decimal("122.004"), "USD"), ["the figure has no purchases of commitments"]),
        (Figure("s", Decimal("150.004"), "USD"), ["the figure is the amortized cost, not what was billed"]),
        (Figure("s", Decimal("7.004"), "USD"), ["the figure is that of the invoice INV-2 alone"]),
        (Figure("s", Decimal("7.004"), "USD", invoice="INV-2"), []),
        (Figure("s", Decimal("150.004"), "USD", metric=Metric.EFFECTIVE), []),
        (Figure("s", Decimal("151.00"), "USD"), ["unexplained"]),
    ],
)
def test_a_residual_is_told_by_the_charges_that_explain_it(figure: Figure, causes: list[str]) -> None:
    """The fewest kinds of charges that make it up, to half a cent."""
    found = compare(figure, MONTH)
    assert [one.name for one in found.causes] == causes
    assert total(one.amount for one in found.causes) == found.residual
    assert found.explained is (causes != ["unexplained"])


def test_an_amortized_figure_may_take_refunds_off_what_was_used() -> None:
    """As Cost Explorer's does; ours has them as purchases below nothing."""
    month = (*MONTH, part("-60", "0", category="Purchase", commitment="plan", correction=True))
    found = compare(Figure("s", Decimal("90.004"), "USD", metric=Metric.EFFECTIVE), month)
    assert [one.name for one in found.causes] == ["the figure takes refunds of commitments off what was used"]
    assert (found.residual, found.explained) == (60, True)


def test_in_an_open_month_the_days_that_may_change_are_named() -> None:
    """The provider's figure moves while it is read."""
    found = compare(Figure("s", Decimal(151), "USD"), MONTH, open_since=date(2026, 9, 17))
    assert found.explained
    assert "days from 2026-09-17 on were not complete" in found.causes[0].name
    found = compare(Figure("s", Decimal(151), "USD"), MONTH, last_use=date(2026, 9, 16))
    assert "no usage after 2026-09-16" in found.causes[0].name
    assert not found.explained
    month = Period.month(2026, 9)
    assert open_since("aws", month, loaded=date(2026, 9, 18)) == date(2026, 9, 17)
    assert open_since("aws", month, loaded=date(2026, 10, 9)) is None


@pytest.mark.parametrize(
    ("text", "amount", "currency", "invoice"),
    [
        ("payer=1,234.56USD", "1234.56", "USD", None),
        ("payer=-3 EUR", "-3", "EUR", None),
        ("payer/INV-7=12", "12", None, "INV-7"),
    ],
)
def test_a_figure_is_read_as_it_is_typed(text: str, amount: str, currency: str | None, invoice: str | None) -> None:
    """With separators of thousands, with or without a currency."""
    assert parse(text) == Figure("payer", Decimal(amount), currency, invoice=invoice)


@pytest.mark.parametrize("text", ["payer", "payer=", "=12", "payer=1.234,56", "payer=12 US", "payer=1e5", "payer=NaN"])
def test_what_is_no_figure_is_told_with_an_example(text: str) -> None:
    """`1.234,56` could mean either number."""
    with pytest.raises(CostsError, match="for example payer=1234"):
        parse(text)
