"""Google Cloud's BigQuery billing export, standard and detailed, as FOCUS.

BilledCost is the cost with every credit taken off. The export has no amortized figure for commitments, so EffectiveCost
is left to what was billed.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from jobs.bills import rules
from jobs.bills.rules import Raw, choose, constant, is_json, quote, zero
from jobs.providers.gcp.services import CATEGORIES

FORMATS = ("gcp-export",)
REQUIRED = ("cost",)
CREDIT = "credits.amount"
"""Our name for the sum of a row's credits."""
AMOUNTS = ("cost", "cost_at_list")
MOMENTS = ("usage_start_time",)
SIGNS = ("usage_start_time", "usage_end_time", "service.description", "sku.description", "invoice.month", "cost_type")
PATHS = tuple(
    """
billing_account_id service.id service.description sku.id sku.description usage_start_time usage_end_time project.id
project.name project.labels labels system_labels tags location.location location.country location.region location.zone
resource.name resource.global_name export_time cost cost_at_list currency currency_conversion_rate usage.amount
usage.unit usage.amount_in_pricing_units usage.pricing_unit credits invoice.month cost_type adjustment_info.id
price.list_price price.effective_price seller_name subscription.instance_id
""".split()  # noqa: SIM905  read as a list of words
)
"""What a row may carry: BigQuery leaves empty fields out of its JSON."""


def recognize(headers: frozenset[str]) -> str | None:
    """Return the format's name if these squeezed headers are a BigQuery billing export's."""
    marks = {"usagestarttime", "skuid", "skudescription", "servicedescription"}
    return "gcp-export" if "cost" in headers and len(headers & marks) > 1 else None


def normalize(table: ir.Table) -> ir.Table:
    """Return the export in FOCUS 1.2's columns."""
    raw = Raw(table)
    start = raw.instant("usage_start_time")
    month = raw.text("invoice.month").re_replace(r"^(\d{4})-?(\d{2}).*$", r"\1-\2-01")
    period = ibis.coalesce(rules.instant(month), rules.month_start(start))
    columns: dict[str, Any] = {
        "BillingPeriodStart": period,
        "BillingPeriodEnd": rules.month_after(period),
        "ChargePeriodStart": ibis.coalesce(start, period),
        "ChargePeriodEnd": ibis.coalesce(raw.instant("usage_end_time"), start, period),
        "BillingCurrency": raw.text("currency"),
        "Tags": raw.text("x_tags"),
    }
    misread = raw.misread(amounts=(*AMOUNTS, CREDIT), moments=MOMENTS)
    return rules.focus(raw, columns | _costs(raw) | _charge(raw) | _names(raw), misread=misread)


@ibis.udf.scalar.builtin(name="json_extract_string")
def _each(document: str, path: str) -> list[str]:  # noqa: ARG001  the engine's own function
    """Return every value at a path with a wildcard, as text."""
    raise AssertionError


NESTED = ("project.labels", "labels", "tags", "credits")


def mend(table: ir.Table) -> ir.Table:
    """Make nested cells JSON; some writers of CSV print them as Python does, in single quotes."""
    names = [name for name in NESTED if name in table.columns]
    mended = {
        name: ibis.ifelse(
            is_json(table[name]), table[name], table[name].replace("'", '"').re_replace(r"\bNone\b", "null")
        )
        for name in names
    }
    return table.mutate(**mended)


def unnest(table: ir.Table) -> ir.Table:
    """Sum each row's credits, and join its labels and tags into one object; of one key the last value counts."""
    held = {name: ibis.ifelse(is_json(table[name]), table[name], "[]") for name in NESTED if name in table.columns}
    columns: dict[str, ir.Value] = {"x_tags": constant(None)}
    if "credits" in held:
        columns |= _credited(table.credits, held.pop("credits"))
    if held:
        pairs = reduce(lambda one, two: one.concat(two), [_pairs(document) for document in held.values()])
        columns["x_tags"] = ibis.ifelse(pairs.length() > 0, constant("{") + pairs.join(",") + constant("}"), None)
    return table.mutate(**columns)


def _credited(cell: ir.StringValue, document: ir.StringValue) -> dict[str, ir.Value]:
    """Return the sum of the credits' amounts; the text too, so that credits that cannot be read are noticed."""
    texts = _each(document, "$[*].amount").filter(lambda text: text.notnull())
    amounts = texts.map(rules.amount)
    wrong = amounts.filter(lambda amount: amount.isnull()).length() > 0
    unread = cell.notnull() & (~is_json(cell) | wrong)
    return {
        CREDIT: cell,
        rules.measured(rules.AMOUNT, CREDIT): ibis.ifelse(unread, None, ibis.coalesce(amounts.sums(), zero())),
    }


