"""The AWS Cost and Usage Report, legacy and 2.0, as FOCUS.

Both carry the same columns under two spellings. The rules follow the FinOps Foundation's FOCUS converters and AWS's
Cloud Intelligence Dashboards. What only a whole month tells is in `settled`.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from jobs.bills import rules
from jobs.bills.rules import Raw, choose, constant, zero
from jobs.providers.aws import settled
from jobs.providers.aws.services import CATEGORIES

FORMATS = ("aws-cur", "aws-cur2")
REQUIRED = ("line_item_unblended_cost",)
PLAN_COST = ("savings_plan_net_savings_plan_effective_cost", "savings_plan_savings_plan_effective_cost")
RESERVED_COST = ("reservation_net_effective_cost", "reservation_effective_cost")
COMMITTED, USED = "savings_plan_total_commitment_to_date", "savings_plan_used_commitment"
UNUSED_UPFRONT = (
    "reservation_net_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
)
UNUSED_FEE = ("reservation_net_unused_recurring_fee", "reservation_unused_recurring_fee")
BILLED = ("line_item_net_unblended_cost", "line_item_unblended_cost")
LISTED = "pricing_public_on_demand_cost"
PRICES = (LISTED,)
CURRENCY, MAPPED_TAGS = "line_item_currency_code", "resource_tags"
AMOUNTS = (*BILLED, *PLAN_COST, *RESERVED_COST, COMMITTED, USED, *UNUSED_UPFRONT, *UNUSED_FEE)
MOMENTS = ("bill_billing_period_start_date", "line_item_usage_start_date")
TELLING = ((CURRENCY,), PLAN_COST, RESERVED_COST, (MAPPED_TAGS,))
PATHS: tuple[str, ...] = ()
SIGNS = ("lineItem/LineItemType", "lineItem/UsageAccountId", "lineItem/UsageStartDate", "bill/PayerAccountId")
PLAN_PURCHASES = ("SavingsPlanRecurringFee", "SavingsPlanUpfrontFee")
NEGATION = "SavingsPlanNegation"
COVERED = "SavingsPlanCoveredUsage"


def recognize(headers: frozenset[str]) -> str | None:
    """Return the format's name if these squeezed headers are a Cost and Usage Report's."""
    return "aws-cur" if "lineitemunblendedcost" in headers or "lineitemnetunblendedcost" in headers else None


def normalize(table: ir.Table) -> ir.Table:
    """Return the report in FOCUS 1.2's columns."""
    raw = Raw(table)
    kind = ibis.coalesce(raw.text("line_item_line_item_type"), constant("Usage"))
    start = raw.instant("line_item_usage_start_date")
    period = ibis.coalesce(raw.instant("bill_billing_period_start_date"), rules.month_start(start))
    columns: dict[str, Any] = {
        "BillingPeriodStart": period,
        "BillingPeriodEnd": ibis.coalesce(raw.instant("bill_billing_period_end_date"), rules.month_after(period)),
        "ChargePeriodStart": ibis.coalesce(start, period),
        "ChargePeriodEnd": ibis.coalesce(raw.instant("line_item_usage_end_date"), rules.day_after(start)),
        "BillingCurrency": _currency(raw),
        "Tags": raw.text("x_tags"),
    }
    columns |= _costs(raw, kind) | _charge(raw, kind) | _commitment(raw, kind) | _names(raw)
    return rules.focus(raw, columns, misread=raw.misread(amounts=AMOUNTS, moments=MOMENTS))


def _currency(raw: Raw) -> ir.StringValue:
    """Return the currency; of a report that was cut down to columns without it, the one that AWS calculates in."""
    return raw.text(CURRENCY) if raw.has(CURRENCY) else constant("USD")


def _costs(raw: Raw, kind: ir.StringValue) -> dict[str, Any]:
    """Amounts. A row whose net column is empty is billed at its unblended cost."""
    billed = raw.amount(*BILLED)
    contracted = ibis.coalesce(raw.amount("line_item_unblended_cost"), billed)
    listed = raw.amount(LISTED)
    return {
        "BilledCost": billed,
        "EffectiveCost": _effective(raw, kind, billed),
        # What a reservation covers is written at nothing; without it, it would cost the list price.
        "ContractedCost": choose(
            (kind == NEGATION, zero()), ((kind == "DiscountedUsage") & (listed > 0), listed), otherwise=contracted
        ),
        "ListCost": choose((kind == NEGATION, zero()), (listed > 0, listed), otherwise=contracted),
        "ListUnitPrice": raw.amount("pricing_public_on_demand_rate"),
        "ContractedUnitPrice": raw.amount("line_item_unblended_rate"),
    }


def _effective(raw: Raw, kind: ir.StringValue, billed: ir.DecimalValue) -> ir.DecimalValue:
    """Return what a charge is worth; nothing where the report was made without the columns that would tell."""
    amount = raw.amount_or_zero
    nothing = ibis.null(rules.EXACT)
    plans, reservations = raw.has(*PLAN_COST), raw.has(*RESERVED_COST)
    unused_plan = amount(COMMITTED) - amount(USED)
    unused_reservation = amount(*UNUSED_UPFRONT) + amount(*UNUSED_FEE)
    return choose(
        (kind == COVERED, raw.amount(*PLAN_COST)),
        (kind == "DiscountedUsage", raw.amount(*RESERVED_COST)),
        (kind == "SavingsPlanRecurringFee", unused_plan if plans else nothing),
        (kind == "RIFee", unused_reservation if reservations else nothing),
        (kind.isin((NEGATION, "SavingsPlanUpfrontFee")), zero() if plans else nothing),
        # What was given back of a purchase was never to be used: by FOCUS it is one below nothing.
        (_given_back(raw, kind), zero() if plans or reservations else nothing),
        ((kind == "Fee") & raw.text("reservation_reservation_arn").notnull(), zero() if reservations else nothing),
        otherwise=billed,
    )


