"""Azure's budgets as ours."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from finops.budgets import Budget
from jobs import limits
from jobs.cli.budgets import budgets
from jobs.sources import SourceEntry
from storage.settings import settings

BILLS = SourceEntry(name="azure", bills="azure-usage://subscriptions/s-1?since=2026-01")


def _set(name: str, scope: str, grain: str = "Monthly") -> dict[str, Any]:
    spent = {"amount": 1, "unit": "EUR"}
    return {
        "id": f"{scope}/providers/Microsoft.Consumption/budgets/{name}",
        "name": name,
        "properties": {"category": "Cost", "amount": 1234.56, "timeGrain": grain, "currentSpend": spent},
    }


def test_a_months_budget_of_a_subscription_is_kept_and_others_are_told(azure: Any) -> None:  # noqa: ANN401  of conftest
    """Once a scope, however many sources read it."""
    group = "/subscriptions/s-1/resourceGroups/web"
    made = [_set("shop", "/subscriptions/s-1"), _set("web", group), _set("year", "/subscriptions/s-1", "Annually")]
    azure.will("budgets", {"value": made})
    shop, web, year = limits.fetch([BILLS, BILLS.model_copy(update={"name": "again"})])
    assert shop.budget == Budget(
        name="shop", amount=Decimal("1234.56"), currency="EUR", metric="billed", where={"account": ("s-1",)}
    )
    assert (web.budget, f"it is about {group}" in web.lacking) == (None, True)
    assert (year.budget, "Annually" in year.lacking) == (None, True)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A COSTS_HOME that no other test reads budgets of."""
    monkeypatch.setenv("COSTS_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


def test_a_person_sees_them_before_they_are_kept(azure: Any, own: Path) -> None:  # noqa: ANN401  as above
    """Twice changes nothing; what is left out is said with its reason."""
    listed = own / "sources.yaml"
    listed.write_text(f"sources:\n- {{name: azure, bills: '{BILLS.bills}'}}\n")
    made = {"value": [_set("shop", "/subscriptions/s-1"), _set("year", "/subscriptions/s-1", "Annually")]}
    for _ in range(3):
        azure.will("budgets", made)
    told = [
        CliRunner().invoke(budgets, ["fetch", "--sources", str(listed), *more], catch_exceptions=False).output
        for more in ([], ["--save"], ["--save"])
    ]
    assert "1,234.56 EUR a month, billed  account=s-1" in told[0]
    assert "year of azure is left out: it is of another span than a month (Annually)." in told[0]
    assert "Nothing is kept yet" in told[0]
    assert "1 added to budgets.yaml; 0 were there already." in told[1]
    assert "0 added to budgets.yaml; 1 were there already." in told[2]
    assert "1,234.56 EUR" in CliRunner().invoke(budgets, []).output
