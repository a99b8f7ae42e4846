"""What was used of each SKU, and what it cost: where price and quantity are told apart."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finops.focus import ChargeCategory, Metric
from finops.growth import Item, Used
from finops.periods import Period
from storage import skus
from storage.models import CostRecord


def names(session: Session, items: Collection[Item], *, period: Period) -> dict[str, str]:
    """Return what the SKUs of these items are called, by their ids, as far as bills of these days tell."""
    asked = select(CostRecord.provider, CostRecord.sku_id).distinct()
    days = CostRecord.date >= period.start, CostRecord.date < period.end
    found = session.execute(asked.where(*days, CostRecord.sku_id.in_({one.sku for one in items})))
    told = skus.names(session, {(provider, str(sku)) for provider, sku in found})
    return {sku: name for (_, sku), name in told.items()}


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