def _given_back(raw: Raw, kind: ir.StringValue) -> ir.BooleanValue:
    """Whether a charge is the refund of a commitment."""
    return (kind == "Refund") & ibis.coalesce(_plan(raw), _reservation(raw)).notnull()


def _plan(raw: Raw) -> ir.StringValue:
    return raw.text("savings_plan_savings_plan_arn", "savings_plan_savings_plan_a_r_n")


def _reservation(raw: Raw) -> ir.StringValue:
    return raw.text("reservation_reservation_arn", "reservation_reservation_a_r_n")


def _charge(raw: Raw, kind: ir.StringValue) -> dict[str, Any]:
    refund = (kind == "Refund") | (raw.text("bill_bill_type") == "Refund")
    given_back = _given_back(raw, kind)
    purchase = kind.isin(("Fee", "RIFee", *PLAN_PURCHASES)) | given_back
    usage = ~(purchase | refund | kind.isin(("Tax", "Credit")))
    return {
        "ChargeCategory": choose(
            (kind == "Tax", constant("Tax")),
            (kind == "Credit", constant("Credit")),
            (given_back, constant("Purchase")),
            (refund, constant("Adjustment")),
            (purchase, constant("Purchase")),
            otherwise=constant("Usage"),
        ),
        "ChargeClass": ibis.ifelse(
            given_back | (refund & raw.text("bill_invoice_id").notnull()), constant("Correction"), None
        ),
        "ChargeFrequency": choose(
            (kind.isin(("RIFee", "SavingsPlanRecurringFee")), constant("Recurring")),
            (usage, constant("Usage-Based")),
            otherwise=constant("One-Time"),
        ),
        "ChargeDescription": raw.text("line_item_line_item_description"),
        "PricingCategory": choose(
            (kind.isin((COVERED, NEGATION, "DiscountedUsage")), constant("Committed")),
            (raw.text("pricing_term") == "Spot", constant("Dynamic")),
            (usage | purchase, constant("Standard")),
            otherwise=None,
        ),
        "ConsumedQuantity": ibis.ifelse(usage, raw.amount("line_item_usage_amount"), None),
        "PricingQuantity": raw.amount("line_item_usage_amount"),
        "ConsumedUnit": ibis.ifelse(usage, raw.text("pricing_unit"), None),
        "PricingUnit": raw.text("pricing_unit"),
        "SkuId": raw.text("product_sku", "line_item_usage_type"),
        "SkuMeter": raw.text("line_item_usage_type"),
        "SkuPriceId": raw.text("pricing_rate_id"),
        "InvoiceId": raw.text("bill_invoice_id"),
    }


def _commitment(raw: Raw, kind: ir.StringValue) -> dict[str, Any]:
    plan, reservation = _plan(raw), _reservation(raw)
    is_plan = plan.notnull()
    either = is_plan | reservation.notnull()
    unused = kind.isin(("RIFee", "SavingsPlanRecurringFee"))
    return {
        "CommitmentDiscountId": ibis.coalesce(plan, reservation),
        "CommitmentDiscountCategory": choose((is_plan, constant("Spend")), (either, constant("Usage")), otherwise=None),
        "CommitmentDiscountType": choose(
            (is_plan, constant("Savings Plan")), (either, constant("Reserved Instance")), otherwise=None
        ),
        "CommitmentDiscountStatus": choose(
            (either & kind.isin((COVERED, "DiscountedUsage")), constant("Used")),
            (either & unused, constant("Unused")),
            otherwise=None,
        ),
    }


def _names(raw: Raw) -> dict[str, Any]:
    code = raw.text("line_item_product_code")
    zone = raw.text("line_item_availability_zone")
    region = raw.text("product_region_code", "product_region")
    account = raw.text("line_item_usage_account_id")
    return {
        "ProviderName": constant("AWS"),
        "PublisherName": constant("AWS"),
        "InvoiceIssuerName": ibis.coalesce(raw.text("bill_invoicing_entity"), constant("AWS")),
        "BillingAccountId": ibis.coalesce(raw.text("bill_payer_account_id"), account),
        "BillingAccountName": raw.text("bill_payer_account_name"),
        "BillingAccountType": constant("Payer account"),
        "SubAccountId": account,
        "SubAccountName": raw.text("line_item_usage_account_name"),
        "SubAccountType": constant("Linked account"),
        "ServiceName": ibis.coalesce(raw.text("product_product_name"), code),
        "ServiceCategory": choose(
            *((code == name, constant(category)) for name, category in CATEGORIES.items()), otherwise=constant("Other")
        ),
        "RegionId": ibis.coalesce(region.nullif("global"), zone.re_replace(r"[a-z]$", "")),
        "RegionName": raw.text("product_location"),
        "AvailabilityZone": zone,
        "ResourceId": raw.text("line_item_resource_id"),
    }


def join_tags(table: ir.Table) -> ir.Table:
    """Bring tags together: a column each (legacy, and CUR 2.0 flattened), or one map column as JSON."""
    raw = Raw(table)
    columns = raw.tags(r"resourceTags/(?:user:)?(.+)$") + raw.tags(r"resource_tags_(?:user_)?(.+)$")
    mapped = raw.text(MAPPED_TAGS).re_replace(r'([{,]\s*)"user[_:]', r'\1"')
    return table.mutate(x_tags=mapped if raw.has(MAPPED_TAGS) else rules.json_object(columns))


STAGES = (join_tags, normalize)
WHOLE = (settled.concerned, settled.settle)
