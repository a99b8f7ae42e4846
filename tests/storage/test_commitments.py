"""How commitments were used, from bills that were read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from finops.commitments import Kind, Use
from finops.periods import Period
from jobs.bills.ingest import ingest
from storage import commitments
from storage.database import transaction

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,ProviderName,ServiceName,ChargeCategory,BilledCost,"
HEADER += "EffectiveCost,ContractedCost,ListCost,PricingCategory,CommitmentDiscountId,CommitmentDiscountStatus"
ROWS = """AWS,EC2,Purchase,30,0,30,30,Standard,sp,
AWS,EC2,Usage,0,20,0,40,Committed,sp,Used
AWS,Fargate,Usage,0,5,25,40,Committed,sp,Used
AWS,EC2,Usage,0,5,0,0,Committed,sp,Unused
AWS,EC2,Usage,9,9,9,9,Standard,,
AWS,EC2,Usage,2,2,2,9,Dynamic,,
AWS,EC2,Tax,3,3,3,3,,,
Google,BigQuery,Purchase,7,7,7,7,Committed,cud,
Google,BigQuery,Usage,1,1,1,1,Standard,,"""


def test_use_waste_and_open_use_are_told_apart(tmp_path: Path, database: Path) -> None:
    """On-demand worth is the contracted cost, or the list's; spot is no use that could be covered."""
    del database
    file = tmp_path / "bill.csv"
    start = "2026-09-01T00:00:00Z"
    file.write_text("\n".join([HEADER, *(f"{start},{start},USD,{row}" for row in ROWS.splitlines()), ""]))
    ingest("auto", [file], source="payer")
    scope = {"period": Period(date(2026, 9, 1), date(2026, 9, 2)), "currency": "USD"}
    with transaction() as session:
        found = [use for _, use in commitments.daily(session, **scope)]
        silent = commitments.untold(session, **scope)
    assert silent == ["gcp"]  # its purchase is worth what it cost: nothing was spread over what used it
    assert set(found) == {
        Use("aws", "EC2", Kind.USED, "sp", Decimal(20), Decimal(40)),
        Use("aws", "Fargate", Kind.USED, "sp", Decimal(5), Decimal(25)),
        Use("aws", "EC2", Kind.UNUSED, "sp", Decimal(5), Decimal(0)),
        Use("aws", "EC2", Kind.OPEN, None, Decimal(9), Decimal(9)),
    }
