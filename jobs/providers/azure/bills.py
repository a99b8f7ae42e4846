"""Azure's cost exports (enterprise agreement, customer agreement, pay as you go), actual cost, as FOCUS.

The rules follow Microsoft's FinOps toolkit. An actual-cost export says what was billed; what a reservation's use was
worth stands only in the amortized export. Where both are given they are joined (`halves`); of an actual export alone,
EffectiveCost is what was billed, and the delivery says so.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from jobs.bills import rules
from jobs.bills.rules import Raw, choose, constant
from jobs.providers.azure import days, halves
from jobs.providers.azure.services import CATEGORIES

FORMATS = ("azure-export",)
COST = ("CostInBillingCurrency", "Cost", "PreTaxCost")
REQUIRED = COST
AMOUNTS = (*COST, "x_AmortizedCost", "Quantity", "UsageQuantity")
MOMENTS = (*days.DAY, *days.START)
PATHS: tuple[str, ...] = ()
SIGNS = ("MeterCategory", "MeterId", "ConsumedService", "UnitOfMeasure", "ResourceLocation", "SubscriptionName")


def recognize(headers: frozenset[str]) -> str | None:
    """Return the format's name if these squeezed headers are an Azure cost export's."""
    costs = {rules.squeeze(name) for name in COST}
    return "azure-export" if headers & costs and headers & {"metercategory", "meterid"} else None


def normalize(table: ir.Table) -> ir.Table:
    """Return the export in FOCUS 1.2's columns."""
    raw = Raw(table)
    day = raw.instant(*days.DAY)
    period = rules.month_start(ibis.coalesce(raw.instant(*days.START), day))
    start = ibis.coalesce(day, period)
    columns: dict[str, Any] = {
        "BillingPeriodStart": period,
        "BillingPeriodEnd": rules.month_after(period),
        "ChargePeriodStart": start,
        "ChargePeriodEnd": rules.day_after(start),  # Azure's dates are whole days, the last one included
        "BillingCurrency": raw.text("BillingCurrencyCode", "BillingCurrency", "Currency"),
        "Tags": _tags(raw.text("Tags")),
    }
    columns |= _costs(raw) | _charge(raw) | _commitment(raw) | _names(raw)
    return rules.focus(raw, columns, misread=raw.misread(amounts=COST, moments=MOMENTS))


def _costs(raw: Raw) -> dict[str, Any]:
    billed, quantity = raw.amount(*COST), raw.amount("Quantity", "UsageQuantity")
    listed = ibis.coalesce(raw.amount("PaygCostInBillingCurrency"), rules.priced(raw.amount("PayGPrice"), quantity))
    return {
        "BilledCost": billed,
        "EffectiveCost": raw.amount("x_AmortizedCost"),  # our own fetcher joins both lists of usage details
        "ListCost": choose((listed > 0, listed), otherwise=None),
        "ListUnitPrice": raw.amount("PayGPrice"),
        "ContractedUnitPrice": raw.amount("UnitPrice", "ResourceRate"),
        "PricingQuantity": quantity,
        "PricingUnit": raw.text("UnitOfMeasure"),
        "PricingCurrency": raw.text("PricingCurrency", "PricingCurrencyCode"),
    }


