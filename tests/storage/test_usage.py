"""Quantity and cost of every SKU, from bills that were read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from finops.focus import Metric
from finops.growth import Item, Used
from finops.periods import Period
from jobs.bills.ingest import ingest
from storage import usage
from storage.database import transaction

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName,"
HEADER += "ChargeCategory,ChargeClass,SkuId,PricingUnit,PricingQuantity"


def test_usage_is_summed_by_sku_and_unit_and_only_where_all_of_it_has_a_quantity(
    tmp_path: Path, database: Path
) -> None:
    """Taxes, corrections, other days and other currencies are no usage of these days."""
    del database
    rows = [
        ("02", "USD", "1.5", "2", "Usage", "", "k1", "Hrs", "10"),
        ("03", "USD", "1.5", "2", "Usage", "", "k1", "Hrs", "5.5"),
        ("03", "USD", "1", "1", "Usage", "", "k1", "GB", "7"),
        ("03", "USD", "1", "1", "Usage", "", "k2", "Hrs", "1"),
        ("04", "USD", "1", "1", "Usage", "", "k2", "Hrs", ""),
        ("03", "USD", "-1", "-1", "Usage", "Correction", "k1", "Hrs", "-2"),
        ("03", "USD", "9", "9", "Tax", "", "k1", "Hrs", "1"),
        ("03", "EUR", "9", "9", "Usage", "", "k1", "Hrs", "1"),
        ("05", "USD", "9", "9", "Usage", "", "k1", "Hrs", "1"),
    ]
    lines = [
        f"2026-09-01T00:00:00Z,2026-09-{day}T00:00:00Z,{currency},{billed},{worth},AWS,EC2,{rest}"
        for day, currency, billed, worth, *more in rows
        for rest in [",".join(more)]
    ]
    file = tmp_path / "bill.csv"
    file.write_text("\n".join([HEADER, *lines, ""]))
    ingest("auto", [file], source="payer")
    days = Period(date(2026, 9, 1), date(2026, 9, 5))
    with transaction() as session:
        found = usage.used(session, period=days, currency="USD")
        billed = usage.used(session, period=days, currency="USD", metric=Metric.BILLED)
    assert found == {
        Item("EC2", "k1", "Hrs"): Used(Decimal("15.5"), Decimal(4)),
        Item("EC2", "k1", "GB"): Used(Decimal(7), Decimal(1)),
        Item("EC2", "k2", "Hrs"): Used(None, Decimal(2)),
    }
    assert billed[Item("EC2", "k1", "Hrs")].cost == 3
