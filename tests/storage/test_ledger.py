"""What the ledger knows of itself."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from finops.errors import CostsError
from jobs.bills.ingest import ingest
from storage import charges, ledger
from storage.database import transaction
from storage.models import CostRecord, Source


def _charge(session: Session, source: Source, day: date) -> None:
    amounts = dict.fromkeys(["effective_cost", "billed_cost", "list_cost", "contracted_cost"], Decimal(1))
    record = CostRecord(
        id=uuid.uuid4(), billing_period=date(2026, 9, 1), source_id=source.id, date=day, provider="aws",
        service_name="EC2", billing_currency="USD", charge_category="Usage", charges=1, **amounts,
    )  # fmt: skip
    session.add(record)
    session.flush()


def test_a_day_after_its_billing_period_does_not_make_a_source_complete_up_to_it(session: Session) -> None:
    """One stray row of the year 2098 would else call every day until today settled."""
    session.execute(text("create table cost_records_t partition of cost_records for values in ('2026-09-01')"))
    source = Source(name="aws", provider="aws", format="focus")
    session.add(source)
    session.flush()
    for day in (date(2026, 9, 27), date(2026, 9, 28), date(2098, 1, 5), date(9999, 12, 31)):
        _charge(session, source, day)
    assert ledger.last_usage_day(session, source_id=source.id) == date(2026, 9, 28)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_charge_of_a_day_far_off_is_refused(database: Path, tmp_path: Path, day: str) -> None:
    """It would stretch the ledger's span until no question of it could be answered."""
    del database
    headers = "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd"
    cells = f"1,USD,2026-09-01,2026-10-01,{day},2026-10-01,Purchase,1,1,1,1,EC2,AWS,AWS,AWS"
    rest = "ChargeCategory,BilledCost,EffectiveCost,ListCost,ContractedCost,ServiceName,ProviderName,PublisherName"
    bill = tmp_path / "bill.csv"
    bill.write_text(f"{headers},{rest},InvoiceIssuerName\n{cells}\n")
    with pytest.raises(CostsError, match="not between 2000 and 2099, and nothing was loaded"):
        ingest("focus", [bill], source="aws")
    with transaction() as session:
        assert charges.spans(session) is None