def _charge(raw: Raw) -> dict[str, Any]:
    kind = ibis.coalesce(raw.text("ChargeType"), constant("Usage"))
    usage = kind.isin(("Usage", "UnusedReservation", "UnusedSavingsPlan"))
    frequency = raw.text("Frequency")
    return {
        "ChargeCategory": choose(
            (usage, constant("Usage")),
            (kind.isin(("Purchase", "Refund")), constant("Purchase")),
            (kind == "Tax", constant("Tax")),
            (kind == "Credit", constant("Credit")),
            otherwise=constant("Adjustment"),
        ),
        "ChargeClass": ibis.ifelse(kind == "Refund", constant("Correction"), None),
        "ChargeFrequency": choose(
            (frequency == "OneTime", constant("One-Time")),
            (frequency == "Recurring", constant("Recurring")),
            (usage, constant("Usage-Based")),
            otherwise=constant("One-Time"),
        ),
        "ChargeDescription": raw.text("ProductName", "Product", "MeterName"),
        "PricingCategory": choose(
            (raw.text("PricingModel").isin(("Reservation", "SavingsPlan")), constant("Committed")),
            (raw.text("PricingModel") == "Spot", constant("Dynamic")),
            otherwise=constant("Standard"),
        ),
        "ConsumedQuantity": ibis.ifelse(usage, raw.amount("Quantity", "UsageQuantity"), None),
        "ConsumedUnit": ibis.ifelse(usage, raw.text("UnitOfMeasure"), None),
        "SkuId": raw.text("ProductId", "PartNumber", "MeterId"),
        "SkuMeter": raw.text("MeterName"),
        "SkuPriceId": raw.text("MeterId"),
        "InvoiceId": raw.text("InvoiceId"),
    }


def _commitment(raw: Raw) -> dict[str, Any]:
    benefit = raw.text("BenefitId", "ReservationId").lower()
    plan = benefit.contains("/microsoft.billingbenefits/")
    kind = raw.text("ChargeType")
    return {
        "CommitmentDiscountId": benefit,
        "CommitmentDiscountName": raw.text("BenefitName", "ReservationName"),
        "CommitmentDiscountCategory": choose(
            (plan, constant("Spend")), (benefit.notnull(), constant("Usage")), otherwise=None
        ),
        "CommitmentDiscountType": choose(
            (plan, constant("Savings Plan")), (benefit.notnull(), constant("Reservation")), otherwise=None
        ),
        "CommitmentDiscountStatus": choose(
            (benefit.isnull(), None),
            (kind.isin(("UnusedReservation", "UnusedSavingsPlan")), constant("Unused")),
            (raw.text("PricingModel").isin(("Reservation", "SavingsPlan")) & (kind == "Usage"), constant("Used")),
            otherwise=None,
        ),
    }


def _names(raw: Raw) -> dict[str, Any]:
    service = ibis.coalesce(raw.text("MeterCategory"), raw.text("ConsumedService"))
    resource = raw.text("ResourceId", "InstanceId", "InstanceName").lower()
    return {
        "ProviderName": constant("Microsoft"),
        "PublisherName": ibis.coalesce(raw.text("PublisherName"), constant("Microsoft")),
        "InvoiceIssuerName": constant("Microsoft"),
        "BillingAccountId": raw.text("BillingProfileId", "BillingAccountId"),
        "BillingAccountName": raw.text("BillingProfileName", "BillingAccountName"),
        "BillingAccountType": constant("Billing Profile"),
        "SubAccountId": raw.text("SubscriptionId", "SubscriptionGuid"),
        "SubAccountName": raw.text("SubscriptionName"),
        "SubAccountType": constant("Subscription"),
        "ServiceName": service,
        "ServiceCategory": choose(
            *((service == name, constant(category)) for name, category in CATEGORIES.items()),
            otherwise=constant("Other"),
        ),
        "RegionId": raw.text("ResourceLocation").lower().replace(" ", ""),
        "RegionName": raw.text("MeterRegion"),
        "AvailabilityZone": raw.text("AvailabilityZone"),
        "ResourceId": resource,
        "ResourceName": ibis.coalesce(raw.text("ResourceName"), resource.re_extract(r"([^/]+)$", 1)),
        "ResourceType": raw.text("ResourceType", "ConsumedService"),
    }


def _tags(cell: ir.StringValue) -> ir.StringValue:
    """Wrap what lacks its braces, as exports do; what is no JSON then is no tag."""
    wrapped = ibis.ifelse(cell.startswith("{"), cell, ibis.literal("{") + cell + ibis.literal("}"))
    return ibis.ifelse(cell.contains(":"), wrapped, None)


STAGES = (normalize,)
WRITTEN = (days.evidence, days.is_day_first, days.day_first)
JOIN = halves.join
