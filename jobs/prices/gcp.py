"""Google's SKU catalogue: the pages of cloudbilling.googleapis.com/v1/services/SERVICE/skus, saved as JSON.

A SKU is a part (a core, a gibibyte of memory, a GPU), not a machine; on demand, spot and commitments are SKUs of their
own. Prices are whole units and billionths; of several tiers the first that costs something is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from finops.errors import BadDeliveryError
from finops.money import EXACT
from finops.prices import Price
from jobs.prices.values import amount, day

SOURCE = "Google Cloud Billing Catalog"
ALWAYS = date(1970, 1, 1)
"""From when a price holds of which Google says no day."""
BILLION = Decimal(10**9)
KINDS = {
    "OnDemand": "on_demand",
    "Preemptible": "spot",
    "Commit1Yr": "commitment_1y",
    "Commit3Yr": "commitment_3y",
}


def from_page(page: Mapping[str, Any], *, file: str) -> Iterator[Price]:
    """Read one page. Raises BadDeliveryError."""
    skus = page.get("skus")
    if not isinstance(skus, list):
        raise BadDeliveryError(file, "expected a page of Google's SKU catalogue, found no skus.")
    for number, sku in enumerate(skus, 1):
        name = KINDS.get(sku.get("category", {}).get("usageType", ""))
        if name:
            yield from _prices(sku, name, file, number)


def _prices(sku: Mapping[str, Any], name: str, file: str, row: int) -> Iterator[Price]:
    for info in sku.get("pricingInfo", ())[-1:]:
        expression = info.get("pricingExpression", {})
        first = _first_paid(expression, file, row)
        if first is None:
            continue
        value, currency = first
        base = Price(
            provider="gcp",
            region="",
            sku=str(sku["skuId"]),
            instance_type=None,
            on_demand=None,
            currency=currency,
            valid_from=day(since, file=file, row=row) if (since := info.get("effectiveTime")) else ALWAYS,
            source=SOURCE,
            unit=str(expression.get("usageUnitDescription") or expression.get("usageUnit") or ""),
        )
        for region in sku.get("serviceRegions", ()):
            yield replace(base, region=region).priced(name, value)


def _first_paid(expression: Mapping[str, Any], file: str, row: int) -> tuple[Decimal, str] | None:
    for tier in expression.get("tieredRates", ()):
        price = tier.get("unitPrice", {})
        units = amount(price.get("units") or "0", file=file, row=row, column="units")
        nanos = amount(str(price.get("nanos") or 0), file=file, row=row, column="nanos")
        if value := EXACT.add(units, EXACT.divide(nanos, BILLION)):
            return value, str(price.get("currencyCode") or "USD")
    return None
