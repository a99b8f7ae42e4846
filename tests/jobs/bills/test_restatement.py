"""A month as providers really deliver it: to date, grown, final, and with a credit that comes late."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from finops.errors import BadDeliveryError, CostsError
from jobs.bills.ingest import Ingested, ingest
from jobs.bills.told import Told
from jobs.cli.restatements import restatements as command
from storage import restatements
from storage.database import transaction
from storage.models import CostRecord, Outbox

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName,"
HEADER += "ChargeCategory,InvoiceId"
SOURCE = "payer"


class Month:
    """September 2026, delivered again and again."""

    def __init__(self, folder: Path) -> None:
        """Start without any delivery."""
        self.folder, self.number = folder, 0

    def deliver(self, *rows: tuple[int, str], invoice: str = "", made: datetime | None = None) -> Ingested:
        """Write rows of (day, cost) and ingest them, with when their provider made them if that is told."""
        self.number += 1
        start = "2026-09-01T00:00:00Z"
        lines = [
            f"{start},2026-09-{day:02}T00:00:00Z,USD,{cost},{cost},AWS,EC2,"
            f"{'Credit' if '-' in cost else 'Usage'},{invoice}"
            for day, cost in rows
        ]
        file = self.folder / f"{self.number}.csv"
        file.write_text("\n".join([HEADER, *lines, ""]))
        return ingest("auto", [file], source=SOURCE, told={file: Told(made=made)} if made else {})


@pytest.fixture
def month(tmp_path: Path, database: Path) -> Month:
    """Nothing delivered yet."""
    del database
    return Month(tmp_path)


def _days() -> dict[str, Decimal]:
    with transaction() as session:
        rows = session.execute(select(CostRecord.date, CostRecord.billed_cost)).all()
    found: dict[str, Decimal] = {}
    for day, cost in rows:
        found[f"{day:%d}"] = found.get(f"{day:%d}", Decimal(0)) + cost
    return found


def _restated() -> list[tuple[str, str, str]]:
    with transaction() as session:
        rows = restatements.listed(session, source=SOURCE)
    return [(f"{row.day:%d}", f"{row.billed_before:.2f}", f"{row.billed_after:.2f}") for row, _ in rows]


def test_a_month_grows_is_restated_becomes_final_and_gets_a_late_credit(month: Month) -> None:
    """After each step the ledger equals that step's file, and the days that changed are known."""
    month.deliver((1, "1"), (2, "2"))
    assert (_days(), _restated()) == ({"01": 1, "02": 2}, [])
    month.deliver((1, "1"), (2, "2.5"), (3, "3"))
    assert _days() == {"01": 1, "02": Decimal("2.5"), "03": 3}
    assert _restated() == [("02", "2.00", "2.50")]  # the third is growth
    month.deliver((1, "1"), (2, "2.5"), (3, "3"), invoice="INV-1")  # the final one renames every line
    assert _restated() == [("02", "2.00", "2.50")]
    done = month.deliver((1, "1"), (1, "-0.75"), (2, "2.5"), (3, "3"), invoice="INV-1")
    assert [one.status for one in done.periods] == ["loaded"]
    assert sum(_days().values()) == Decimal("5.75")
    assert _restated() == [("01", "1.00", "0.25"), ("02", "2.00", "2.50")]


def test_a_day_that_vanished_or_came_late_is_restated(month: Month) -> None:
    """Though only one of the two deliveries has it."""
    month.deliver((1, "1"), (2, "1"), (4, "3"))
    month.deliver((1, "1"), (3, "2"), (4, "3"))
    assert _restated() == [("02", "1.00", "0.00"), ("03", "0.00", "2.00")]


def test_a_month_that_begins_later_than_what_is_loaded_looks_like_a_part(month: Month) -> None:
    """As the file of one month's usage beside the next invoice's charges that came with the month before."""
    month.deliver((1, "1"), (2, "2"))
    [part] = month.deliver((2, "2"), (3, "3"), (4, "4")).periods
    assert (part.status, _days()) == ("rejected", {"01": 1, "02": 2})
    assert "it begins on 2026-09-02, the one it would replace on 2026-09-01" in (part.reason or "")


