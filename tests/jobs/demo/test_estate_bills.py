"""The company's bills add up to its truth, to the last digit: charges, commitments, hours and days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from finops.money import EXACT, total
from jobs.demo.estate import Estate
from tests.jobs.demo.days import MONTHS, TODAY


def summed(pairs: Iterator[tuple[str, Decimal]]) -> tuple[dict[str, Decimal], dict[str, int]]:
    """Return sum and number by month, exactly."""
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    for month, amount in pairs:
        amounts[month].append(amount)
    return {month: total(each) for month, each in amounts.items()}, {
        month: len(each) for month, each in amounts.items()
    }


def check(built: Estate, provider: str, pairs: Iterator[tuple[str, Decimal]]) -> None:
    """Compare what stands in the files with the truth, to the last digit."""
    sums, rows = summed(pairs)
    truth = built.truth["totals"][provider]
    assert list(truth) == MONTHS
    assert sums == {month: Decimal(known["billed_cost"]) for month, known in truth.items()}
    assert rows == {month: known["rows"] for month, known in truth.items()}


def test_the_aws_report_sums_up_to_the_truth(built: Estate, aws_rows: list[dict[str, str]]) -> None:
    """Unblended cost by billing period."""
    rows = ((row["bill/BillingPeriodStartDate"][:7], Decimal(row["lineItem/UnblendedCost"])) for row in aws_rows)
    check(built, "aws", rows)


def test_the_azure_export_sums_up_to_the_truth(built: Estate, azure_rows: list[tuple[str, str, str, str]]) -> None:
    """Cost in the billing currency by billing period."""
    check(built, "azure", ((f"{period[6:]}-{period[:2]}", Decimal(cost)) for period, _, _, cost in azure_rows))


def test_the_google_export_sums_up_to_the_truth(built: Estate, gcp_rows: list[dict[str, Any]]) -> None:
    """Cost with its credits, by invoice month."""
    rows = (
        (
            f"{row['invoice']['month'][:4]}-{row['invoice']['month'][4:]}",
            total([Decimal(row["cost"]), *(Decimal(credit["amount"]) for credit in row["credits"])]),
        )
        for row in gcp_rows
    )
    check(built, "gcp", rows)


def test_a_savings_plan_costs_what_its_use_and_its_rest_are_worth(aws_rows: list[dict[str, str]]) -> None:
    """Each day: the fee is used + unused, used is what covered rows say, and negation takes their price away."""
    days: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in aws_rows:
        if row["savingsPlan/SavingsPlanARN"]:
            day = days[row["lineItem/UsageStartDate"]]
            kind = row["lineItem/LineItemType"]
            day[kind] = EXACT.add(day[kind], Decimal(row["lineItem/UnblendedCost"]))
            for name in ("SavingsPlanEffectiveCost", "UsedCommitment", "TotalCommitmentToDate"):
                day[name] = EXACT.add(day[name], Decimal(row[f"savingsPlan/{name}"] or 0))
    assert len(days) == (TODAY - date(2025, 10, 1)).days
    for day in days.values():
        assert day["SavingsPlanRecurringFee"] == day["TotalCommitmentToDate"] == Decimal(204)
        assert day["UsedCommitment"] == day["SavingsPlanEffectiveCost"] > 0
        assert day["SavingsPlanCoveredUsage"] == -day["SavingsPlanNegation"]
    unused = total(EXACT.subtract(day["TotalCommitmentToDate"], day["UsedCommitment"]) for day in days.values())
    assert unused > 1000, "the plan was too large for its first weeks"


def test_a_reservation_costs_over_its_term_what_its_use_and_its_rest_are_worth(aws_rows: list[dict[str, str]]) -> None:
    """Upfront + recurring fees = effective cost used + unused, over the twelve months, exactly."""
    paid, used, unused, days = Decimal(0), Decimal(0), Decimal(0), set()
    for row in aws_rows:
        if row["reservation/ReservationARN"]:
            paid = EXACT.add(paid, Decimal(row["lineItem/UnblendedCost"]))
            used = EXACT.add(used, Decimal(row["reservation/EffectiveCost"] or 0))
            for name in ("UnusedAmortizedUpfrontFeeForBillingPeriod", "UnusedRecurringFee"):
                unused = EXACT.add(unused, Decimal(row[f"reservation/{name}"] or 0))
            days.add(row["lineItem/UsageStartDate"][:10])
    assert paid == EXACT.add(used, unused)
    assert max(days) == "2026-08-31"
    assert unused > 200, "one of its machines was off for a month"


def test_a_machine_is_billed_for_no_more_hours_than_a_day_has(aws_rows: list[dict[str, str]]) -> None:
    """On demand, covered and reserved together: an hour is charged under one of them."""
    hours: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in aws_rows:
        if row["lineItem/UsageType"].startswith("BoxUsage") and row["lineItem/ResourceId"]:
            hours[row["lineItem/ResourceId"], row["lineItem/UsageStartDate"]] += Decimal(row["lineItem/UsageAmount"])
    assert set(hours.values()) == {Decimal(24), Decimal(10)}


def test_a_pacific_day_is_billed_once_also_when_clocks_change(gcp_rows: list[dict[str, Any]]) -> None:
    """Days follow each other without gap or overlap, and late charges stand on the next invoice."""
    days = {(row["usage_start_time"], row["usage_end_time"]) for row in gcp_rows}
    starts = sorted(start for start, _ in days)
    assert len(starts) == (TODAY - date(2025, 9, 1)).days
    assert all((start, end) in days for start, end in pairwise(starts))
    late = {row["invoice"]["month"] for row in gcp_rows if row["usage_start_time"].startswith("2025-10-31")}
    assert late == {"202510", "202511"}
