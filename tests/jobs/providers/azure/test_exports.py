"""Exports on Blob Storage: against azurite, Microsoft's own emulator."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from finops.errors import BadSettingError, CostsError
from jobs import fetching
from jobs.providers.answers import BadAnswerError
from jobs.providers.azure import clients, exports
from jobs.providers.azure.runs import Blob, manifests, newest
from jobs.sources import SourceEntry
from tests.counterparts.bring import AZURITE

HEADER = "Date,BillingPeriodStartDate,MeterCategory,MeterId,BillingCurrencyCode,CostInBillingCurrency,Tags"
KEY = base64.b64encode(b"only for the loopback").decode()


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an account in an emulator that keeps everything in memory."""
    command = AZURITE.command()
    folder = tmp_path_factory.mktemp("azurite")
    flags = ["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--blobPort", "0"]
    environment = {**os.environ, "AZURITE_ACCOUNTS": f"costs:{KEY}"}
    process = subprocess.Popen([command, *flags], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    told = next(line for line in process.stdout if "successfully listens on" in line)
    found = re.search(r"http://127\.0\.0\.1:\d+", told)
    assert found, told
    yield f"{found[0]}/costs"
    process.terminate()
    process.wait()
    process.stdout.close()


@dataclass
class Shelf:
    """A container of one test, and the entry that reads an export of it."""

    client: Any
    entry: SourceEntry

    def put(self, name: str, body: bytes | str) -> None:
        """Write a file, or overwrite it."""
        self.client.upload_blob(f"costs/daily/{name}", body, overwrite=True)

    def run(self, folder: str, at: str, *bodies: bytes | str, rows: int, ending: str = "csv", **more: Any) -> None:  # noqa: ANN401
        """Write a run: its parts, and then its manifest, as exports do."""
        parts = [f"{folder}/part_{number}_0001.{ending}" for number in range(len(bodies))]
        for part, body in zip(parts, bodies, strict=True):
            self.put(part, body)
        blobs = [{"blobName": f"costs/daily/{part}"} for part in parts]
        info = {"runId": f"run-{at}", "submittedTime": f"2026-09-{at}T02:00:00.123Z"}
        manifest = {"blobCount": len(bodies), "dataRowCount": rows, "runInfo": info, "blobs": blobs, **more}
        self.put(f"{folder}/manifest.json", json.dumps(manifest))


@pytest.fixture
def shelf(azurite: str, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An empty container."""
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  slow

    def made(account: str) -> BlobServiceClient:
        return BlobServiceClient(azurite, {"account_name": account, "account_key": KEY}, retry_total=0)

    monkeypatch.setattr(clients, "blobs", made)
    name = f"test-{uuid.uuid4()}"
    entry = SourceEntry(name="azure", bills=f"azure-blob://costs/{name}/costs/daily")
    return Shelf(made("costs").create_container(name), entry)


def _bill(*costs: str, month: int = 9) -> str:
    rows = [
        f'2026-{month:02}-{day:02},2026-{month:02}-01,Storage,m,EUR,{cost},"""a"": ""ü"""'
        for day, cost in enumerate(costs, 1)
    ]
    return "\r\n".join([f"\ufeff{HEADER}", *rows, ""])


def _billed(month: str = "2026-09", *, worth: bool = False) -> str | None:
    from sqlalchemy import select  # noqa: PLC0415

    from storage.database import transaction  # noqa: PLC0415
    from storage.models import Delivery, DeliveryStatus  # noqa: PLC0415

    with transaction() as session:
        wanted = select(Delivery).where(Delivery.status == DeliveryStatus.LOADED)
        found = [one for one in session.scalars(wanted) if f"{one.billing_period:%Y-%m}" == month]
        return (found[0].effective_cost if worth else found[0].billed_cost).get("EUR") if found else None


SEPTEMBER, OCTOBER = "20260901-20260930", "20261001-20261031"


def test_only_the_newest_run_of_a_month_is_read_and_only_once(shelf: Shelf, database: Path) -> None:
    """With a folder for every run, all of them stay: adding them up would count a month often."""
    shelf.run(f"{SEPTEMBER}/202609170200/run-17", "17", _bill("1", "2"), rows=2)
    shelf.run(f"{SEPTEMBER}/202609180200/run-18", "18", _bill("1", "2"), _bill("4"), rows=3)
    shelf.run(f"{OCTOBER}/202610010200/run-x", "30", _bill("8", month=10), rows=1)
    assert fetching.collect(shelf.entry)["loaded"] == 2
    assert (_billed(), _billed("2026-10")) == ("7", "8")
    assert fetching.collect(shelf.entry) == {"status": "collected", "rows": 0, "loaded": 0, "unchanged": 0}


def test_exports_of_this_month_and_of_the_last_replace_each_other(shelf: Shelf, database: Path) -> None:
    """If they are of the same kind and scope; another kind of list of the same costs may never be added."""
    name = "/subscriptions/s/providers/Microsoft.CostManagement/exports/"
    day, month = ({"exportConfig": {"type": "ActualCost", "resourceId": name + one}} for one in ("daily", "monthly"))
    shelf.run(f"daily/{SEPTEMBER}/1", "17", _bill("1"), rows=1, **day)
    shelf.run(f"monthly/{SEPTEMBER}/2", "30", _bill("1", "2"), rows=2, **month)
    assert fetching.collect(shelf.entry)["loaded"] == 1
    assert _billed() == "3"
    focus = {"exportConfig": {"type": "FocusCost", "resourceId": name + "focus"}}
    shelf.run(f"focus/{SEPTEMBER}/3", "30", _bill("1", "2"), rows=2, **focus)
    with pytest.raises(BadSettingError, match=r"several exports \(ActualCost of /subscriptions/s, FocusCost"):
        fetching.collect(shelf.entry)


def _committed(*rows: str) -> str:
    head = "date,billingPeriodStartDate,meterCategory,meterId,billingCurrency,costInBillingCurrency,chargeType"
    lines = [f"2026-09-01,2026-09-01,Virtual Machines,m,EUR,{row}" for row in rows]
    return "\r\n".join([f"\ufeff{head},pricingModel,reservationId,productName", *lines, ""])


@pytest.mark.parametrize("packed", [False, True])
def test_exports_of_actual_and_amortized_cost_are_one_bill(shelf: Shelf, database: Path, *, packed: bool) -> None:
    """A reservation for 300 is worth 10 of covered use, and 2 unused; 5.5 have nothing to do with it."""
    name = "/subscriptions/s/providers/Microsoft.CostManagement/exports/"
    plain, odd = '5.5,Usage,OnDemand,,"a, ""b"""', "0,Usage,OnDemand,,free"
    actual = _committed(plain, odd, "300,Purchase,Reservation,r,r", "0,Usage,Reservation,r,vm", "-20,Refund,,r,back")
    worth = _committed(plain, odd, "10,Usage,Reservation,r,vm", "2,UnusedReservation,Reservation,r,vm")
    kinds = {"ActualCost": (actual, 5), "AmortizedCost": (worth, 4)}
    for kind, (text, rows) in kinds.items():
        config = {"exportConfig": {"type": kind, "resourceId": name + kind}}
        body, ending = (gzip.compress(text.encode()), "csv.gz") if packed else (text, "csv")
        shelf.run(f"{kind}/{SEPTEMBER}/1", "17", body, rows=rows, ending=ending, **config)
    assert fetching.collect(shelf.entry) == {"status": "collected", "rows": 6, "loaded": 1, "unchanged": 0}
    assert (_billed(), _billed(worth=True)) == ("285.5", "17.5")
    assert fetching.collect(shelf.entry)["loaded"] == 0
    config = {"exportConfig": {"type": "AmortizedCost", "resourceId": name + "AmortizedCost"}}
    more = worth.replace("10,Usage", "11,Usage")
    shelf.run(f"AmortizedCost/{SEPTEMBER}/2", "18", more, rows=4, **config)
    assert fetching.collect(shelf.entry)["loaded"] == 1
    assert (_billed(), _billed(worth=True)) == ("285.5", "18.5")


def test_amortized_cost_alone_is_no_bill(shelf: Shelf, tmp_path: Path) -> None:
    """What was billed is not in it."""
    config = {"exportConfig": {"type": "AmortizedCost", "resourceId": "/subscriptions/s/providers/x"}}
    shelf.run(f"a/{SEPTEMBER}/1", "17", _bill("1"), rows=1, **config)
    with pytest.raises(BadSettingError, match="says nothing of what was billed: export ActualCost"):
        list(exports.fetch(shelf.entry, tmp_path, lambda _: False))


def test_a_report_that_was_overwritten_is_new(shelf: Shelf, database: Path) -> None:
    """Its names stay, its run and its entity tag do not."""
    shelf.run(f"{SEPTEMBER}/run", "17", _bill("1"), rows=1)
    assert fetching.collect(shelf.entry)["loaded"] == 1
    shelf.run(f"{SEPTEMBER}/run", "18", _bill("1", "2"), rows=2)
    assert fetching.collect(shelf.entry)["loaded"] == 1
    assert _billed() == "3"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"dataRowCount": 3}, "has 2 rows, and its manifest counts 3"),
        ({"blobCount": 2}, "lacks 1 more that it does not name"),
        ({"blobs": [{"blobName": "costs/daily/gone.csv"}]}, "lacks costs/daily/gone.csv"),
    ],
)
def test_a_run_that_is_not_whole_replaces_nothing(
    shelf: Shelf, database: Path, more: dict[str, Any], told: str
) -> None:
    """The month stays as it was, and no older run is taken; other months are read all the same."""
    shelf.run(f"{SEPTEMBER}/1", "16", _bill("1"), rows=1)
    fetching.collect(shelf.entry)
    shelf.run(f"{SEPTEMBER}/2", "17", _bill("1", "2"), rows=2)
    shelf.run(f"{SEPTEMBER}/3", "18", _bill("1", "2"), rows=2, **more)
    shelf.run(f"{OCTOBER}/4", "30", _bill("8", month=10), rows=1)
    with pytest.raises(CostsError, match=f"of 2026-09-01 to 2026-09-30 {told}: nothing of it is read"):
        fetching.collect(shelf.entry)
    assert (_billed(), _billed("2026-10")) == ("1", "8")


