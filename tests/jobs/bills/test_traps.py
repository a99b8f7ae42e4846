"""What breaks naive readers of any bill: amounts, currencies, columns, files; each in rows to check by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.errors import BadDeliveryError
from tests.jobs.bills.normalized import charges
from tests.jobs.bills.rows import AWS, AZURE, FOCUS, GOOGLE, costs, read_csv, read_json


def test_amounts_keep_every_digit_there_is_room_for(file: Path) -> None:
    """Eighteen decimals; 28 are rounded once, at the eighteenth, and exponents are read."""
    rows = [{"CostInBillingCurrency": cost} for cost in ("16.2969321366366462748541900000", "6.1e-05", "-1.5E+1")]
    assert costs(read_csv(file, AZURE, *rows)) == [Decimal(-15), Decimal("0.000061"), Decimal("16.296932136636646275")]


def test_a_currency_is_never_guessed_and_never_mixed(file: Path) -> None:
    """A placeholder stays one: its amounts are nobody else's."""
    found = read_csv(file, AZURE, {}, {"BillingCurrencyCode": "MC"}, {"BillingCurrencyCode": "USD"})
    assert sorted(str(one["BillingCurrency"]) for one in found) == ["EUR", "MC", "USD"]


@pytest.mark.parametrize(
    ("base", "column"), [("aws", "lineItem/CurrencyCode"), ("azure", "BillingCurrencyCode"), ("gcp", "currency")]
)
def test_an_amount_whose_currency_is_not_named_is_of_none(file: Path, base: str, column: str) -> None:
    """XXX, as ISO 4217 has it; dollars would be a guess."""
    rows = {"aws": AWS, "azure": AZURE}
    found = read_csv(file, rows[base] | {column: ""}, {}) if base in rows else read_json(file, {column: None})
    assert [one["BillingCurrency"] for one in found] == ["XXX"]


def test_a_currencys_code_is_the_same_in_small_letters(file: Path) -> None:
    """And what only fills its place is none."""
    codes = ("usd", "USD", "Usd", "n/a", "-", "unknown", "credits")
    found = read_csv(file, AZURE, *({"BillingCurrencyCode": code} for code in codes))
    assert sorted(str(one["BillingCurrency"]) for one in found) == ["USD"] * 3 + ["XXX"] * 3 + ["credits"]


@pytest.mark.parametrize(
    ("name", "letters", "most"), [("ProviderName", 5000, 100), ("ServiceName", 501, 500), ("ResourceId", 2101, 2100)]
)
def test_a_name_that_is_a_text_is_refused_with_its_place(file: Path, name: str, letters: int, most: int) -> None:
    """A database cannot index it, and nobody could read it."""
    header = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,"
    row = "2026-09-01,2026-09-02,EUR,1.5,"
    file.write_text(f"{header}{name}\n{row}short\n{row}{'x' * most}\n{row}{'y' * letters}\n")
    with pytest.raises(
        BadDeliveryError, match=f"row 3, column {name}: .* {most} letters, found {letters:,}, .*“y{{40}}”"
    ):
        charges(file)


def test_a_sentence_is_no_currency(file: Path) -> None:
    """It is told with its place."""
    with pytest.raises(BadDeliveryError, match=r"row 2, column BillingCurrency: .* such as EUR, found “see; note 7”"):
        read_csv(file, AZURE, {}, {"BillingCurrencyCode": "see; note 7"})


def test_focus_1_3_calls_the_provider_otherwise(file: Path) -> None:
    """ProviderName became ServiceProviderName."""
    header = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ServiceProviderName"
    file.write_text(f"{header},HostProviderName\n2026-09-01,2026-09-02,EUR,1.5,1.25,Amazon Web Services,AWS\n")
    [charge] = charges(file)
    assert (charge["x_provider"], charge["ProviderName"]) == ("aws", "Amazon Web Services")


def test_a_fourth_provider_is_read_from_its_focus_file_alone(file: Path) -> None:
    """Without a line of code about it."""
    header = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName"
    file.write_text(f"{header}\n2026-09-01,2026-09-02,EUR,1.5,1.25,Nimbus Cloud,Blocks\n")
    [charge] = charges(file)
    assert (charge["x_provider"], charge["ServiceName"]) == ("nimbus-cloud", "Blocks")
    assert costs([charge], "EffectiveCost") == [Decimal("1.25")]


