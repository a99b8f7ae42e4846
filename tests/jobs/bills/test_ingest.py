"""Bills are read exactly, once, and whole or not at all."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from finops.errors import BadDeliveryError
from jobs.bills import tables
from jobs.bills.export import focus as export
from jobs.bills.ingest import Ingested, ingest
from storage import charges, ledger
from storage.database import transaction
from storage.models import CloudResource, CostRecord, Source, TagSet

HEADER = "BillingPeriodStart,ChargePeriodStart,BillingCurrency,BilledCost,EffectiveCost,ProviderName,ServiceName,Tags"
Write = Callable[..., Path]


@pytest.fixture
def name() -> str:
    """A source of the test's own."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def bill(tmp_path: Path) -> Write:
    """Write FOCUS rows of September 2026: (billed cost, currency, tags)."""

    def write(*rows: tuple[str, str, str], file: str = "bill.csv", month: str = "09") -> Path:
        day = f"2026-{month}-02T00:00:00Z"
        lines = [f'2026-{month}-01T00:00:00Z,{day},{cur},{cost},{cost},AWS,EC2,"{tags}"' for cost, cur, tags in rows]
        path = tmp_path / file
        path.write_text("\n".join([HEADER, *lines, ""]))
        return path

    return write


def _held(source: str) -> dict[str, Decimal]:
    """What the ledger holds of a source, billed, by currency."""
    with transaction() as session:
        found = session.scalar(select(Source).where(Source.name == source))
        rows = session.execute(
            select(CostRecord.billing_currency, CostRecord.billed_cost).where(
                CostRecord.source_id == (found.id if found else -1)
            )
        ).all()
    held: dict[str, Decimal] = {}
    for currency, cost in rows:
        held[currency] = held.get(currency, Decimal(0)) + cost
    return held


def _statuses(done: Ingested) -> list[str]:
    return [one.status for one in done.periods]


def test_a_delivery_is_loaded_once_and_its_total_is_the_files(database: Path, bill: Write, name: str) -> None:
    """To the last of eighteen decimals, with exponents, credits and several currencies; the second time unchanged."""
    rows = [("0.000000000000000001", "USD", ""), ("6e-05", "USD", ""), ("-1.5", "USD", ""), ("3", "EUR", "")]
    file = bill(*rows)
    assert _statuses(ingest("auto", [file], source=name)) == ["loaded"]
    assert _held(name) == {"USD": Decimal("-1.499939999999999999"), "EUR": Decimal(3)}
    assert _statuses(ingest("focus", [file], source=name)) == ["unchanged"]
    assert _held(name)["EUR"] == 3


def test_a_newer_delivery_replaces_the_month_and_an_older_one_that_comes_late_does_not(
    database: Path, bill: Write, name: str
) -> None:
    """Replaced, never added to."""
    first, second = bill(("1", "USD", "")), bill(("2", "USD", ""), ("5", "USD", ""), file="newer.csv")
    ingest("auto", [first], source=name)
    assert _statuses(ingest("auto", [second], source=name)) == ["loaded"]
    assert _held(name) == {"USD": Decimal(7)}
    assert _statuses(ingest("auto", [first], source=name)) == ["unchanged"]
    assert _held(name) == {"USD": Decimal(7)}


def test_a_shrunken_delivery_replaces_nothing_unless_a_person_says_so(database: Path, bill: Write, name: str) -> None:
    """Half a file is the usual reason."""
    ingest("auto", [bill(*[("1", "USD", "")] * 10)], source=name)
    half = bill(*[("1", "USD", "")] * 5, file="half.csv")
    done = ingest("auto", [half], source=name)
    assert _statuses(done) == ["rejected"]
    assert done.rejected[0].reason == "it has 5 rows, the one it would replace has 10"
    assert _held(name) == {"USD": Decimal(10)}
    assert _statuses(ingest("auto", [half], source=name, anyway=True)) == ["loaded"]
    assert _held(name) == {"USD": Decimal(5)}


def test_months_are_replaced_one_by_one(database: Path, bill: Write, name: str) -> None:
    """A folder of months is one delivery; only the month that changed is loaded anew."""
    folder = bill(("1", "USD", "")).parent
    bill(("2", "USD", ""), file="october.csv", month="10")
    assert _statuses(ingest("auto", [folder], source=name)) == ["loaded", "loaded"]
    bill(("4", "USD", ""), file="october.csv", month="10")
    assert _statuses(ingest("auto", [folder], source=name)) == ["unchanged", "loaded"]
    assert _held(name) == {"USD": Decimal(5)}


def test_tags_and_resources_are_kept_once(database: Path, bill: Write, name: str) -> None:
    """What is no JSON object is no tag."""
    tags = '{""team"": ""web""}'
    ingest("auto", [bill(("1", "USD", tags), ("2", "USD", tags), ("3", "USD", "[broken"))], source=name)
    with transaction() as session:
        assert [one.tags for one in session.scalars(select(TagSet))] == [{"team": "web"}]
        assert not session.scalars(select(CloudResource)).all()


def test_what_was_read_comes_out_again_as_focus(database: Path, bill: Write, name: str, tmp_path: Path) -> None:
    """The export is itself a FOCUS file with the same total."""
    ingest("auto", [bill(("1.25", "USD", ""), ("2", "USD", ""))], source=name)
    out = tmp_path / "out" / "focus.parquet"
    out.parent.mkdir()
    assert export("2026-09", out, source=name).rows == 2
    again = ingest("focus", [out], source=f"{name}-again")
    assert again.periods[0].billed_cost == {"USD": Decimal("3.25")}


