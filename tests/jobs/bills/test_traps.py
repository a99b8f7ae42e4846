"""What breaks naive readers of bills: each trap in rows small enough to check by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.errors import BadDeliveryError
from tests.jobs.bills.normalized import charges

AWS = {
    "identity/LineItemId": "id-1",
    "identity/TimeInterval": "2026-09-01T00:00:00Z/2026-09-01T01:00:00Z",
    "bill/PayerAccountId": "4090136019287",
    "bill/BillType": "Anniversary",
    "bill/InvoiceId": "",
    "bill/BillingPeriodStartDate": "2026-09-01T00:00:00Z",
    "bill/BillingPeriodEndDate": "2026-10-01T00:00:00Z",
    "lineItem/UsageAccountId": "0123456789012",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-09-01T00:00:00Z",
    "lineItem/UsageEndDate": "2026-09-01T01:00:00Z",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "1",
    "pricing/publicOnDemandCost": "2",
    "reservation/ReservationARN": "",
    "reservation/EffectiveCost": "",
    "reservation/UnusedRecurringFee": "",
    "savingsPlan/SavingsPlanARN": "",
    "savingsPlan/SavingsPlanEffectiveCost": "",
}
AZURE = {
    "Id": "same",
    "BillingPeriodStartDate": "09/01/2026",
    "Date": "09/03/2026",
    "CostInBillingCurrency": "1",
    "BillingCurrencyCode": "EUR",
    "MeterCategory": "Storage",
    "MeterId": "m",
    "SubscriptionId": "s",
    "ResourceLocation": "West Europe",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "BenefitId": "",
    "Tags": "",
}
GOOGLE = {
    "billing_account_id": "A",
    "service": {"description": "Compute Engine"},
    "sku": {"id": "S", "description": "N1"},
    "usage_start_time": "2026-09-01 00:00:00 UTC",
    "usage_end_time": "2026-09-01 01:00:00 UTC",
    "project": {"id": "p"},
    "cost": "1",
    "currency": "USD",
    "credits": [],
    "invoice": {"month": "202609"},
    "cost_type": "regular",
}
Charges = list[dict[str, object]]


def _csv(path: Path, base: dict[str, str], *rows: dict[str, str], end: str = "\n") -> Charges:
    lines = [",".join(base)]
    for row in rows:
        cells = (base | row).values()
        lines.append(",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in cells))
    path.write_text(end.join([*lines, ""]), newline="")
    return charges(path)


def _json(path: Path, *rows: dict[str, object]) -> Charges:
    path.write_text("\n".join(json.dumps(GOOGLE | row) for row in rows))
    return charges(path)


def _costs(found: Charges, column: str = "BilledCost") -> list[Decimal]:
    return [Decimal(str(one[column])) for one in found]


@pytest.fixture
def file(home: Path, tmp_path: Path) -> Path:
    """Where a bill goes."""
    del home
    return tmp_path / "bill"


def test_an_aws_id_that_comes_again_is_another_charge(file: Path) -> None:
    """It is unique only together with its interval, and not even then from delivery to delivery."""
    later = {"identity/TimeInterval": "2026-09-01T01:00:00Z/2026-09-01T02:00:00Z", "lineItem/UnblendedCost": "2"}
    assert _costs(_csv(file, AWS, {}, later, {})) == [1, 1, 2]


def test_azure_records_that_share_an_id_are_all_counted(file: Path) -> None:
    """Twenty pairs of a real month do, and differ in cost."""
    assert _costs(_csv(file, AZURE, {}, {"CostInBillingCurrency": "9.72"})) == [1, Decimal("9.72")]


@pytest.mark.parametrize("nothing", ["", "None", "NULL", "null", "NaN"])
def test_a_word_for_nothing_is_nothing(file: Path, nothing: str) -> None:
    """Not the name of a savings plan, and not an amount that cannot be read."""
    words = {"savingsPlan/SavingsPlanARN": nothing, "savingsPlan/SavingsPlanEffectiveCost": nothing}
    [charge] = _csv(file, AWS, words)
    assert (charge["CommitmentDiscountId"], _costs([charge], "EffectiveCost")) == (None, [1])


def test_text_in_a_price_that_no_total_needs_does_not_refuse_the_bill(file: Path) -> None:
    """A generator of test bills writes `convertible` there, and so might others."""
    [charge] = _csv(file, AWS, {"pricing/publicOnDemandCost": "convertible"})
    assert _costs([charge]) == [1]


def test_an_account_id_is_a_text(file: Path) -> None:
    """With thirteen digits, or a nought in front."""
    [charge] = _csv(file, AWS, {})
    assert (charge["BillingAccountId"], charge["SubAccountId"]) == ("4090136019287", "0123456789012")


def test_amounts_keep_every_digit_there_is_room_for(file: Path) -> None:
    """Eighteen decimals; 28 are rounded once, at the eighteenth, and exponents are read."""
    rows = [{"CostInBillingCurrency": cost} for cost in ("16.2969321366366462748541900000", "6.1e-05", "-1.5E+1")]
    assert _costs(_csv(file, AZURE, *rows)) == [Decimal(-15), Decimal("0.000061"), Decimal("16.296932136636646275")]


def test_both_spellings_of_an_aws_header_say_the_same(file: Path) -> None:
    """That of the report, and that of Athena and CUR 2.0."""
    snake = {
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).replace("/_", "_"): value
        for name, value in AWS.items()
    }
    slashes = _csv(file, AWS, {})
    assert _csv(file, {name.replace("a_r_n", "arn"): value for name, value in snake.items()}, {}) == slashes


def test_credits_refunds_taxes_and_fees_are_what_they_are(file: Path) -> None:
    """A refund of an invoiced month corrects it; a reservation's fee is worth what was not used."""
    kinds = [
        {"lineItem/LineItemType": "Credit", "lineItem/UnblendedCost": "-4"},
        {"lineItem/LineItemType": "Refund", "lineItem/UnblendedCost": "-3", "bill/InvoiceId": "I-1"},
        {"lineItem/LineItemType": "Tax", "lineItem/UnblendedCost": "2"},
        {
            "lineItem/LineItemType": "RIFee",
            "lineItem/UnblendedCost": "30",
            "reservation/ReservationARN": "arn:ri",
            "reservation/UnusedRecurringFee": "7",
        },
    ]
    found = [
        (one["ChargeCategory"], one["ChargeClass"], one["CommitmentDiscountStatus"]) for one in _csv(file, AWS, *kinds)
    ]
    assert found == [
        ("Credit", None, None),
        ("Adjustment", "Correction", None),
        ("Usage", None, "Unused"),
        ("Tax", None, None),
        ("Purchase", None, None),
    ]
    assert _costs(charges(file)) == [-4, -3, 0, 2, 30]
    assert _costs(charges(file), "EffectiveCost") == [-4, -3, 7, 2, 0]


