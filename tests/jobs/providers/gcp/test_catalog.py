"""Prices, billing accounts and budgets, over gRPC on the loopback and from a recorded page."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.cloud import billing_v1
from google.cloud.billing import budgets_v1
from google.rpc import code_pb2

from jobs.prices import gcp as prices
from jobs.providers.answers import BadAnswerError
from jobs.providers.gcp import catalog


def _sku(sku_id: str, *tiers: tuple[float, int, int], effective: str = "2026-03-24T10:52:50.681Z") -> billing_v1.Sku:
    """Return a line of the price list: from an amount on, units and billionths of a unit of money."""
    rates = [
        {"start_usage_amount": start, "unit_price": {"currency_code": "EUR", "units": units, "nanos": nanos}}
        for start, units, nanos in tiers
    ]
    expression = {"usage_unit": "GiBy.mo", "base_unit": "By.s", "base_unit_conversion_factor": 2.8e15}
    prices = [{"effective_time": effective, "pricing_expression": {**expression, "tiered_rates": rates}}]
    return billing_v1.Sku(
        name=f"services/S-1/skus/{sku_id}",
        sku_id=sku_id,
        description="Storage PD Capacity",
        category={"resource_family": "Storage", "resource_group": "SSD", "usage_type": "OnDemand"},
        service_regions=["us-west1"],
        pricing_info=prices if tiers else [],
    )


def test_prices_of_every_page_are_exact_and_tiered(cloud: Any) -> None:  # noqa: ANN401
    """A billionth of a euro is not lost beside 12 of them; what is free up to an amount says so."""
    first = billing_v1.ListSkusResponse(skus=[_sku("A", (0, 0, 0), (30.5, 12, 1)), _sku("unsold")])
    cloud.pages("ListSkus", first, billing_v1.ListSkusResponse(skus=[_sku("B", (0, 0, 40_000_000))]))
    one, other = catalog.skus("S-1", currency="EUR")
    assert [(rate.start, rate.price) for rate in one.rates] == [
        (Decimal(0), Decimal(0)),
        (Decimal("30.5"), Decimal("12.000000001")),
    ]
    assert (one.price, other.price, other.currency) == (Decimal("12.000000001"), Decimal("0.04"), "EUR")
    assert (one.unit, one.base_units, one.regions, one.usage_type) == (
        "GiBy.mo",
        Decimal("2.8e15"),
        ("us-west1",),
        "OnDemand",
    )
    asked = cloud.asked[0][1]
    assert (asked.parent, asked.currency_code, asked.page_size) == ("services/S-1", "EUR", 5000)


def test_pages_are_what_the_importer_of_prices_reads(cloud: Any) -> None:  # noqa: ANN401
    """Asked live they are as they are saved."""
    cloud.pages("ListSkus", billing_v1.ListSkusResponse(skus=[_sku("A", (0, 12, 1))]))
    (page,) = catalog.pages("S-1", currency="EUR")
    (price,) = prices.from_page(page, file="live")
    assert (price.sku, price.region, price.on_demand, price.currency) == (
        "A",
        "us-west1",
        Decimal("12.000000001"),
        "EUR",
    )


def test_a_page_of_prices_that_fails_once_is_asked_again(cloud: Any, waited: list[float]) -> None:  # noqa: ANN401
    """The quota is 300 calls a minute."""
    pages = [billing_v1.ListSkusResponse(skus=[_sku(name, (0, 1, 0))]) for name in "AB"]
    cloud.pages("ListSkus", *pages)
    cloud.errors["ListSkus"].append(None)
    cloud.once("ListSkus", code_pb2.UNAVAILABLE, "try again")
    assert [one.sku_id for one in catalog.skus("S-1")] == ["A", "B"]
    assert len(waited) == 1


def test_a_refused_page_of_prices_ends_the_list(cloud: Any) -> None:  # noqa: ANN401
    """Whoever reads it must not take the first page for all."""
    pages = [billing_v1.ListSkusResponse(skus=[_sku(name, (0, 1, 0))]) for name in "AB"]
    cloud.pages("ListSkus", *pages)
    cloud.errors["ListSkus"].append(None)
    cloud.refuse("ListSkus", "billing.skus.list")
    with pytest.raises(BadAnswerError, match=r"grant billing\.skus\.list"):
        list(catalog.skus("S-1"))


def test_a_recorded_page_is_read_the_same(samples: Path) -> None:
    """As another project recorded it."""
    page = json.loads((samples / "gcp" / "catalog" / "opencost-skus.json").read_text())
    found = {one.sku_id: one for one in catalog.read(page)}
    gpu = found["039F-D0DA-4055"]
    assert (gpu.price, gpu.unit, gpu.group) == (Decimal("2.933908"), "h", "GPU")
    assert gpu.regions == ("us-central1", "us-east1", "us-west1")
    assert found["2390-DCAF-DA38"].price == Decimal("0.004237")


def test_a_page_of_something_else_is_told() -> None:
    """With what is missing."""
    with pytest.raises(BadAnswerError, match=r"services\.skus\.list answered without 'category'"):
        list(catalog.read({"skus": [{"skuId": "A", "pricingInfo": [{}]}]}))


def test_accounts_and_their_projects_are_listed(cloud: Any) -> None:  # noqa: ANN401
    """Projects whose billing is switched off are not paid by anybody."""
    account = billing_v1.BillingAccount(name="billingAccounts/A-1", display_name="Main", open=True)
    cloud.pages("ListBillingAccounts", billing_v1.ListBillingAccountsResponse(billing_accounts=[account]))
    paid = [
        billing_v1.ProjectBillingInfo(project_id=name, billing_enabled=name != "off") for name in ("web", "off", "api")
    ]
    answers = [billing_v1.ListProjectBillingInfoResponse(project_billing_info=part) for part in (paid[:1], paid[1:])]
    cloud.pages("ListProjectBillingInfo", *answers)
    assert catalog.accounts() == [catalog.Account("A-1", "Main", open=True, parent="")]
    assert catalog.projects("A-1") == ["api", "web"]


def test_services_are_named(cloud: Any) -> None:  # noqa: ANN401
    """By the ids that SKUs and bills carry."""
    service = billing_v1.Service(service_id="6F81-5844-456A", display_name="Compute Engine")
    cloud.pages("ListServices", billing_v1.ListServicesResponse(services=[service]))
    assert catalog.services()[catalog.COMPUTE_ENGINE] == "Compute Engine"


def test_budgets_are_exact_and_say_when_they_follow_the_last_period(cloud: Any) -> None:  # noqa: ANN401
    """One with an amount, one without."""
    budgets = [
        budgets_v1.Budget(
            name="billingAccounts/A-1/budgets/b-1",
            display_name="Shop",
            amount={"specified_amount": {"currency_code": "EUR", "units": 1000, "nanos": 500_000_000}},
            threshold_rules=[{"threshold_percent": 0.9}],
            budget_filter={"projects": ["projects/123"], "calendar_period": "MONTH"},
        ),
        budgets_v1.Budget(name="billingAccounts/A-1/budgets/b-2", amount={"last_period_amount": {}}),
    ]
    cloud.pages("ListBudgets", budgets_v1.ListBudgetsResponse(budgets=budgets))
    fixed, moving = catalog.budgets("A-1")
    assert (fixed.amount, fixed.currency, fixed.thresholds) == (Decimal("1000.5"), "EUR", (Decimal("0.9"),))
    assert (fixed.budget_id, fixed.projects, fixed.period) == ("b-1", ("projects/123",), "MONTH")
    assert (moving.amount, moving.currency) == (None, None)
