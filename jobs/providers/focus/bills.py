"""FOCUS 1.0 to 1.3 from anybody: passed through, gaps left as gaps."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from finops.focus import COLUMNS, COSTS, Kind
from jobs.bills import rules

FORMATS = ("focus",)
REQUIRED = ("BilledCost",)
MOMENTS = ("BillingPeriodStart", "ChargePeriodStart")
AMOUNTS = COSTS
PATHS: tuple[str, ...] = ()
SIGNS = ("ChargeCategory", "ChargePeriodStart", "BillingPeriodStart", "EffectiveCost", "BillingCurrency", "ServiceName")


def recognize(headers: frozenset[str]) -> str | None:
    """Return the format's name if these squeezed headers are FOCUS's."""
    marks = {"chargecategory", "billingperiodstart", "chargeperiodstart", "effectivecost", "billingcurrency"}
    return "focus" if "billedcost" in headers and headers & marks else None


def normalize(table: ir.Table) -> ir.Table:
    """Return the table in FOCUS 1.2's columns; others have fewer of them, under the same names."""
    raw = rules.Raw(table)
    readers = {Kind.TEXT: raw.text, Kind.JSON: raw.text, Kind.DECIMAL: raw.amount, Kind.INSTANT: raw.instant}
    columns = {name: readers[kind](name) for name, kind in COLUMNS.items()}
    start = ibis.coalesce(columns["BillingPeriodStart"], rules.month_start(columns["ChargePeriodStart"]))
    columns |= {
        "BillingPeriodStart": start,
        "BillingPeriodEnd": ibis.coalesce(columns["BillingPeriodEnd"], rules.month_after(start)),
        "ChargePeriodStart": ibis.coalesce(columns["ChargePeriodStart"], start),
        "ProviderName": ibis.coalesce(columns["ProviderName"], raw.text("ServiceProviderName")),  # its name in 1.3
    }
    return rules.focus(raw, columns, misread=raw.misread(amounts=AMOUNTS, moments=MOMENTS))


STAGES = (normalize,)
