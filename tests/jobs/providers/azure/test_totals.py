"""Azure's own sums, and its budgets."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from finops.periods import Period
from jobs.providers.answers import BadAnswerError
from jobs.providers.azure.budgets import Budget, budgets
from jobs.providers.azure.totals import monthly_totals

SCOPE = "subscriptions/s-1"
MONTH = Period.month(2026, 9)


def _page(rows: str, link: str | None = None) -> str:
    columns = '[{"name": "Cost", "type": "Number"}, {"name": "Currency", "type": "String"}]'
    return f'{{"properties": {{"columns": {columns}, "rows": {rows}, "nextLink": {json.dumps(link)}}}}}'


def test_a_months_sums_are_asked_of_both_lists(azure: Any) -> None:  # noqa: ANN401  of conftest
    """By currency, every page, each figure as it was written; being too early is waited out, though it is a POST."""
    link = "https://management.azure.com/subscriptions/s-1/providers/Microsoft.CostManagement/query?$skiptoken=2"
    own = {"x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "0"}
    azure.will("skiptoken", _page('[[0.1, "USD"]]'))
    azure.will("skiptoken", _page('[[0.4, "USD"]]'))
    azure.will("query?api-version", "{}", status=429, headers=own)
    azure.will("query?api-version", _page('[[1234.567890123456789, "EUR"], [6E-05, "USD"]]', link))
    assert monthly_totals(SCOPE, MONTH) == {
        "EUR": {"BilledCost": Decimal("1234.567890123456789"), "EffectiveCost": Decimal("1234.567890123456789")},
        "USD": {"BilledCost": Decimal("0.10006"), "EffectiveCost": Decimal("0.40006")},
    }
    bodies = [body for _, _, body in azure.asked]
    assert [body["type"] for body in bodies] == ["ActualCost"] * 3 + ["AmortizedCost"] * 2
    assert bodies[0]["timePeriod"] == {"from": "2026-09-01T00:00:00Z", "to": "2026-09-30T23:59:59Z"}


def test_a_recorded_answer_is_read(azure: Any, samples: Path) -> None:  # noqa: ANN401
    """Of 2019, when the column was called otherwise; a column that is missing is told, not guessed."""
    file = samples / "azure/costmanagement-cassettes/c7n-CostFilterTest.test_cost_resource_group.json"
    played = json.loads(file.read_text())["interactions"]
    (page,) = (one["response"]["body"]["data"] for one in played if "query" in one["request"]["uri"])
    rows = page["properties"]["rows"]
    azure.will("query?", json.dumps(page).replace("PreTaxCost", "Cost"))
    assert monthly_totals(SCOPE, MONTH)["USD"]["BilledCost"] == sum(Decimal(str(row[0])) for row in rows)
    azure.answers.clear()
    azure.will("query?", page)
    with pytest.raises(
        BadAnswerError, match=r"Microsoft\.CostManagement/query of subscriptions/s-1 answered in a shape"
    ):
        monthly_totals(SCOPE, MONTH)


def test_budgets_are_values(azure: Any, samples: Path) -> None:  # noqa: ANN401
    """As Microsoft recorded one of a resource group; once something was spent, the currency is known."""
    file = samples / "azure/consumption-api-recordings/test_budgets.test_budgets.yaml"
    played = yaml.safe_load(file.read_text())["interactions"]
    (text,) = (one["response"]["body"]["string"] for one in played if one["request"]["method"] == "GET")
    made, second = json.loads(text), json.loads(text)
    second["properties"] |= {
        "amount": 1234.56,
        "timeGrain": "Quarterly",
        "currentSpend": {"amount": 3.5, "unit": "EUR"},
    }
    azure.will("skiptoken", {"value": [second]})
    link = "https://management.azure.com/subscriptions/s-1/providers/Microsoft.Consumption/budgets?$skiptoken=2"
    azure.will("budgets", {"value": [made], "nextLink": link})
    group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/test_budgets_test_budgets85c60a49"
    assert list(budgets(SCOPE)) == [
        Budget("budget85c60a49", group, Decimal(100), None, "Monthly"),
        Budget("budget85c60a49", group, Decimal("1234.56"), "EUR", "Quarterly"),
    ]
