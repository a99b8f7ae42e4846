"""What breaks naive readers of Google's bills: the invoice's month, numbers, rows without a project."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.jobs.bills.rows import costs, read_json


def test_google_usage_of_one_month_may_be_on_the_next_invoice(file: Path) -> None:
    """The invoice's month counts, the days stay."""
    [charge] = read_json(file, {"usage_start_time": "2026-08-31 20:00:00 UTC"})
    assert str(charge["BillingPeriodStart"]).startswith("2026-09-01")
    assert str(charge["ChargePeriodStart"]).startswith("2026-08-31")


def test_google_numbers_and_times_are_read_as_connectors_write_them(file: Path) -> None:
    """With exponents, as text or not; seconds since 1970."""
    rows = [{"cost": "5.28E-4", "usage_start_time": "1.7566668E9"}, {"cost": 1e-06}]
    found = read_json(file, *rows)
    assert costs(found) == [Decimal("0.000001"), Decimal("0.000528")]
    assert str(found[1]["ChargePeriodStart"]).startswith("2025-08-31 19:00:00")


def test_google_tax_and_corrections_have_no_project_and_still_count(file: Path) -> None:
    """An adjustment of a month that is closed by then is a correction."""
    tax = {"cost_type": "tax", "project": None, "cost": "3"}
    mended = {"cost_type": "adjustment", "adjustment_info": {"id": "a"}, "usage_start_time": "2026-07-01 00:00:00 UTC"}
    found = [(one["ChargeCategory"], one["ChargeClass"], one["SubAccountId"]) for one in read_json(file, mended, tax)]
    assert found == [("Adjustment", "Correction", "p"), ("Tax", None, None)]
