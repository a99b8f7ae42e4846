"""No charge is counted twice: not two exports of the same costs, not two copies, not an older version."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from finops.errors import BadDeliveryError
from jobs.bills import layouts
from jobs.bills.ingest import Ingested, ingest
from jobs.bills.told import Told
from storage.database import transaction
from storage.models import Delivery, DeliveryStatus, Outbox

HEAD = (
    "date,billingPeriodStartDate,meterCategory,meterId,billingCurrency,costInBillingCurrency,chargeType,pricingModel,"
)
HEAD += "reservationId,productName"
PLAIN = ("5.5,Usage,OnDemand,,vm", "0.5,Usage,OnDemand,,disk")
ACTUAL = (*PLAIN, "300,Purchase,Reservation,r,r", "0,Usage,Reservation,r,vm")
WORTH = (*PLAIN, "10,Usage,Reservation,r,vm", "2,UnusedReservation,Reservation,r,vm")

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path, database: Path) -> Put:
    """Write an export's file."""
    del database

    def write(name: str, *rows: str, month: int = 9) -> Path:
        file = tmp_path / "copied" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        day = f"2026-{month:02}-01"
        file.write_text("\n".join([HEAD, *(f"{day},{day},Virtual Machines,m,EUR,{row}" for row in rows), ""]))
        return file

    return write


def _read(*paths: Path, told: dict[Path, Told] | None = None) -> Ingested:
    return ingest("auto", paths, source="azure", told=told or {})


def _costs(done: Ingested) -> tuple[Decimal, Decimal]:
    return done.periods[0].billed_cost["EUR"], done.periods[0].effective_cost["EUR"]


def test_files_of_actual_and_amortized_cost_are_one_bill(put: Put) -> None:
    """A reservation for 300 is worth 10 of covered use and 2 unused; 6 have nothing to do with it."""
    done = _read(put("a/actual.csv", *ACTUAL), put("b/amortized.csv", *WORTH))
    assert _costs(done) == (306, 18)
    assert (done.periods[0].rows, done.lacks) == (5, ())


def test_a_folder_of_both_exports_is_one_bill_though_no_commitment_shows_which_is_which(put: Put) -> None:
    """Their manifests do; without, the two lists are the same charges."""
    for kind in ("ActualCost", "AmortizedCost"):
        file = put(f"{kind}/20260901-20260930/run/part_0.csv", *PLAIN)
        run = {"submittedTime": "2026-09-20T02:00:00Z", "startDate": "2026-09-01T00:00:00"}
        blobs = [{"blobName": f"x/{file.name}", "dataRowCount": 2}]
        about = {"blobs": blobs, "runInfo": run, "exportConfig": {"exportName": kind, "type": kind}}
        file.with_name("manifest.json").write_text(json.dumps(about))
        folder = file.parents[3]
    assert _costs(_read(folder)) == (6, 6)


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        (PLAIN, PLAIN, r"second\.csv: it holds the same charges as .*first\.csv"),
        (ACTUAL, WORTH[1:], r"2026-09 it lists 1 charges outside commitments \(EUR 0\.5.*cost 2 \(EUR 6\)"),
        (WORTH, (), r"first\.csv: of 2026-09 it lists amortized cost, which says nothing of what was billed"),
        ((*ACTUAL, *WORTH), (), r"first\.csv: it lists purchases of commitments and what their use was worth"),
    ],
)
def test_what_cannot_be_one_bill_is_refused(put: Put, first: tuple[str], second: tuple[str], problem: str) -> None:
    """Each by its file, and nothing is loaded."""
    with pytest.raises(BadDeliveryError, match=problem):
        _read(put("first.csv", *first), put("second.csv", *second))


def test_a_month_without_its_other_half_keeps_what_was_billed(put: Put) -> None:
    """And says that effective cost is lacking."""
    done = _read(put("8.csv", *ACTUAL, month=8), put("9.csv", *ACTUAL), put("9w.csv", *WORTH))
    assert [(one.billed_cost["EUR"], one.effective_cost["EUR"]) for one in done.periods] == [(306, 306), (306, 18)]
    assert done.lacks == ("EffectiveCost",)


def test_a_version_that_was_made_earlier_replaces_nothing_whenever_it_comes(put: Put) -> None:
    """Though nobody saw it before; read again, it is known."""
    new, old = put("new.csv", *PLAIN), put("old.csv", PLAIN[0], "0.25,Usage,OnDemand,,disk")
    made = {new: Told(datetime(2026, 9, 20, tzinfo=UTC)), old: Told(datetime(2026, 9, 19, tzinfo=UTC))}
    for file, status in ((new, "loaded"), (old, "unchanged"), (old, "unchanged"), (new, "unchanged")):
        assert _read(file, told=made).periods[0].status == status
    with transaction() as session:
        held = session.execute(select(Delivery.status, Delivery.made_at).order_by(Delivery.made_at)).all()
    assert [one.status for one in held] == [DeliveryStatus.SUPERSEDED, DeliveryStatus.LOADED]
    assert _read(old, told=made).periods[0].reason == "a newer delivery is loaded"


