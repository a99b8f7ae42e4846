"""What can only be said of a month as a whole: which Savings Plan rows cancel, and which fees left something unused.

By FOCUS a covered use bills nothing, and the recurring fee of a commitment is two charges: its purchase, and the part
that nothing used. AWS writes the covered use at its on-demand cost, a negation row that takes it away again, and one
row for the fee.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from jobs.bills.rules import EXACT, constant, zero

MONTH = ("BillingPeriodStart", "BillingCurrency", "CommitmentDiscountId")


def concerned(charges: ir.Table) -> ir.BooleanValue:
    """Whether a charge is one of those that `settle` looks at."""
    return _covered(charges) | _fee(charges)


def settle(charges: ir.Table) -> ir.Table:
    """Return the charges with covered use billed at nothing, and fees in two.

    Covered use and its negations become nothing only where they do cancel within a plan's month, so that no total ever
    changes: some reports leave the negations out.
    """
    cancelled = _cancelled(charges)
    fee = _fee(cancelled)
    bought = cancelled.filter(fee)
    unused = bought.filter((bought.EffectiveCost != zero()) & ~bought.x_effective_is_billed)
    purchase: dict[str, Any] = {
        "EffectiveCost": ibis.ifelse(bought.x_effective_is_billed, bought.BilledCost, zero()),
        "CommitmentDiscountStatus": constant(None),
    }
    waste: dict[str, Any] = {
        "ChargeCategory": constant("Usage"),
        "ChargeFrequency": constant("Usage-Based"),
        "PricingCategory": constant("Committed"),
        **dict.fromkeys(("BilledCost", "ListCost", "ContractedCost"), zero()),
        **dict.fromkeys(("PricingQuantity", "ListUnitPrice", "ContractedUnitPrice"), ibis.null(EXACT)),
        "PricingUnit": constant(None),
    }
    return ibis.union(cancelled.filter(~fee), bought.mutate(**purchase), unused.mutate(**waste))


def _covered(charges: ir.Table) -> ir.BooleanValue:
    is_plan = charges.CommitmentDiscountType == "Savings Plan"
    return ibis.coalesce(is_plan & (charges.PricingCategory == "Committed"), ibis.literal(value=False))


def _fee(charges: ir.Table) -> ir.BooleanValue:
    unused = charges.CommitmentDiscountStatus == "Unused"
    return ibis.coalesce(unused & (charges.ChargeCategory == "Purchase"), ibis.literal(value=False))


def _cancelled(charges: ir.Table) -> ir.Table:
    sums = charges.filter(_covered(charges)).group_by(*MONTH).aggregate(left_over=lambda rows: rows.BilledCost.sum())
    none_left = sums.filter(sums.left_over == zero())
    beside = charges.left_join(none_left, MONTH)
    cancels = _covered(charges) & beside.left_over.notnull()
    cells = {name: beside[name] for name in charges.columns}
    return beside.select(**{**cells, "BilledCost": ibis.ifelse(cancels, zero(), beside.BilledCost)})