def test_parts_may_be_packed_or_parquet(shelf: Shelf, database: Path) -> None:
    """As the export was told to write them."""
    shelf.run(f"{SEPTEMBER}/1", "17", gzip.compress(_bill("1", "2").encode()), ending="csv.gz", rows=2)
    rows = [line.split(",")[:6] for line in _bill("3", "4", month=10).split("\r\n")[1:-1]]
    table = pa.table({name: [row[n] for row in rows] for n, name in enumerate(HEADER.split(",")[:6])})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    shelf.run(f"{OCTOBER}/1", "30", sink.getvalue().to_pybytes(), ending="parquet", rows=2)
    fetching.collect(shelf.entry)
    assert (_billed(), _billed("2026-10")) == ("3", "7")


def test_of_an_export_without_manifest_the_newest_file_of_a_month_is_read(shelf: Shelf, database: Path) -> None:
    """As exports wrote before they had any; what lies beside the months is no run."""
    at = datetime(2026, 9, 18, tzinfo=UTC)
    names = {f"costs/{SEPTEMBER}/b.csv": 17, f"costs/{SEPTEMBER}/a.csv": 18, f"costs/{OCTOBER}/c.csv": 16, "d.csv": 1}
    blobs = [Blob(name, 1, f"tag of {name}", at.replace(day=day)) for name, day in names.items()]
    assert [run.blobs[0].name for run in newest(blobs, {})] == [f"costs/{SEPTEMBER}/a.csv", f"costs/{OCTOBER}/c.csv"]
    shelf.put(f"{SEPTEMBER}/daily_0a2c.csv", _bill("1", "2"))
    assert fetching.collect(shelf.entry)["loaded"] == 1
    assert fetching.collect(shelf.entry)["loaded"] == 0