@pytest.mark.parametrize("column", ["reservation/ReservationARN", "savingsPlan/SavingsPlanARN"])
def test_a_refund_of_an_aws_commitment_is_a_purchase_below_nothing(file: Path, column: str) -> None:
    """By FOCUS it takes back what would have been used: were it worth what is refunded, it would count twice."""
    [charge] = _csv(file, AWS, {"lineItem/LineItemType": "Refund", "lineItem/UnblendedCost": "-90", column: "arn:x"})
    kept = ("ChargeCategory", "ChargeClass", "CommitmentDiscountId", "CommitmentDiscountStatus")
    assert [charge[name] for name in kept] == ["Purchase", "Correction", "arn:x", None]
    assert (_costs([charge]), _costs([charge], "EffectiveCost")) == ([-90], [0])


def test_a_charge_belongs_to_its_bill_whatever_days_it_is_for(file: Path) -> None:
    """An upfront fee is for a year; a domain for the next."""
    dates = {"lineItem/UsageStartDate": "2027-01-01T00:00:00Z", "lineItem/UsageEndDate": "2028-01-01T00:00:00Z"}
    [charge] = _csv(file, AWS, dates)
    assert str(charge["BillingPeriodStart"]).startswith("2026-09-01")
    assert str(charge["ChargePeriodEnd"]).startswith("2028-01-01")


