"""Each provider's own format, in rows small enough to check by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from tests.jobs.bills.normalized import charges as _charges


def test_an_aws_savings_plan_covers_negates_and_leaves_its_unused_part(home: Path, tmp_path: Path) -> None:
    """Billed sums to the fee, effective to what was used and what was not."""
    header = (
        "lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UnblendedCost,savingsPlan/SavingsPlanEffectiveCost,"
        "savingsPlan/TotalCommitmentToDate,savingsPlan/UsedCommitment,savingsPlan/SavingsPlanARN,"
        "bill/PayerAccountId,lineItem/ProductCode,resourceTags/user:team,resourceTags/user:Env"
    )
    rows = [
        "SavingsPlanCoveredUsage,2026-09-01T00:00:00Z,10,6,,,arn:sp,0123456789012,AmazonEC2,web,",
        "SavingsPlanNegation,2026-09-01T00:00:00Z,-10,,,,arn:sp,0123456789012,AmazonEC2,,",
        "SavingsPlanRecurringFee,2026-09-01T00:00:00Z,8,,8,6,arn:sp,0123456789012,ComputeSavingsPlans,,",
    ]
    path = tmp_path / "cur.csv"
    path.write_text("\n".join([header, *rows, ""]))
    charges = _charges(path)
    assert sum(Decimal(str(one["BilledCost"])) for one in charges) == 8
    assert sum(Decimal(str(one["EffectiveCost"])) for one in charges) == 8
    assert {one["BillingAccountId"] for one in charges} == {"0123456789012"}
    assert [json.loads(str(one["Tags"])) for one in charges if one["Tags"]] == [{"team": "web"}]
    assert {one["CommitmentDiscountStatus"] for one in charges} == {"Used", "Unused", None}


def test_an_azure_export_wraps_its_tags_and_reads_american_dates(home: Path, tmp_path: Path) -> None:
    """With a byte order mark and Windows line ends, as Excel leaves it."""
    header = "\ufeffDate,BillingPeriodStartDate,CostInBillingCurrency,BillingCurrencyCode,MeterCategory,MeterId,Tags"
    row = '9/3/2026,09/01/2026,0.000012,EUR,Virtual Machines,m1,"""team"": ""web"""'
    path = tmp_path / "azure.csv"
    path.write_text(f"{header}\r\n{row}\r\n", encoding="utf-8", newline="")
    [charge] = _charges(path)
    assert str(charge["ChargePeriodStart"]).startswith("2026-09-03 00:00:00")
    assert str(charge["ChargePeriodEnd"]).startswith("2026-09-04 00:00:00")
    assert Decimal(str(charge["BilledCost"])) == Decimal("0.000012")
    assert (charge["BillingCurrency"], charge["ServiceCategory"]) == ("EUR", "Compute")
    assert json.loads(str(charge["Tags"])) == {"team": "web"}


def test_a_google_row_is_billed_with_its_credits_taken_off(home: Path, tmp_path: Path) -> None:
    """Rows one after the other, amounts as text or numbers, the invoice's month instead of the usage's."""
    row = {
        "billing_account_id": "A",
        "service": {"description": "Compute Engine"},
        "sku": {"id": "S", "description": "N1"},
        "usage_start_time": "2026-08-31 23:00:00 UTC",
        "usage_end_time": "2026-09-01 00:00:00 UTC",
        "project": {"id": "p", "labels": [{"key": "team", "value": "core"}]},
        "labels": [{"key": "team", "value": "web"}],
        "cost": "70",
        "currency": "USD",
        "credits": [{"name": "a", "amount": "-40.5"}, {"name": "b", "amount": -1e-06}],
        "invoice": {"month": "202609"},
        "cost_type": "regular",
    }
    path = tmp_path / "gcp.json"
    path.write_text(json.dumps(row, indent=2) + "\n" + json.dumps(row | {"cost": "1", "credits": []}))
    charges = _charges(path)
    assert {Decimal(str(one["BilledCost"])) for one in charges} == {Decimal("29.499999"), Decimal(1)}
    assert all(str(one["BillingPeriodStart"]).startswith("2026-09-01") for one in charges)
    assert json.loads(str(charges[0]["Tags"])) == {"team": "web"}
