"""What breaks naive readers of AWS's bills: ids, words for nothing, kinds of charges, a year's fee."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jobs.bills.normalized import charges
from tests.jobs.bills.rows import AWS, costs, read_csv


def test_an_aws_id_that_comes_again_is_another_charge(file: Path) -> None:
    """It is unique only together with its interval, and not even then from delivery to delivery."""
    later = {"identity/TimeInterval": "2026-09-01T01:00:00Z/2026-09-01T02:00:00Z", "lineItem/UnblendedCost": "2"}
    assert costs(read_csv(file, AWS, {}, later, {})) == [1, 1, 2]


@pytest.mark.parametrize("nothing", ["", "None", "NULL", "null", "NaN"])
def test_a_word_for_nothing_is_nothing(file: Path, nothing: str) -> None:
    """Not the name of a savings plan, and not an amount that cannot be read."""
    words = {"savingsPlan/SavingsPlanARN": nothing, "savingsPlan/SavingsPlanEffectiveCost": nothing}
    [charge] = read_csv(file, AWS, words)
    assert (charge["CommitmentDiscountId"], costs([charge], "EffectiveCost")) == (None, [1])


def test_text_in_a_price_that_no_total_needs_does_not_refuse_the_bill(file: Path) -> None:
    """A generator of test bills writes `convertible` there, and so might others."""
    [charge] = read_csv(file, AWS, {"pricing/publicOnDemandCost": "convertible"})
    assert costs([charge]) == [1]


def test_an_account_id_is_a_text(file: Path) -> None:
    """With thirteen digits, or a nought in front."""
    [charge] = read_csv(file, AWS, {})
    assert (charge["BillingAccountId"], charge["SubAccountId"]) == ("4090136019287", "0123456789012")


def test_both_spellings_of_an_aws_header_say_the_same(file: Path) -> None:
    """That of the report, and that of Athena and CUR 2.0."""
    snake = {
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).replace("/_", "_"): value
        for name, value in AWS.items()
    }
    slashes = read_csv(file, AWS, {})
    assert read_csv(file, {name.replace("a_r_n", "arn"): value for name, value in snake.items()}, {}) == slashes


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
        (one["ChargeCategory"], one["ChargeClass"], one["CommitmentDiscountStatus"])
        for one in read_csv(file, AWS, *kinds)
    ]
    assert found == [
        ("Credit", None, None),
        ("Adjustment", "Correction", None),
        ("Usage", None, "Unused"),
        ("Tax", None, None),
        ("Purchase", None, None),
    ]
    assert costs(charges(file)) == [-4, -3, 0, 2, 30]
    assert costs(charges(file), "EffectiveCost") == [-4, -3, 7, 2, 0]


@pytest.mark.parametrize("column", ["reservation/ReservationARN", "savingsPlan/SavingsPlanARN"])
def test_a_refund_of_an_aws_commitment_is_a_purchase_below_nothing(file: Path, column: str) -> None:
    """By FOCUS it takes back what would have been used: were it worth what is refunded, it would count twice."""
    [charge] = read_csv(
        file, AWS, {"lineItem/LineItemType": "Refund", "lineItem/UnblendedCost": "-90", column: "arn:x"}
    )
    kept = ("ChargeCategory", "ChargeClass", "CommitmentDiscountId", "CommitmentDiscountStatus")
    assert [charge[name] for name in kept] == ["Purchase", "Correction", "arn:x", None]
    assert (costs([charge]), costs([charge], "EffectiveCost")) == ([-90], [0])


def test_a_charge_belongs_to_its_bill_whatever_days_it_is_for(file: Path) -> None:
    """An upfront fee is for a year; a domain for the next."""
    dates = {"lineItem/UsageStartDate": "2027-01-01T00:00:00Z", "lineItem/UsageEndDate": "2028-01-01T00:00:00Z"}
    [charge] = read_csv(file, AWS, dates)
    assert str(charge["BillingPeriodStart"]).startswith("2026-09-01")
    assert str(charge["ChargePeriodEnd"]).startswith("2028-01-01")


def test_a_report_of_aws_without_the_column_is_in_dollars(file: Path) -> None:
    """In which AWS calculates; whoever pays in another currency has the column."""
    [charge] = read_csv(file, {name: cell for name, cell in AWS.items() if name != "lineItem/CurrencyCode"}, {})
    assert charge["BillingCurrency"] == "USD"