@pytest.mark.parametrize(
    "day", ["09/03/2026", "9/3/2026", "2026-09-03", "2026-09-03T00:00:00Z", "9/3/2026 12:00:00 AM"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_way_azure_writes_a_day_is_that_day(file: Path, day: str, end: str) -> None:
    """Enterprise agreements, spreadsheets, pay as you go and the interface; with either line end."""
    [charge] = _csv(file, AZURE, {"Date": day}, end=end)
    assert str(charge["ChargePeriodStart"]).startswith("2026-09-03 00:00:00")


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ('""team"": ""web""', {"team": "web"}),
        ('{""team"": ""web""}', {"team": "web"}),
        ("", None),
        ('""""', None),
    ],
)
def test_azure_tags_are_read_with_and_without_braces(file: Path, cell: str, tags: dict[str, str] | None) -> None:
    """What is no JSON is no tag, and no reason to refuse the bill."""
    file.write_text(",".join(AZURE) + "\n" + ",".join((AZURE | {"Tags": f'"{cell}"' if cell else ""}).values()) + "\n")
    [charge] = charges(file)
    assert (json.loads(str(charge["Tags"])) if charge["Tags"] else None) == tags


def test_a_localized_azure_header_is_known_by_what_stands_in_brackets(file: Path) -> None:
    """`Ort (ResourceLocation)`, as portals in other languages write it."""
    names = {"ResourceLocation": "Ort (ResourceLocation)", "CostInBillingCurrency": "Kosten (CostInBillingCurrency)"}
    [charge] = _csv(file, {names.get(name, name): value for name, value in AZURE.items()}, {})
    assert (charge["RegionId"], _costs([charge])) == ("westeurope", [1])


def test_a_currency_is_never_guessed_and_never_mixed(file: Path) -> None:
    """A placeholder stays one: its amounts are nobody else's."""
    found = _csv(file, AZURE, {}, {"BillingCurrencyCode": "MC"}, {"BillingCurrencyCode": "USD"})
    assert sorted(str(one["BillingCurrency"]) for one in found) == ["EUR", "MC", "USD"]


@pytest.mark.parametrize(
    ("base", "column"), [("aws", "lineItem/CurrencyCode"), ("azure", "BillingCurrencyCode"), ("gcp", "currency")]
)
def test_an_amount_whose_currency_is_not_named_is_of_none(file: Path, base: str, column: str) -> None:
    """XXX, as ISO 4217 has it; dollars would be a guess."""
    rows = {"aws": AWS, "azure": AZURE}
    found = _csv(file, rows[base] | {column: ""}, {}) if base in rows else _json(file, {column: None})
    assert [one["BillingCurrency"] for one in found] == ["XXX"]


def test_a_currencys_code_is_the_same_in_small_letters(file: Path) -> None:
    """And what only fills its place is none."""
    codes = ("usd", "USD", "Usd", "n/a", "-", "unknown", "credits")
    found = _csv(file, AZURE, *({"BillingCurrencyCode": code} for code in codes))
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


def test_a_report_of_aws_without_the_column_is_in_dollars(file: Path) -> None:
    """In which AWS calculates; whoever pays in another currency has the column."""
    [charge] = _csv(file, {name: cell for name, cell in AWS.items() if name != "lineItem/CurrencyCode"}, {})
    assert charge["BillingCurrency"] == "USD"


def test_a_sentence_is_no_currency(file: Path) -> None:
    """It is told with its place."""
    with pytest.raises(BadDeliveryError, match=r"row 2, column BillingCurrency: .* such as EUR, found “see; note 7”"):
        _csv(file, AZURE, {}, {"BillingCurrencyCode": "see; note 7"})


def test_focus_1_3_calls_the_provider_otherwise(file: Path) -> None:
    """ProviderName became ServiceProviderName."""
    header = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ServiceProviderName"
    file.write_text(f"{header},HostProviderName\n2026-09-01,2026-09-02,EUR,1.5,1.25,Amazon Web Services,AWS\n")
    [charge] = charges(file)
    assert (charge["x_provider"], charge["ProviderName"]) == ("aws", "Amazon Web Services")


def test_google_usage_of_one_month_may_be_on_the_next_invoice(file: Path) -> None:
    """The invoice's month counts, the days stay."""
    [charge] = _json(file, {"usage_start_time": "2026-08-31 20:00:00 UTC"})
    assert str(charge["BillingPeriodStart"]).startswith("2026-09-01")
    assert str(charge["ChargePeriodStart"]).startswith("2026-08-31")


