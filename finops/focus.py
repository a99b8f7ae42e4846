"""The columns of FOCUS 1.2, the one shape that every bill is brought into.

Source: FinOps Open Cost and Usage Specification 1.2, https://focus.finops.org/focus-specification/v1-2/.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a column holds: text, an exact number, an instant in UTC, or a JSON object as text."""

    TEXT = "text"
    DECIMAL = "decimal"
    INSTANT = "instant"
    JSON = "json"


_TEXT = """
AvailabilityZone BillingAccountId BillingAccountName BillingAccountType BillingCurrency CapacityReservationId
CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription ChargeFrequency CommitmentDiscountCategory
CommitmentDiscountId CommitmentDiscountName CommitmentDiscountStatus CommitmentDiscountType CommitmentDiscountUnit
ConsumedUnit InvoiceId InvoiceIssuerName PricingCategory PricingCurrency PricingUnit ProviderName PublisherName
RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory ServiceName ServiceSubcategory SkuId SkuMeter
SkuPriceId SubAccountId SubAccountName SubAccountType
""".split()  # noqa: SIM905  read as a list of words
_DECIMAL = """
BilledCost CommitmentDiscountQuantity ConsumedQuantity ContractedCost ContractedUnitPrice EffectiveCost ListCost
ListUnitPrice PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice
PricingQuantity
""".split()  # noqa: SIM905  read as a list of words
_INSTANT = ("BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart")
_JSON = ("SkuPriceDetails", "Tags")

COLUMNS: dict[str, Kind] = dict(
    sorted(
        [(name, Kind.TEXT) for name in _TEXT]
        + [(name, Kind.DECIMAL) for name in _DECIMAL]
        + [(name, Kind.INSTANT) for name in _INSTANT]
        + [(name, Kind.JSON) for name in _JSON]
    )
)
"""Every column of FOCUS 1.2 by name, in alphabetical order."""

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
"""The four amounts, each in BillingCurrency."""


class ChargeCategory(StrEnum):
    """What a charge is for."""

    USAGE = "Usage"
    PURCHASE = "Purchase"
    TAX = "Tax"
    CREDIT = "Credit"
    ADJUSTMENT = "Adjustment"


class Metric(StrEnum):
    """Which of the four amounts is asked for."""

    EFFECTIVE = "effective_cost"
    BILLED = "billed_cost"
    LIST = "list_cost"
    CONTRACTED = "contracted_cost"


class Dimension(StrEnum):
    """What costs can be grouped and filtered by (a tag is written `tag:KEY`)."""

    PROVIDER = "provider"
    SERVICE = "service_name"
    SERVICE_CATEGORY = "service_category"
    BILLING_ACCOUNT = "billing_account_id"
    SUB_ACCOUNT = "sub_account_id"
    REGION = "region_id"
    RESOURCE = "resource"
    CHARGE_CATEGORY = "charge_category"
    CHARGE_CLASS = "charge_class"
    SKU = "sku_id"
    PRICING_CATEGORY = "pricing_category"
    COMMITMENT = "commitment_discount_id"
    INVOICE = "invoice_id"
    SOURCE = "source"
    DAY = "date"
    MONTH = "month"


DIMENSIONS: dict[str, str] = {
    "provider": Dimension.PROVIDER,
    "cloud": Dimension.PROVIDER,
    "service": Dimension.SERVICE,
    "category": Dimension.SERVICE_CATEGORY,
    "account": Dimension.SUB_ACCOUNT,
    "subscription": Dimension.SUB_ACCOUNT,
    "project": Dimension.SUB_ACCOUNT,
    "region": Dimension.REGION,
    "resource": Dimension.RESOURCE,
    "charge": Dimension.CHARGE_CATEGORY,
    "sku": Dimension.SKU,
    "pricing": Dimension.PRICING_CATEGORY,
    "commitment": Dimension.COMMITMENT,
    "invoice": Dimension.INVOICE,
    "source": Dimension.SOURCE,
    "day": Dimension.DAY,
    "month": Dimension.MONTH,
    "team": "tag:team",
    "env": "tag:env",
    "environment": "tag:env",
    "app": "tag:app",
}
"""The words of people for what costs are grouped and filtered by."""