def test_a_recorded_manifest_of_2021_is_read(shelf: Shelf, samples: Path, database: Path) -> None:
    """Which names no run: when it was written tells it from others."""
    manifest = (samples / "azure" / "export-mixed" / "koku-manifest.json").read_text()
    (part,) = json.loads(manifest)["blobs"]
    shelf.client.upload_blob(part["blobName"], _bill(*["0.5"] * 28) + _bill(*["1"] * 28).partition("\r\n")[2])
    shelf.client.upload_blob(part["blobName"].replace("000001.csv", "manifest.json"), manifest)
    entry = SourceEntry(name="azure", bills=f"azure-blob://costs/{shelf.client.container_name}/cost")
    with pytest.raises(CostsError, match=r"cost/partitioned of 2023-01-01 to 2023-01-31 has 56 rows, .* counts 490"):
        fetching.collect(entry)
    shelf.client.upload_blob(part["blobName"].replace("000001.csv", "manifest.json"),
                             manifest.replace(": 490", ": 56"), overwrite=True)  # fmt: skip
    assert fetching.collect(entry)["loaded"] == 1


def test_of_hundreds_of_manifests_only_the_last_are_read() -> None:
    """Those of every month."""
    start = datetime(2026, 9, 1, tzinfo=UTC)
    ages = [(month, day) for month in (SEPTEMBER, OCTOBER) for day in range(28)]
    held = [Blob(f"{month}/{day}/manifest.json", 1, "", start + timedelta(days=day)) for month, day in ages]
    assert {one.name.split("/")[1] for one in manifests(held)} == {"25", "26", "27"}
    assert len(manifests(held)) == 6