def test_a_bill_to_date_that_ends_earlier_looks_older(put: Put) -> None:
    """Also close to the end of the month, where charges do move on to the next invoice: a person has to say so."""
    rows = [f"1,Usage,OnDemand,,{number}" for number in range(40)]

    def until(name: str, day: int, rows: list[str]) -> Ingested:
        file = put(name, *rows)
        head, first, others = file.read_text().split("\n", 2)
        later = others.replace("2026-09-01,2026-09-01", f"2026-09-{day:02},2026-09-01")
        file.write_text(f"{head}\n{first}\n{later}")
        return _read(file)

    until("1.csv", 20, rows)
    done = until("2.csv", 19, rows[1:])
    assert [(one.status, one.reason) for one in done.periods] == [
        ("rejected", "it looks older: it ends on 2026-09-19, the one it would replace on 2026-09-20 and with more rows")
    ]
    assert until("3.csv", 30, rows).periods[0].status == "loaded"
    assert until("4.csv", 29, rows[1:]).periods[0].status == "rejected"


def test_versions_of_a_bill_to_date_in_one_folder_are_not_added_up(put: Put) -> None:
    """As Azure's exports without partitions leave them: a file a day, each with all days before it, and no manifest."""
    rows = [f"{number}.5,Usage,OnDemand,,{number}" for number in range(12)]
    put("daily/a.csv", *rows[:9])
    folder = put("daily/b.csv", "99,Usage,OnDemand,,0", *rows[1:]).parent
    with pytest.raises(BadDeliveryError, match=r"most of its charges are in .*a\.csv, too: of versions of a bill"):
        _read(folder)


def _used(rows: int, price: str, **more: str) -> str:
    """Return a FOCUS file of an hour of each of so many machines."""
    names = ("BillingPeriodStart", "ChargePeriodStart", "BillingCurrency", "BilledCost", "ResourceId", "SkuId")
    base = {"BillingPeriodStart": "2026-09-01", "ChargePeriodStart": "2026-09-02", "BillingCurrency": "USD"}
    base |= {"SkuId": "m5", "PricingQuantity": "1", "PricingUnit": "Hrs"} | more
    each = [base | {"ResourceId": f"i-{row}", "BilledCost": f"{price}{row}"} | more for row in range(rows)]
    header = [*names, *(name for name in base if name not in names)]
    return "\n".join([",".join(header), *(",".join(row[name] for name in header) for row in each), ""])


@pytest.mark.parametrize("rows", [3, 40])
def test_versions_that_share_no_price_are_versions_all_the_same(rows: int, database: Path, tmp_path: Path) -> None:
    """Every price was restated, and a late charge was added: no charge is equal, and all of the use is."""
    del database
    (tmp_path / "a.csv").write_text(_used(rows, "1."))
    (tmp_path / "b.csv").write_text(_used(rows + 1, "0.9"))
    with pytest.raises(BadDeliveryError, match=r"b\.csv: most of its charges are in .*a\.csv, too, at other prices"):
        ingest("auto", [tmp_path], source="payer")
    with transaction() as session:
        assert session.scalars(select(Delivery)).all() == []


@pytest.mark.parametrize(
    "difference",
    [
        {"ChargePeriodStart": "2026-09-03"},
        {"BillingPeriodStart": "2026-10-01"},
        {"PricingQuantity": "2"},
        {"SubAccountId": "another"},
        {"BillingAccountId": "another"},
        {"SkuId": "storage"},
        {"Tags": '"{""team"": ""web""}"'},
        {"PricingCategory": "Committed"},
        {"CommitmentDiscountStatus": "Used"},
        {"ChargeCategory": "Credit"},
        {"ChargeClass": "Correction"},
        {"BillingCurrency": "EUR"},
        {"ResourceId": "", "SkuId": ""},
    ],
    ids="-".join,
)
def test_parts_of_a_bill_are_told_from_versions_by_what_was_used(
    difference: dict[str, str], database: Path, tmp_path: Path
) -> None:
    """By hour, resource, quantity, account, or in which way it was charged; what says none of it tells nothing."""
    del database
    (tmp_path / "a.csv").write_text(_used(40, "1.", **({} if len(difference) == 1 else difference)))
    (tmp_path / "b.csv").write_text(_used(40, "0.9", **difference))
    assert sum(one.rows for one in ingest("auto", [tmp_path], source="payer").periods) == 80


def test_a_negation_beside_its_use_is_no_other_version(database: Path, tmp_path: Path) -> None:
    """AWS takes back what a plan covers in a line of its own, of the same hour, resource and quantity."""
    del database
    (tmp_path / "a.csv").write_text(_used(40, "1."))
    (tmp_path / "b.csv").write_text(_used(40, "-1."))
    assert ingest("auto", [tmp_path], source="payer").periods[0].rows == 80


