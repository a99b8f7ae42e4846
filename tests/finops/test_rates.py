"""Rates are exact, dated and never guessed."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from finops.errors import BadDeliveryError
from finops.rate_files import read
from finops.rates import ECB, MissingRateError, Rate, find

ECB_FILE = "Date,USD,JPY,BGN,GBP,\n2026-11-20,1.0850,162.11,N/A,0.8421,\n2026-11-19,1.0800,161.90,N/A,0.8400,\n"
FRIDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 22)


def rates(text: str) -> list[Rate]:
    """Read a file's text."""
    return list(read(csv.reader(io.StringIO(text)), file="rates.csv"))


def test_the_ecbs_file_is_read_as_it_is_published() -> None:
    """A comma at the end of each line, N/A where a currency is no more."""
    found = rates(ECB_FILE)
    assert len(found) == 6
    assert found[0] == Rate(FRIDAY, "EUR", "USD", Decimal("1.0850"), ECB)
    assert {one.quote for one in found} == {"USD", "JPY", "GBP"}


@pytest.mark.parametrize(
    ("base", "quote", "amount", "worth"),
    [
        ("EUR", "USD", "100", "108.500000000000"),
        ("USD", "EUR", "108.5", "100.000000000000"),
        ("USD", "GBP", "108.5", "84.210000000000"),
        ("USD", "USD", "3", "3.000000000000"),
    ],
)
def test_a_pair_is_found_straight_turned_around_or_over_the_euro(
    base: str, quote: str, amount: str, worth: str
) -> None:
    """By the rates of one day."""
    assert str(find(rates(ECB_FILE), base, quote, FRIDAY)(Decimal(amount))) == worth


def test_a_day_without_a_rate_uses_the_last_one_published_and_says_so() -> None:
    """Sunday is converted with Friday's."""
    found = find(rates(ECB_FILE), "USD", "EUR", SUNDAY)
    assert found.day == FRIDAY
    assert str(found) == f"1 USD = 0.921659 EUR of 2026-11-20 ({ECB})"


def test_ones_own_rate_comes_before_the_ecbs() -> None:
    """A company's month-end rate, for example."""
    own = rates("date,base,quote,rate,source\n2026-11-20,USD,EUR,0.9,treasury\n")
    assert find([*rates(ECB_FILE), *own], "USD", "EUR", FRIDAY).source == "treasury"


@pytest.mark.parametrize(
    ("base", "quote", "day"),
    [("USD", "NOK", FRIDAY), ("USD", "EUR", date(2026, 11, 18)), ("USD", "EUR", date(2026, 11, 27))],
)
def test_a_rate_that_is_missing_is_an_error(base: str, quote: str, day: date) -> None:
    """A currency nobody quotes, a day before the first rate, a week after the last."""
    with pytest.raises(MissingRateError, match=f"no exchange rate from {base} to {quote} of {day:%-d %b %Y}"):
        find(rates(ECB_FILE), base, quote, day)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("day;usd\n", "expected the ECB's columns"),
        ("", "expected the ECB's columns"),
        ("Date,USD\n20 Nov 2026,1.08\n", "row 1, column date: expected a day like"),
        ("Date,USD\n2026-11-20,abc\n", "row 1, column USD: expected a rate above 0, found “abc”"),
        ("date,base,quote,rate\n2026-11-20,USD,EUR,0\n", "column rate: expected a rate above 0"),
        ("date,base,quote,rate\n2026-11-20,USD,EUR,NaN\n", "column rate: expected a rate above 0"),
        ("date,base,quote,rate\n2026-11-20,dollar,EUR,1\n", "a currency of three letters"),
        ("date,base,quote,rate\n2026-11-20,USD\n", "row 1: expected date,base,quote,rate"),
        ("date,base,quote,rate\n2026-11-20,EUR,eur,1\n", "row 1: one EUR is always one EUR"),
        ("Date,USD,EUR\n2026-11-20,1.08,1\n", "row 1: one EUR is always one EUR"),
        ("Date,USD,ÄÖÜ\n2026-11-20,1.08,1\n", "three letters, found “ÄÖÜ”"),
        ("date,base,quote,rate\n2026-11-20,USD,EUR,-0.9\n", "column rate: expected a rate above 0"),
        ("date,base,quote,rate\n2026-11-20,USD,EUR,1e30\n", "found “1e30”, is its point right"),
        ("date,base,quote,rate\n2026-11-20,USD,EUR,1e-30\n", "found “1e-30”, is its point right"),
        ("date,base,quote,rate\n0026-11-20,USD,EUR,1\n", "column date: expected a day like"),
        (f"date,base,quote,rate,source\n2026-11-20,USD,EUR,1,{'x' * 5000}\n", "at most 80 letters, found one of 5,000"),
        (
            "date,base,quote,rate\n2026-11-20,USD,EUR,0.9\n2026-11-20,USD,EUR,0.95\n",
            "row 2, column rate: it says 1 USD = 0.95 EUR of 2026-11-20, and an earlier row 1 USD = 0.9 EUR",
        ),
        ("Date,USD,usd\n2026-11-20,1.08,1.09\n", "row 1, column USD: it says 1 EUR = 1.09 USD"),
        (
            "date,base,quote,rate\n2026-11-20,USD,EUR,0.9\n2026-11-20,EUR,USD,0.9\n",
            "row 2, column rate: it says 1 EUR = 0.9 USD",
        ),
    ],
)
def test_a_broken_file_is_named_by_row_and_column(text: str, told: str) -> None:
    """And what was expected."""
    with pytest.raises(BadDeliveryError, match=f"rates.csv.*{told}"):
        rates(text)


def test_a_rate_told_again_or_turned_around_contradicts_nothing() -> None:
    """The same in other digits, bid and offer, another day, another source."""
    rows = ("20,USD,EUR,0.90,a", "20,USD,EUR,0.9,a", "20,EUR,USD,1.12,a", "21,USD,EUR,0.95,a", "20,USD,EUR,0.95,b")
    found = rates("date,base,quote,rate,source\n" + "".join(f"2026-11-{row}\n" for row in rows))
    assert [str(one.value) for one in found] == ["0.90", "1.12", "0.95", "0.95"]


def test_a_sources_name_cannot_turn_what_is_shown() -> None:
    """Neither its direction, nor its colour."""
    (found,) = rates("date,base,quote,rate,source\n2026-11-20,USD,EUR,0.9,a\u202eb\x1b[31m\n")
    assert found.source == "a[U+202E]b [31m"


def test_what_is_published_comes_before_the_inverse_of_the_other_direction() -> None:
    """A bank says what it buys and sells for."""
    day = date(2026, 11, 20)
    known = [Rate(day, "EUR", "USD", Decimal("1.10"), "bank"), Rate(day, "USD", "EUR", Decimal("0.90"), "bank")]
    assert find(known, "EUR", "USD", day).value == Decimal("1.10")
    assert find(known, "USD", "EUR", day).value == Decimal("0.90")


def test_a_rate_holds_for_the_six_days_after_it() -> None:
    """As the sentence says that tells of a missing one."""
    rate = Rate(date(2026, 11, 13), "EUR", "USD", Decimal("1.10"), "bank")
    assert find([rate], "EUR", "USD", date(2026, 11, 19)).value == rate.value
    with pytest.raises(MissingRateError, match="or the 6 days before"):
        find([rate], "EUR", "USD", date(2026, 11, 20))
