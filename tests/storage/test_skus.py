"""SKUs go by the names that bills gave them, wherever those bills are."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from jobs.bills.ingest import ingest
from storage import skus
from storage.database import transaction

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
NAT = ("aws", "sku-1")
HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,ProviderName,ChargeCategory,"
HEADER += "SkuId,SkuMeter,ChargeDescription"
ROW = "2026-09-01T00:00:00Z,2026-09-02T00:00:00Z,USD,1,AWS,Usage"


def test_the_newest_bill_says_what_a_sku_is_called(session: Session) -> None:
    """Whichever is read last; what no bill names has no name."""
    skus.note(session, [(*NAT, "NAT gateway bytes")], on=SEPTEMBER)
    skus.note(session, [(*NAT, "NAT, per GB"), ("gcp", "sku-1", "Cores")], on=AUGUST)
    skus.note(session, [], on=SEPTEMBER)
    assert skus.names(session, {NAT, ("aws", "sku-2")}) == {NAT: "NAT gateway bytes"}
    skus.note(session, [(*NAT, "NAT bytes")], on=SEPTEMBER)
    assert skus.names(session, {NAT}) == {NAT: "NAT bytes"}
    assert skus.names(session, set()) == {}


def test_names_stay_where_the_lake_cannot_be_asked(tmp_path: Path, database: Path) -> None:
    """By the meter, or else by what its charges are described as; an empty one is none."""
    file = tmp_path / "bill.csv"
    rows = [f"{ROW},sku-1,NatGateway-Bytes,$0.045 per GB", f"{ROW},sku-2,,Two cores", f"{ROW},sku-3, ,"]
    file.write_text("\n".join([HEADER, *rows, ""]))
    ingest("focus", [file], source="payer")
    shutil.rmtree(database / "lake")
    with transaction() as session:
        wanted = {("aws", f"sku-{number}") for number in (1, 2, 3)}
        found = {sku: name for (_, sku), name in skus.names(session, wanted).items()}
    assert found == {"sku-1": "NatGateway-Bytes", "sku-2": "Two cores"}
