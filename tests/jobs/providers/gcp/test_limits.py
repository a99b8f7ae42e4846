"""Google's budgets as ours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from google.cloud.billing import budgets_v1

from finops.budgets import Budget
from jobs import limits
from jobs.sources import SourceEntry

TABLE = "bigquery://shop.billing.gcp_billing_export_v1_0A1B2C_3D4E5F_6A7B8C"
FIXED = {"specified_amount": {"currency_code": "EUR", "units": 1000, "nanos": 500_000_000}}


def _set(name: str, amount: dict[str, Any], **about: Any) -> budgets_v1.Budget:  # noqa: ANN401  Google's own words
    return budgets_v1.Budget(
        name=f"billingAccounts/A/budgets/{name}", display_name=name, amount=amount, budget_filter=about
    )


def test_a_months_budget_of_the_whole_account_is_kept_and_others_are_told(cloud: Any) -> None:  # noqa: ANN401  of conftest
    """Projects are numbers there, and names in bills."""
    made = [
        _set("all", FIXED, calendar_period="MONTH"),
        _set("one project", FIXED, calendar_period="MONTH", projects=["projects/123"]),
        _set("quarter", FIXED, calendar_period="QUARTER"),
        _set("as before", {"last_period_amount": {}}, calendar_period="MONTH"),
    ]
    cloud.pages("ListBudgets", budgets_v1.ListBudgetsResponse(budgets=made))
    whole, *others = limits.fetch([SourceEntry(name="google", bills=TABLE)])
    assert whole.budget == Budget(
        name="all", amount=Decimal("1000.5"), currency="EUR", metric="billed", where={"provider": ("gcp",)}
    )
    assert [(one.budget, bool(one.lacking)) for one in others] == [(None, True)] * 3