def test_a_damaged_part_is_told(shelf: Shelf, tmp_path: Path) -> None:
    """Before any of it is read."""
    shelf.run(f"{SEPTEMBER}/1", "17", gzip.compress(_bill("1", "2").encode())[:-9], ending="csv.gz", rows=2)
    with pytest.raises(BadAnswerError, match=r"part_0_0001\.csv\.gz is cut off or damaged"):
        list(exports.fetch(shelf.entry, tmp_path, lambda _: False))


def test_a_report_that_changes_while_it_is_read_is_not_read(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of an old one and half of a new one would look whole."""
    shelf.run(f"{SEPTEMBER}/run", "17", _bill("1"), rows=1)
    found = exports.runs(clients.blobs("costs").get_container_client(shelf.client.container_name), "costs/daily/")
    monkeypatch.setattr(exports, "runs", lambda *_: found)
    shelf.run(f"{SEPTEMBER}/run", "18", _bill("9"), rows=1)
    with pytest.raises(BadAnswerError, match=r"answered .*part_0_0001\.csv with 412"):
        list(exports.fetch(shelf.entry, tmp_path, lambda _: False))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("20260907-20260913/1/part.csv", "only whole months can be replaced"),
        (f"other/{SEPTEMBER}/1/part.csv", "There are several exports"),
    ],
)
def test_what_cannot_be_replaced_by_the_month_is_told(shelf: Shelf, tmp_path: Path, name: str, told: str) -> None:
    """Exports of a week, and two exports in one source."""
    shelf.run(f"{SEPTEMBER}/1", "17", _bill("1"), rows=1)
    shelf.put(name, _bill("1"))
    with pytest.raises(BadSettingError, match=told):
        list(exports.fetch(shelf.entry, tmp_path, lambda _: False))


def test_an_absent_container_is_told(shelf: Shelf, tmp_path: Path) -> None:
    """By its address."""
    entry = SourceEntry(name="azure", bills="azure-blob://costs/nowhere")
    with pytest.raises(BadAnswerError, match=r"the blobs of http.*/costs/nowhere/ with 404 .*ContainerNotFound"):
        list(exports.fetch(entry, tmp_path, lambda _: False))


def test_a_wrong_address_is_told_with_a_right_one() -> None:
    """Before anything is asked."""
    with pytest.raises(BadSettingError, match="is no address of exports: write for example azure-blob://ACCOUNT"):
        exports.address(SourceEntry(name="azure", bills="azure-blob://account"))
