"""What was used of each SKU, and what it cost: where price and quantity are told apart."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finops.focus import ChargeCategory, Metric
from finops.growth import Item, Used
from finops.periods import Period
from storage.models import CostRecord


def used(session: Session, *, period: Period, currency: str, metric: Metric = Metric.EFFECTIVE) -> dict[Item, Used]:
    """Return quantity and cost of every SKU, of charges for usage that are no corrections.

    A quantity is None where all charges of any row of the ledger (a day, a resource) have none. Different units of
    one SKU are different items.
    """
    item = (CostRecord.service_name, CostRecord.sku_id, CostRecord.pricing_unit)
    whole = func.count() == func.count(CostRecord.pricing_quantity)
    rows = session.execute(
        select(*item, func.sum(CostRecord.pricing_quantity), whole, func.sum(getattr(CostRecord, metric.value)))
        .where(
            CostRecord.date >= period.start,
            CostRecord.date < period.end,
            CostRecord.billing_currency == currency,
            CostRecord.charge_category == ChargeCategory.USAGE,
            CostRecord.charge_class.is_(None),
        )
        .group_by(*item)
    )
    return {
        Item(service or "", sku or "", unit or ""): Used(quantity if known and sku and unit else None, cost)
        for service, sku, unit, quantity, known, cost in rows
    }