BROKEN = {
    "a cut-off gzip": (b"", "the gzip file is cut off"),
    "text for an amount": (
        f"{HEADER}\n2026-09-01,2026-09-02,USD,abc,1,AWS,EC2,\n".encode(),
        "row 1.*BilledCost.*“abc”",
    ),
    "no amount": (f"{HEADER}\n2026-09-01,2026-09-02,USD,,1,AWS,EC2,\n".encode(), "row 1.*BilledCost.*found none"),
    "a cut-off row": (
        f"{HEADER}\n{'2026-09-01,2026-09-02,USD,1,1,AWS,EC2,' + chr(10)}2026-09-0".encode(),
        "row 2.*cut off",
    ),
    "no date": (f"{HEADER}\n,,USD,1,1,AWS,EC2,\n".encode(), "row 1.*expected a date"),
    "a missing column": (b"BillingPeriodStart,EffectiveCost\n2026-09-01,1\n", "no known format"),
    "an empty file": (b"", "the file is empty"),
    "another binary file": (b"\x7fELF\0\0\0\0", "some other binary file"),
}


@pytest.mark.parametrize("flaw", BROKEN)
def test_a_broken_delivery_is_named_and_changes_nothing(
    flaw: str, database: Path, bill: Write, name: str, tmp_path: Path
) -> None:
    """File, row and column, and the ledger as it was."""
    ingest("auto", [bill(("7", "USD", ""))], source=name)
    content, told = BROKEN[flaw]
    broken = tmp_path / "broken.csv"
    broken.write_bytes(
        gzip.compress(bill(("1", "USD", "")).read_bytes())[:-12] if flaw == "a cut-off gzip" else content
    )
    with pytest.raises(BadDeliveryError, match=f"broken.csv.*{told}"):
        ingest("auto", [broken], source=name)
    assert _held(name) == {"USD": Decimal(7)}


def test_the_wrong_format_is_told_from_the_headers(database: Path, bill: Write, name: str) -> None:
    """It says what it looks like instead."""
    with pytest.raises(BadDeliveryError, match="expected aws-cur, but its headers are those of focus"):
        ingest("aws-cur", [bill(("1", "USD", ""))], source=name)
    with pytest.raises(BadDeliveryError, match="no such file"):
        ingest("auto", [Path("/nowhere/bill.csv")], source=name)


def test_a_month_without_charges_is_no_error(database: Path, name: str, tmp_path: Path) -> None:
    """A header alone is a delivery of nothing."""
    file = tmp_path / "empty.csv"
    file.write_text(HEADER + "\n")
    assert ingest("auto", [file], source=name).periods == ()


def test_the_ledger_agrees_with_the_delivery_by_currency(database: Path, bill: Write, name: str) -> None:
    """Control totals are kept beside what was loaded."""
    done = ingest("auto", [bill(("1", "USD", ""), ("2", "EUR", ""))], source=name)
    with transaction() as session:
        source = session.scalars(select(Source).where(Source.name == name)).one()
        held = ledger.totals(session, source_id=source.id, month=date(2026, 9, 1))
    assert {currency: billed for currency, (billed, _) in held.items()} == done.periods[0].billed_cost


def test_the_files_that_were_read_last_are_not_read_again(
    database: Path, bill: Write, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they brought is told as before; with one more file among them, all are read."""
    september, october = bill(("1.5", "USD", "")), bill(("2", "EUR", ""), file="b.csv", month="10")
    first = ingest("auto", [september, october], source=name)
    with monkeypatch.context() as broken:
        broken.setattr(tables, "charges", None)
        again = ingest("auto", [october, september], source=name)
    assert _statuses(again) == ["unchanged", "unchanged"]
    assert [(one.billing_period, one.rows, one.billed_cost, one.fingerprint) for one in again.periods] == [
        (one.billing_period, one.rows, one.billed_cost, one.fingerprint) for one in first.periods
    ]
    november = bill(("3", "USD", ""), file="c.csv", month="11")
    assert _statuses(ingest("auto", [september, october, november], source=name)) == [
        "unchanged",
        "unchanged",
        "loaded",
    ]


def test_a_bill_that_names_no_usage_can_be_asked_about(database: Path, bill: Write, name: str) -> None:
    """How far it is complete is known by the last day that it charges for."""
    ingest("auto", [bill(("1", "USD", ""))], source=name)
    with transaction() as session:
        assert charges.settled_through(session)


@pytest.mark.parametrize(
    ("wanted", "beside"), [("bill[1].csv", "bill1.csv"), ("b*.csv", "bb.csv"), ("b?.csv", "bx.csv")]
)
def test_a_files_name_stands_for_that_file_alone(
    database: Path, bill: Write, name: str, wanted: str, beside: str
) -> None:
    """Though to the engine it would stand for another one, or for both."""
    bill(("800", "USD", ""), file=beside)
    ingest("auto", [bill(("125", "USD", ""), file=wanted)], source=name)
    assert _held(name) == {"USD": Decimal(125)}


def test_amounts_that_add_up_to_too_much_are_told(database: Path, bill: Write, name: str) -> None:
    """Each of them has room, their sum has none."""
    file = bill(*[("999999999999999999.9", "USD", "")] * 200)
    with pytest.raises(BadDeliveryError, match="add up to more than 20 digits"):
        ingest("auto", [file], source=name)


def test_a_name_that_is_no_text_is_told(database: Path, bill: Write, name: str, tmp_path: Path) -> None:
    """As it would have to be spelt."""
    file = bill(("1", "USD", "")).rename(tmp_path / "bad\udcff.csv")
    with pytest.raises(BadDeliveryError, match="its name is not UTF-8"):
        ingest("auto", [file], source=name)