@pytest.mark.parametrize(
    "start", ["2026-09-01T00:00:00+02:00", "2026-08-31T15:00:00Z", "2026-09-01T00:00:00-07:00", "2026-09-01 00:00:00"]
)
def test_a_billing_period_is_of_the_month_that_begins_where_it_was_written(file: Path, start: str) -> None:
    """East of Greenwich a month begins while it is still the day before in UTC."""
    [charge] = read_csv(file, FOCUS, {"BillingPeriodStart": start})
    assert str(charge["BillingPeriodStart"]).startswith("2026-09-01")


def test_a_currency_in_small_letters_or_between_blanks_is_that_currency(file: Path) -> None:
    """Its amounts belong to the others."""
    rows = [{}, {"BillingCurrency": "usd"}, {"BillingCurrency": " USD "}]
    assert {str(one["BillingCurrency"]) for one in read_csv(file, FOCUS, *rows)} == {"USD"}


@pytest.mark.parametrize("twice", ["BilledCost", "billed_cost", "BillingPeriodStart"])
def test_a_column_that_counts_and_is_there_twice_is_told(file: Path, twice: str) -> None:
    """One of both would be left out, and nobody would know which."""
    with pytest.raises(BadDeliveryError, match=r"column (BilledCost|BillingPeriodStart): it is there twice"):
        read_csv(file, FOCUS | {twice: "2", f"{twice} ": "2"}, {})


@pytest.mark.parametrize("cell", ["1_000", "0x10", "\uff11\uff12", "1.5-", "0,5", "1.234,50", "true"])
def test_what_only_looks_like_a_number_is_none(file: Path, cell: str) -> None:
    """It is told with its place, and not guessed."""
    with pytest.raises(BadDeliveryError, match=rf"row 1, column BilledCost: expected an amount .*found “{cell}”"):
        read_csv(file, FOCUS, {"BilledCost": cell})


def test_decimals_of_more_than_38_digits_in_parquet_are_exact(file: Path) -> None:
    """The engine by itself makes 25165824 of this 1.5."""
    amounts = pa.array([Decimal("1.5"), Decimal("-0.000000000000000004")], pa.decimal256(50, 28))
    rest = {name: [cell, cell] for name, cell in FOCUS.items() if name != "BilledCost"}
    pq.write_table(pa.table({"BilledCost": amounts, **rest}), file)
    assert costs(charges(file)) == [Decimal("-4e-18"), Decimal("1.5")]
    nested = pa.array([{"amount": Decimal("1.5")}] * 2, pa.struct({"amount": pa.decimal256(50, 28)}))
    pq.write_table(pa.table({"BilledCost": ["1", "2"], "x_Parts": nested, **rest}), file)
    with pytest.raises(BadDeliveryError, match="column x_Parts: it holds decimals of more than 38 digits"):
        charges(file)


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        ("BilledCost,BillingPeriodStart\n1,2026-09-01\n", "utf-16", "it is written in UTF-16: save it as UTF-8"),
        (json.dumps(GOOGLE | {"project": {"id": "ü"}}, ensure_ascii=False), "latin-1", "expected JSON in UTF-8"),
        ("BZh91AY&SY", "utf-8", "it is packed by bzip2: unpack it"),
        ("PK\x03\x04[Content_Types].xml", "utf-8", "a spreadsheet: unpack it, or save it as CSV"),
        ("cur/a.csv" + "\0" * 248 + "ustar\0", "utf-8", "it is a tar archive: unpack it"),
        ("BilledCost;BillingPeriodStart\n1;2026-09-01\n", "utf-8", "its columns are parted by semicolons"),
        ("BilledCost\tBillingPeriodStart\n1\t2026-09-01\n", "utf-8", "its columns are parted by tabs"),
    ],
)
def test_what_a_spreadsheet_or_an_editor_made_of_a_bill_is_told(
    file: Path, text: str, encoding: str, told: str
) -> None:
    """With what to do."""
    file.write_bytes(text.encode(encoding))
    with pytest.raises(BadDeliveryError, match=told):
        charges(file)