def test_what_a_provider_still_says_is_as_new_as_when_it_said_so(month: Month) -> None:
    """The same answer on the first and the third: what was made on the second is the older one."""
    first, second, third = (datetime(2026, 9, day, tzinfo=UTC) for day in (1, 2, 3))
    month.deliver((1, "1"), (2, "2"), made=first)
    assert month.deliver((1, "1"), (2, "2"), made=third).periods[0].status == "unchanged"
    assert month.deliver((1, "1"), (2, "3"), made=second).periods[0].status == "unchanged"
    assert _days() == {"01": 1, "02": 2}


def test_an_older_delivery_that_comes_again_changes_nothing(month: Month) -> None:
    """Nor is it told as a restatement."""
    month.deliver((1, "1"))
    month.deliver((1, "2"))
    ingest("auto", [month.folder / "1.csv"], source=SOURCE)
    assert (_days(), _restated()) == ({"01": 2}, [("01", "1.00", "2.00")])


def test_the_command_lists_them_for_people_and_programs(month: Month) -> None:
    """Amounts as texts, exact."""
    month.deliver((1, "1"))
    month.deliver((1, "1.000000000000000001"))
    shown = CliRunner().invoke(command, ["--period", "2026-09"])
    assert shown.exit_code == 0
    assert "2026-09-01" in shown.output
    told = json.loads(CliRunner().invoke(command, ["--source", SOURCE, "--json"]).output)
    assert told[0]["billed_after"] == "1.000000000000000001"
    assert "No day" in CliRunner().invoke(command, ["--period", "2026-08"]).output
    with pytest.raises(CostsError, match=f"There is no source “other”; there are: {SOURCE}"):
        CliRunner().invoke(command, ["--source", "other"], catch_exceptions=False)


def test_a_refused_delivery_alerts_once_and_names_what_is_wrong(month: Month) -> None:
    """However often the clock tries it again."""
    month.deliver(*[(day, "1") for day in range(1, 21)])
    for _ in range(2):
        assert [one.status for one in month.deliver((1, "1")).periods] == ["rejected"]
        broken = month.folder / "broken.csv"
        broken.write_text(f"{HEADER}\n2026-09-01T00:00:00Z,2026-09-01T00:00:00Z,USD,twelve,1,AWS,EC2,Usage,\n")
        with pytest.raises(BadDeliveryError):
            ingest("auto", [broken], source=SOURCE)
    with transaction() as session:
        alerts = [row.payload["alert"] for row in session.scalars(select(Outbox).order_by(Outbox.id))]
    assert [one["title"] for one in alerts] == [f"A bill of {SOURCE} was refused; the ledger is as it was."] * 2
    assert "it has 1 rows, the one it would replace has 20" in alerts[0]["text"]
    assert "row 1, column BilledCost: expected an amount" in alerts[1]["text"]
    assert len(_days()) == 20


def test_one_bill_under_two_sources_is_told_and_posted(month: Month, tmp_path: Path) -> None:
    """It may be meant, so it is loaded; packed anew, it is known by what its charges add up to."""
    rows = [(day, f"{day}.{cents:02}") for day in range(1, 29) for cents in range(4)]
    assert month.deliver(*rows).periods[0].reason is None
    copy = tmp_path / "1.csv"
    (same,) = ingest("auto", [copy], source="again").periods
    told = "the source payer holds the same charges, so they count twice: give one bill one source"
    assert (same.status, same.reason) == ("loaded", told)
    anew = tmp_path / "anew.csv"
    anew.write_text(copy.read_text().replace("ServiceName", "servicename"))
    assert ingest("auto", [anew], source="third").periods[0].reason == told.replace("payer", "again")
    other = tmp_path / "other.csv"
    other.write_text(copy.read_text().replace(",28.03,28.03,", ",28.04,28.04,"))
    assert ingest("auto", [other], source="fourth").periods[0].reason is None
    with transaction() as session:
        alerts = [one.payload["alert"] for one in session.scalars(select(Outbox))]
    assert {one["title"] for one in alerts} == {
        f"A bill of {name} was loaded, and looks odd." for name in ("again", "third")
    }
    assert {one["text"] for one in alerts} >= {f"2026-09: {told}."}