def test_google_numbers_and_times_are_read_as_connectors_write_them(file: Path) -> None:
    """With exponents, as text or not; seconds since 1970."""
    rows = [{"cost": "5.28E-4", "usage_start_time": "1.7566668E9"}, {"cost": 1e-06}]
    found = _json(file, *rows)
    assert _costs(found) == [Decimal("0.000001"), Decimal("0.000528")]
    assert str(found[1]["ChargePeriodStart"]).startswith("2025-08-31 19:00:00")


def test_google_tax_and_corrections_have_no_project_and_still_count(file: Path) -> None:
    """An adjustment of a month that is closed by then is a correction."""
    tax = {"cost_type": "tax", "project": None, "cost": "3"}
    mended = {"cost_type": "adjustment", "adjustment_info": {"id": "a"}, "usage_start_time": "2026-07-01 00:00:00 UTC"}
    found = [(one["ChargeCategory"], one["ChargeClass"], one["SubAccountId"]) for one in _json(file, mended, tax)]
    assert found == [("Adjustment", "Correction", "p"), ("Tax", None, None)]


def test_a_fourth_provider_is_read_from_its_focus_file_alone(file: Path) -> None:
    """Without a line of code about it."""
    header = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName"
    file.write_text(f"{header}\n2026-09-01,2026-09-02,EUR,1.5,1.25,Nimbus Cloud,Blocks\n")
    [charge] = charges(file)
    assert (charge["x_provider"], charge["ServiceName"]) == ("nimbus-cloud", "Blocks")
    assert _costs([charge], "EffectiveCost") == [Decimal("1.25")]


FOCUS = {
    "BilledCost": "1",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "ChargePeriodStart": "2026-09-03T00:00:00Z",
    "ServiceName": "Blocks",
}


@pytest.mark.parametrize(
    "start", ["2026-09-01T00:00:00+02:00", "2026-08-31T15:00:00Z", "2026-09-01T00:00:00-07:00", "2026-09-01 00:00:00"]
)
def test_a_billing_period_is_of_the_month_that_begins_where_it_was_written(file: Path, start: str) -> None:
    """East of Greenwich a month begins while it is still the day before in UTC."""
    [charge] = _csv(file, FOCUS, {"BillingPeriodStart": start})
    assert str(charge["BillingPeriodStart"]).startswith("2026-09-01")


def test_a_currency_in_small_letters_or_between_blanks_is_that_currency(file: Path) -> None:
    """Its amounts belong to the others."""
    rows = [{}, {"BillingCurrency": "usd"}, {"BillingCurrency": " USD "}]
    assert {str(one["BillingCurrency"]) for one in _csv(file, FOCUS, *rows)} == {"USD"}


@pytest.mark.parametrize("twice", ["BilledCost", "billed_cost", "BillingPeriodStart"])
def test_a_column_that_counts_and_is_there_twice_is_told(file: Path, twice: str) -> None:
    """One of both would be left out, and nobody would know which."""
    with pytest.raises(BadDeliveryError, match=r"column (BilledCost|BillingPeriodStart): it is there twice"):
        _csv(file, FOCUS | {twice: "2", f"{twice} ": "2"}, {})


@pytest.mark.parametrize("cell", ["1_000", "0x10", "\uff11\uff12", "1.5-", "0,5", "1.234,50", "true"])
def test_what_only_looks_like_a_number_is_none(file: Path, cell: str) -> None:
    """It is told with its place, and not guessed."""
    with pytest.raises(BadDeliveryError, match=rf"row 1, column BilledCost: expected an amount .*found “{cell}”"):
        _csv(file, FOCUS, {"BilledCost": cell})


def test_decimals_of_more_than_38_digits_in_parquet_are_exact(file: Path) -> None:
    """The engine by itself makes 25165824 of this 1.5."""
    amounts = pa.array([Decimal("1.5"), Decimal("-0.000000000000000004")], pa.decimal256(50, 28))
    rest = {name: [cell, cell] for name, cell in FOCUS.items() if name != "BilledCost"}
    pq.write_table(pa.table({"BilledCost": amounts, **rest}), file)
    assert _costs(charges(file)) == [Decimal("-4e-18"), Decimal("1.5")]
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