def _pairs(document: ir.StringValue) -> ir.ArrayValue:
    pairs = _each(document, "$[*].key").zip(_each(document, "$[*].value"))
    return pairs.map(lambda pair: quote(pair.f1) + ibis.literal(":") + quote(ibis.coalesce(pair.f2, "")))


def _costs(raw: Raw) -> dict[str, Any]:
    cost, credit = raw.amount("cost"), raw.amount_or_zero(CREDIT)
    billed = (cost + credit).cast(rules.EXACT)
    return {
        "BilledCost": billed,
        "ContractedCost": cost,
        "ListCost": ibis.coalesce(raw.amount("cost_at_list"), cost),
        "ListUnitPrice": raw.amount("price.list_price"),
        "ContractedUnitPrice": raw.amount("price.effective_price"),
        "PricingQuantity": raw.amount("usage.amount_in_pricing_units"),
        "PricingUnit": raw.text("usage.pricing_unit"),
    }


def _charge(raw: Raw) -> dict[str, Any]:
    kind = ibis.coalesce(raw.text("cost_type"), constant("regular"))
    sku = raw.text("sku.description")
    commitment = sku.startswith("Commitment")
    usage = (kind == "regular") & ~ibis.coalesce(commitment, ibis.literal(value=False))
    return {
        "ChargeCategory": choose(
            (usage, constant("Usage")),
            (kind == "regular", constant("Purchase")),
            (kind == "tax", constant("Tax")),
            otherwise=constant("Adjustment"),
        ),
        "ChargeFrequency": choose(
            (usage, constant("Usage-Based")), (kind == "regular", constant("Recurring")), otherwise=constant("One-Time")
        ),
        "ChargeDescription": sku,
        "PricingCategory": choose((usage, constant("Standard")), otherwise=None),
        "ConsumedQuantity": ibis.ifelse(usage, raw.amount("usage.amount"), None),
        "ConsumedUnit": ibis.ifelse(usage, raw.text("usage.unit"), None),
        "ChargeClass": ibis.ifelse(_corrects(raw), constant("Correction"), None),
        **_commitment(raw),
        "SkuId": raw.text("sku.id"),
        "SkuMeter": sku,
    }


def _commitment(raw: Raw) -> dict[str, Any]:
    """Say what kind of commitment a subscription is; a fee for spend is `Commitment - dollar based v1: …`."""
    subscription = raw.text("subscription.instance_id")
    spend = raw.text("sku.description").lower().contains("dollar based")
    return {
        "CommitmentDiscountId": subscription,
        "CommitmentDiscountCategory": choose(
            (subscription.isnull(), None), (spend, constant("Spend")), otherwise=constant("Usage")
        ),
        "CommitmentDiscountType": choose((subscription.notnull(), constant("Committed Use Discount")), otherwise=None),
    }


def _corrects(raw: Raw) -> ir.BooleanValue:
    """Whether a row adjusts usage of a month before the one that it is invoiced in, which is closed by then."""
    used = raw.instant("usage_start_time").strftime("%Y%m")
    return raw.text("adjustment_info.id").notnull() & (raw.text("invoice.month").replace("-", "") > used)


def _names(raw: Raw) -> dict[str, Any]:
    service = raw.text("service.description")
    return {
        "ProviderName": constant("Google Cloud"),
        "PublisherName": ibis.coalesce(raw.text("seller_name"), constant("Google Cloud")),
        "InvoiceIssuerName": constant("Google Cloud"),
        "BillingAccountId": raw.text("billing_account_id"),
        "BillingAccountType": constant("Billing Account"),
        "SubAccountId": raw.text("project.id"),
        "SubAccountName": raw.text("project.name"),
        "SubAccountType": constant("Project"),
        "ServiceName": service,
        "ServiceCategory": choose(
            *((service == name, constant(category)) for name, category in CATEGORIES.items()),
            otherwise=constant("Other"),
        ),
        "RegionId": raw.text("location.region", "location.location"),
        "AvailabilityZone": raw.text("location.zone"),
        "ResourceId": raw.text("resource.global_name", "resource.name"),
        "ResourceName": raw.text("resource.name"),
    }


STAGES = (mend, unnest, normalize)