def test_parts_of_a_bill_may_share_some_charges(put: Put) -> None:
    """The same use at the same price twice is no wonder; what costs nothing tells nothing."""
    free = [f"0,Usage,OnDemand,,{number}" for number in range(9)]
    put("parts/a.csv", *free, *[f"{number},Usage,OnDemand,,{number}" for number in range(1, 9)])
    folder = put("parts/b.csv", *free, *[f"{number},Usage,OnDemand,,{number}" for number in range(6, 14)]).parent
    assert _read(folder).periods[0].rows == 34


def test_a_file_with_fewer_rows_than_its_manifest_counts_is_refused(put: Put) -> None:
    """It was cut between two rows."""
    file = put("run/part_0.csv", *PLAIN)
    run = {"submittedTime": "2026-09-20T02:00:00Z"}
    about = {"blobs": [{"blobName": file.name, "dataRowCount": 3}], "runInfo": run}
    file.with_name("manifest.json").write_text(json.dumps(about))
    with pytest.raises(BadDeliveryError, match="it has 2 rows, and its manifest counts 3: fetch all files again"):
        _read(file.parent)


def test_when_an_assembly_was_made_is_told_by_its_name(put: Put, tmp_path: Path) -> None:
    """Older reports name it by a random number; then nothing is told."""
    folder = tmp_path / "copied" / "payer"
    for month, assembly in (("20260801-20260901", "20260903T101500Z"), ("20260901-20261001", "1f0c-22")):
        file = put(f"payer/{month}/{assembly}/p-1.csv")
        about = {"assemblyId": assembly, "reportKeys": [f"x/payer/{month}/{assembly}/p-1.csv"]}
        (file.parents[1] / "p-Manifest.json").write_text(json.dumps(about))
    told = layouts.told(folder, sorted(file for file in folder.rglob("*") if file.is_file()))
    made = [what.made for what in told.values() if what]
    assert made == [datetime(2026, 9, 3, 10, 15, tzinfo=UTC), None]


def test_a_fetched_bill_that_is_refused_every_hour_alerts_once(put: Put, tmp_path: Path) -> None:
    """It lies in another folder every time."""
    for number, name in enumerate(("tmpabcdefgh", "tmp1_34wxyz")):
        file = put(f"{name}/0-part.csv", "twelve,Usage,OnDemand,,vm")
        with pytest.raises(BadDeliveryError):
            _read(file)
        with transaction() as session:
            alerts = [row.payload["alert"]["text"] for row in session.scalars(select(Outbox))]
        assert len(alerts) == 1, number
    assert alerts[0].startswith("part.csv, row 1")
    assert str(tmp_path) not in alerts[0]


def _run(put: Put, folder: str, export: str, *rows: str) -> Path:
    """Write an export's run: a file and its manifest."""
    file = put(f"{folder}/part_0.csv", *rows)
    run = {"submittedTime": "2026-09-20T02:00:00Z", "startDate": "2026-09-01T00:00:00"}
    config = {"exportName": "daily", "resourceId": export}
    about = {"blobs": [{"blobName": file.name}], "runInfo": run, "exportConfig": config}
    file.with_name("manifest.json").write_text(json.dumps(about))
    return file.parents[1]


def test_exports_of_one_name_in_two_subscriptions_are_both_counted(put: Put) -> None:
    """None replaces the other: what they are is told by their ids."""
    _run(put, "both/a", "/subscriptions/a/daily", "300,Usage,OnDemand,,vm")
    folder = _run(put, "both/b", "/subscriptions/b/daily", "600,Usage,OnDemand,,disk")
    assert _read(folder).periods[0].billed_cost == {"EUR": 900}


def test_two_exports_of_the_same_costs_are_refused_though_both_have_manifests(put: Put) -> None:
    """Each run is whole; together they are twice the bill."""
    rows = [f"{number}.5,Usage,OnDemand,,{number}" for number in range(9)]
    _run(put, "two/a", "/subscriptions/a/daily", *rows)
    folder = _run(put, "two/b", "/subscriptions/a/monthly", *rows[:8])
    with pytest.raises(BadDeliveryError, match="of versions of a bill, give the newest alone"):
        _read(folder)


def test_two_halves_of_a_month_are_no_copies(put: Put) -> None:
    """Though they cost the same: each charge is of another day."""
    first, second = put("parts/a.csv", *PLAIN), put("parts/b.csv", *PLAIN)
    second.write_text(second.read_text().replace("2026-09-01,2026-09-01", "2026-09-16,2026-09-01"))
    assert _read(first.parent).periods[0].rows == 4


def test_a_version_that_its_provider_made_once_more_counts_again(put: Put) -> None:
    """The first again after the second: a correction was taken back."""
    one, other = put("one.csv", *PLAIN), put("other.csv", PLAIN[0], "0.25,Usage,OnDemand,,disk")
    days = [datetime(2026, 10, day, tzinfo=UTC) for day in (1, 2, 3)]
    found = [_read(file, told={file: Told(day)}) for file, day in zip((one, other, one), days, strict=True)]
    assert [done.periods[0].status for done in found] == ["loaded"] * 3
