"""Tables escape what they show and align numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finops.money import Money
from finops.periods import Period
from finops.tables import TOO_FEW, Change, Percent, Table, Titled, against, days, heading, missing, of_limit


def test_foreign_text_is_escaped() -> None:
    """In the head and in the cells."""
    html = Table(("<b>", "Cost"), [("<script>alert(1)</script>", Money(Decimal(1), "<i>"))])._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    ("ratio", "told"),
    [
        ("0.996966", "99.7 %"), ("0.99999", "99.9 %"), ("1", "100 %"), ("1.0000001", "100.1 %"), ("1.0034", "100.3 %"),
        ("0.994", "99 %"), ("1.006", "101 %"), ("0.25", "25 %"), ("-0.1", "-10 %"),
    ],
)  # fmt: skip
def test_only_the_whole_of_a_limit_is_a_hundred_percent(ratio: str, told: str) -> None:
    """What is a little below it is kept, what is a little above it is not."""
    assert of_limit(Decimal(ratio)) == told


def test_a_long_or_turned_name_keeps_its_cell_and_is_whole_in_its_tooltip() -> None:
    """Five thousand letters would push the amounts off the page, and an override turn what follows it."""
    name = f'"web" \u202e{"x" * 5000}'
    for cell, place in ((name, "<td>"), (Titled(name, "why"), "<td><b>"), (Titled("Stop", name), "<td><b>Stop</b> ")):
        html = Table(("Name", "Cost"), [(cell, Money(Decimal(3), "USD"))])._repr_html_()
        assert f'{place}<span title="&quot;web&quot; [U+202E]{"x" * 5000}">&quot;web&quot; [U+202E]xxx' in html
        assert "…" in html
        assert len(html) < 6500
        assert "\u202e" not in html


def test_numbers_stand_on_the_right_under_their_heading() -> None:
    """Text on the left."""
    html = Table(("Service", "Cost"), [("EC2", Money(Decimal(3), "USD"))])._repr_html_()
    assert '<th>Service</th><th class="number">Cost</th>' in html
    assert '<td>EC2</td><td class="number">$3.00</td>' in html


def test_an_empty_table_says_so() -> None:
    """A head without rows looks like a mistake."""
    assert "nothing to list" in Table(("a", "b"), [])._repr_html_()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Change(Money(Decimal(3), "USD")), "+$3.00"),
        (Change(Money(Decimal(-3), "USD")), "-$3.00"),
        (Change(Money(Decimal(0), "USD")), "$0.00"),
        (Percent(Decimal("0.1234")), "12.3 %"),
        (Percent(Decimal("0.1234"), signed=True), "+12.3 %"),
        (Percent(Decimal("-0.0001"), signed=True), "0.0 %"),
        (Percent(Decimal("0.9"), digits=0), "90 %"),
        (Percent(None), "–"),  # noqa: RUF001
    ],
)
def test_changes_carry_a_sign(cell: object, shown: str) -> None:
    """A ratio is shown in percent, a comparison with nothing as a dash."""
    assert str(cell) == shown


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ((2026, 11, 1), (2026, 11, 23), "1–22 Nov 2026"),  # noqa: RUF001
        ((2026, 11, 1), (2026, 11, 2), "1 Nov 2026"),
        ((2026, 10, 28), (2026, 11, 4), "28 Oct – 3 Nov 2026"),  # noqa: RUF001
        ((2025, 12, 28), (2026, 1, 4), "28 Dec 2025 – 3 Jan 2026"),  # noqa: RUF001
    ],
)
def test_days_are_told_in_few_words(start: tuple[int, int, int], end: tuple[int, int, int], shown: str) -> None:
    """The end is exclusive in the rules and inclusive for people."""
    assert days(Period(date(*start), date(*end))) == shown


def test_what_costs_are_grouped_by_becomes_a_heading() -> None:
    """FOCUS's word, as people say it."""
    assert [heading(word) for word in ("service_name", "tag:team", "region_id")] == ["Service", "team", "Region"]


@pytest.mark.parametrize(
    ("word", "shown"),
    [("tag:team", "no team tag"), ("region_id", "no region"), ("sub_account_id", "no sub account"), ("", "not named")],
)
def test_what_is_not_tagged_is_named_so(word: str, shown: str) -> None:
    """In words, not in brackets."""
    assert missing(word) == shown


def test_a_title_in_a_cell_is_bold_and_escaped() -> None:
    """What to do, and why."""
    html = Table(("What", "A month"), [(Titled("Stop <i>", "Idle & paid"), Money(Decimal(3), "USD"))])._repr_html_()
    assert "<td><b>Stop &lt;i&gt;</b> Idle &amp; paid</td>" in html


def test_a_comparison_with_nothing_says_so() -> None:
    """The first month of a new account is no increase."""
    month = Period.month(2026, 10)
    told = against(Money(Decimal(3), "USD"), Decimal("0.5"), month)
    assert told == "+$3.00 (+50.0 %) against 1–31 Oct 2026"  # noqa: RUF001
    assert "nothing in 1–31 Oct 2026" in against(Money(Decimal(3), "USD"), None, month)  # noqa: RUF001
    assert against(Money(Decimal(3), "USD"), Decimal(9), month, comparable=False) == TOO_FEW
