"""Savings Plans as FOCUS has them: use that is covered, the fee as purchase and waste."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path

from tests.jobs.bills.rows import AWS, costs, read_csv

PLAN = "savingsPlan/SavingsPlan"


def test_use_that_a_savings_plan_covers_bills_nothing_and_its_fee_is_purchase_and_waste(file: Path) -> None:
    """What used it and what did not are together what it cost."""
    kinds = [
        ("SavingsPlanCoveredUsage", "1.5", "0.9", "", ""),
        ("SavingsPlanNegation", "-1.5", "", "", ""),
        ("SavingsPlanRecurringFee", "1", "", "1", "0.9"),
    ]
    headers = ("lineItem/LineItemType", "lineItem/UnblendedCost", f"{PLAN}EffectiveCost")
    headers += ("savingsPlan/TotalCommitmentToDate", "savingsPlan/UsedCommitment")
    rows = [{**dict(zip(headers, row, strict=True)), f"{PLAN}ARN": "arn:p"} for row in kinds]
    told = ("ChargeCategory", "CommitmentDiscountStatus", "BilledCost", "EffectiveCost", "ListCost")
    found = {
        tuple(_number(one[name]) for name in told) for one in read_csv(file, AWS | dict.fromkeys(rows[0], ""), *rows)
    }
    assert found == {
        ("Usage", "Used", 0, Decimal("0.9"), 2),
        ("Usage", None, 0, 0, 0),
        ("Purchase", None, 1, 0, 2),
        ("Usage", "Unused", 0, Decimal("0.1"), 0),
    }


def test_covered_use_whose_negation_is_not_in_the_report_stays_billed(file: Path) -> None:
    """Generators of test bills leave it out; a total never changes."""
    row = {"lineItem/LineItemType": "SavingsPlanCoveredUsage", "lineItem/UnblendedCost": "1.5", f"{PLAN}ARN": "arn:p"}
    assert costs(read_csv(file, AWS | dict.fromkeys(row, ""), row)) == [Decimal("1.5")]


def _number(cell: object) -> object:
    try:
        return Decimal(str(cell))
    except InvalidOperation:
        return cell
