"""Rows of usage details under the headers of Azure's cost exports, which the rules for bills read.

Two lists are read: what was billed, and what was used of reservations and savings plans in its stead (amortized). Both
hold everything that has nothing to do with commitments, so of the second only what has is taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from jobs.providers.answers import reading

Row = dict[str, Any]
BILLED, WORTH = "CostInBillingCurrency", "x_AmortizedCost"
COSTS = ("costInBillingCurrency", "cost", "pretaxCost")
HEADERS: dict[str, tuple[str, ...]] = {
    "Date": ("date", "usageStart"),
    "BillingPeriodStartDate": ("billingPeriodStartDate",),
    "BillingPeriodEndDate": ("billingPeriodEndDate",),
    "BillingCurrency": ("billingCurrencyCode", "billingCurrency", "currency"),
    "Quantity": ("quantity", "usageQuantity"),
    "UnitPrice": ("unitPrice",),
    "EffectivePrice": ("effectivePrice",),
    "PayGPrice": ("payGPrice",),
    "PaygCostInBillingCurrency": ("paygCostInBillingCurrency",),
    "PricingCurrency": ("pricingCurrencyCode",),
    "ChargeType": ("chargeType",),
    "Frequency": ("frequency",),
    "PricingModel": ("pricingModel",),
    "Term": ("term",),
    "MeterId": ("meterId",),
    "MeterName": ("meterName", "meterDetails.meterName"),
    "MeterCategory": ("meterCategory", "meterDetails.meterCategory"),
    "MeterSubCategory": ("meterSubCategory", "meterDetails.meterSubCategory"),
    "MeterRegion": ("meterRegion", "meterDetails.meterLocation"),
    "UnitOfMeasure": ("unitOfMeasure", "meterDetails.unitOfMeasure", "meterDetails.unit"),
    "ProductName": ("product",),
    "PartNumber": ("partNumber",),
    "ProductId": ("productIdentifier",),
    "ConsumedService": ("consumedService",),
    "PublisherName": ("publisherName",),
    "PublisherType": ("publisherType",),
    "ResourceId": ("resourceId", "instanceId", "instanceName"),
    "ResourceName": ("resourceName",),
    "ResourceLocation": ("resourceLocation", "instanceLocation"),
    "ResourceGroup": ("resourceGroup",),
    "SubscriptionId": ("subscriptionId", "subscriptionGuid"),
    "SubscriptionName": ("subscriptionName",),
    "BillingAccountId": ("billingAccountId",),
    "BillingAccountName": ("billingAccountName",),
    "BillingProfileId": ("billingProfileId",),
    "BillingProfileName": ("billingProfileName",),
    "InvoiceSectionName": ("invoiceSectionName", "invoiceSection"),
    "InvoiceId": ("invoiceId",),
    "CostCenter": ("costCenter",),
    "BenefitId": ("benefitId", "reservationId"),
    "BenefitName": ("benefitName", "reservationName"),
    "ReservationId": ("reservationId",),
    "AdditionalInfo": ("additionalInfo", "additionalProperties"),
}
"""An export's header, and what the interface calls it: modern agreements, enterprise agreements, versions of 2018."""
COMMITTED = ("reservation", "savingsplan")
BOUGHT = ("purchase", "refund")


def exported(rows: Iterable[Row], *, amortized: Iterable[Row] | None) -> Iterator[Row]:
    """Return rows as an export has them, all text, each with the same headers. Raises BadAnswerError.

    Their `CostInBillingCurrency` sums up to what was billed and `x_AmortizedCost` to the amortized cost. Use that a
    commitment covered stands in both lists, in the first for nothing, and is taken from the second.
    """
    with reading("Microsoft.Consumption/usageDetails"):
        for row in rows:
            billed = _cost(row)
            if amortized is None:
                yield _exported(row, {BILLED: billed})
            elif not committed(row):
                yield _exported(row, {BILLED: billed, WORTH: billed})
            elif _kind(row) in BOUGHT or billed.strip("-0.") != "":
                yield _exported(row, {BILLED: billed, WORTH: "0"})
        for row in amortized or ():
            if committed(row) and _kind(row) not in BOUGHT:
                yield _exported(row, {BILLED: "0", WORTH: _cost(row)})


def committed(row: Row) -> bool:
    """Whether a row is of a reservation or a savings plan: bought, used or left unused."""
    about = row["properties"]
    if str(about.get("pricingModel") or "").lower().replace(" ", "") in COMMITTED or _kind(row).startswith("unused"):
        return True
    return _kind(row) in BOUGHT and bool(about.get("reservationId") or about.get("benefitId"))


def _kind(row: Row) -> str:
    return str(row["properties"].get("chargeType") or "usage").lower()


def _cost(row: Row) -> str:
    found = _value(row, COSTS)
    if not found:
        raise KeyError(COSTS[0])
    return found


def _exported(row: Row, costs: dict[str, str]) -> Row:
    cells = {header: _value(row, names) for header, names in HEADERS.items()}
    return {**cells, **costs, "Tags": json.dumps(row["tags"], ensure_ascii=False) if row.get("tags") else ""}


def _value(row: Row, names: tuple[str, ...]) -> str:
    """Return the first of these properties that has a value, as text."""
    for name in names:
        value: Any = row["properties"]
        for part in name.split("."):
            value = (value or {}).get(part)
        if value not in (None, ""):
            return value if isinstance(value, str) else json.dumps(value)
    return ""
