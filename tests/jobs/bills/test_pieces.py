"""A month that is loaded in pieces, and rolled up from sums, is the month that was delivered."""

from __future__ import annotations

import random
import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jobs.bills import rollup
from jobs.bills.ingest import ingest
from storage import rolling, rollups
from storage.database import transaction
from storage.models import CostRecord, CostRollup, Source

pytestmark = pytest.mark.usefixtures("database")
HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName,SkuId"
MONTH = "2026-09-01T00:00:00Z"
CHARGES = 60


@pytest.fixture
def bill(tmp_path: Path) -> tuple[Path, Decimal]:
    """A month of one service, each charge of another SKU, and what it comes to."""
    chance = random.Random(11)  # noqa: S311  the same bill every time
    costs = [Decimal(chance.randrange(1, 10**20)).scaleb(-18) for _ in range(CHARGES)]
    rows = [f"{MONTH},{MONTH},USD,{cost},{cost},AWS,EC2,sku-{number}" for number, cost in enumerate(costs)]
    file = tmp_path / "bill.csv"
    file.write_text("\n".join([HEADER, *rows, ""]))
    return file, sum(costs, Decimal(0))


@pytest.mark.parametrize("worth", [2, CHARGES + 1], ids=["from sums", "from the ledger"])
def test_a_month_in_pieces_is_whole(bill: tuple[Path, Decimal], worth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row once, each with an id of its own, and the roll-ups as the rows."""
    monkeypatch.setattr(rollup, "PIECE", 7)
    monkeypatch.setattr(rolling, "WORTH", worth)
    file, total = bill
    name = f"t-{uuid.uuid4().hex[:12]}"
    ingest("auto", [file], source=name)
    with transaction() as session:
        source = session.scalars(select(Source.id).where(Source.name == name)).one()
        rows = select(func.count(), func.count(CostRecord.id.distinct()), func.sum(CostRecord.effective_cost))
        held = session.execute(rows.where(CostRecord.source_id == source)).one()
        whole = select(func.sum(CostRollup.effective_cost), func.count()).where(
            CostRollup.source_id == source, CostRollup.cube == rollups.WHOLE, CostRollup.days == 1
        )
        rolled = session.execute(whole).one()
    assert tuple(held) == (CHARGES, CHARGES, total)
    assert tuple(rolled) == (total, 1)


def test_sums_are_made_only_where_they_are_far_fewer(
    bill: tuple[Path, Decimal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty rows make one sum; as many sums as rows would be loaded for nothing."""
    made: list[Path | None] = []
    real = rollup.write_summed
    monkeypatch.setattr(rollup, "write_summed", lambda *args: made.append(real(*args)) or made[-1])
    for worth in (2, CHARGES + 1):
        monkeypatch.setattr(rolling, "WORTH", worth)
        ingest("auto", [bill[0]], source=f"t-{uuid.uuid4().hex[:12]}")
    assert [file is not None for file in made] == [True, False]
