"""Exports in a bucket: the newest delivery of every month, whole, once."""

from __future__ import annotations

import io
import json
import tarfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops.errors import BadSettingError
from jobs import fetching
from jobs.providers.answers import BadAnswerError
from jobs.providers.aws import exports
from jobs.sources import SourceEntry
from storage.database import transaction
from storage.models import Delivery
from tests.conftest import SAMPLES

HEADER = "bill/BillingPeriodStartDate,lineItem/UsageStartDate,lineItem/CurrencyCode,lineItem/LineItemType,"
HEADER += "lineItem/UnblendedCost,lineItem/UsageAccountId\n"


def _row(month: str, cost: str) -> str:
    return f"2026-{month}-01T00:00:00Z,2026-{month}-02T00:00:00Z,USD,Usage,{cost},0123456789012\n"


def _report(s3: Any, assembly: str, *costs: str, month: str = "08", parts: int = 1) -> None:  # noqa: ANN401
    """Deliver a legacy report: its parts in a folder of the assembly, then the manifest beside it."""
    root = f"cur/payer/2026{month}01-2026{int(month) + 1:02}01"
    keys = [f"{root}/{assembly}/payer-{number}.csv" for number in range(1, parts + 1)]
    for key in keys:
        s3.put_object(Bucket="bills", Key=key, Body=HEADER + "".join(_row(month, cost) for cost in costs))
    manifest = json.dumps({"assemblyId": assembly, "reportKeys": keys})
    for key in (f"{root}/{assembly}/payer-Manifest.json", f"{root}/payer-Manifest.json"):
        s3.put_object(Bucket="bills", Key=key, Body=manifest)


def _entry(prefix: str = "cur/payer") -> SourceEntry:
    return SourceEntry(name="payer", bills=f"s3://bills/{prefix}")


def _loaded() -> dict[str, Decimal]:
    with transaction() as session:
        rows = session.query(Delivery).filter_by(status="loaded").all()
        return {f"{row.billing_period:%Y-%m}": Decimal(row.billed_cost["USD"]) for row in rows}


def test_a_legacy_report_is_read_by_its_manifest_and_only_when_it_is_new(s3: Any, database: Path) -> None:  # noqa: ANN401
    """All parts of the assembly that counts, none of those before it."""
    _report(s3, "a1", "1", month="07")
    _report(s3, "b1", "2", month="08")
    _report(s3, "b2", "2", "0.5", month="08", parts=2)
    assert fetching.collect(_entry())["loaded"] == 2
    assert _loaded() == {"2026-07": Decimal(1), "2026-08": Decimal(5)}
    assert fetching.collect(_entry()) == {"status": "collected", "rows": 0, "loaded": 0, "unchanged": 0}
    _report(s3, "b3", "2", "0.5", "4", month="08", parts=2)
    assert fetching.collect(_entry())["loaded"] == 1
    assert _loaded()["2026-08"] == Decimal(13)


def test_a_file_that_a_manifest_names_and_that_is_not_there_fails_its_month_alone(s3: Any, database: Path) -> None:  # noqa: ANN401
    """The month is as it was before, the others are loaded, and the message names the file."""
    _report(s3, "a1", "1", month="07")
    _report(s3, "b1", "2", month="08", parts=2)
    s3.delete_object(Bucket="bills", Key="cur/payer/20260801-20260901/b1/payer-2.csv")
    with pytest.raises(BadAnswerError, match=r"2026-08 is not whole: its manifest names s3://bills/.*/b1/payer-2.csv"):
        fetching.collect(_entry())
    assert _loaded() == {"2026-07": Decimal(1)}


def test_a_data_export_is_read_by_the_newest_manifest_of_each_month(s3: Any, database: Path) -> None:  # noqa: ANN401
    """Whether it is overwritten or has a folder for every run."""
    for run, cost in (("20260901T00Z-x", "1"), ("20260902T00Z-y", "7")):
        key = f"e/cur2/data/BILLING_PERIOD=2026-08/{run}/cur2-00001.csv"
        body = HEADER.replace("lineItem/", "line_item_").replace("bill/", "bill_") + _row("08", cost)
        s3.put_object(Bucket="bills", Key=key, Body=body)
        manifest = json.dumps({"dataFiles": [f"s3://bills/{key}"]})
        place = f"e/cur2/metadata/BILLING_PERIOD=2026-08/{run}/cur2-Manifest.json"
        s3.put_object(Bucket="bills", Key=place, Body=manifest)
    fetching.collect(_entry("e/cur2"))
    assert _loaded() == {"2026-08": Decimal(7)}
    assert fetching.collect(_entry("e/cur2"))["loaded"] == 0


def test_files_without_a_manifest_are_a_delivery_a_month(s3: Any, database: Path) -> None:  # noqa: ANN401
    """What somebody copied there by hand."""
    for month in ("07", "08"):
        key = f"copied/BILLING_PERIOD=2026-{month}/part.csv"
        s3.put_object(Bucket="bills", Key=key, Body=HEADER + _row(month, month))
    assert fetching.collect(_entry("copied"))["loaded"] == 2
    assert _loaded() == {"2026-07": Decimal(7), "2026-08": Decimal(8)}


def test_two_exports_under_one_address_are_told_apart_by_the_person(s3: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Adding them up would count everything twice."""
    for name in ("one", "two"):
        key = f"e/{name}/metadata/BILLING_PERIOD=2026-08/{name}-Manifest.json"
        s3.put_object(Bucket="bills", Key=key, Body='{"dataFiles": []}')
    with pytest.raises(BadSettingError, match=r"several exports \(e/one, e/two\): give each a source"):
        list(exports.fetch(_entry("e"), tmp_path, lambda _: False))


@pytest.mark.parametrize("body", ["{", "[]", '{"assemblyId": "x"}'])
def test_a_manifest_that_is_none_is_told(s3: Any, tmp_path: Path, body: str) -> None:  # noqa: ANN401
    """By its name."""
    s3.put_object(Bucket="bills", Key="r/20260801-20260901/r-Manifest.json", Body=body)
    with pytest.raises(BadAnswerError, match=r"r/20260801-20260901/r-Manifest\.json"):
        list(exports.fetch(_entry("r"), tmp_path, lambda _: False))


def test_a_bucket_that_is_not_there_is_told(aws: str, tmp_path: Path) -> None:
    """With AWS's own reason."""
    with pytest.raises(BadAnswerError, match=r"s3://nowhere/ \(NoSuchBucket\)"):
        list(exports.fetch(SourceEntry(name="a", bills="s3://nowhere"), tmp_path, lambda _: False))


def test_a_real_layout_of_a_report_is_read(s3: Any, database: Path) -> None:  # noqa: ANN401
    """A prefix, a folder of the assembly, and two manifests that say the same."""
    layout = SAMPLES / "aws" / "cur-legacy" / "koku-test_local_bucket_prefix.tar.gz"
    if not layout.exists():
        pytest.skip("the sample bills are not there")
    with tarfile.open(layout) as packed:
        for member in packed.getmembers():
            content = packed.extractfile(member)
            if content:
                s3.upload_fileobj(io.BytesIO(content.read()), "bills", member.name.removeprefix("./"))
    assert fetching.collect(_entry("my-prefix/my-report"))["loaded"] == 1
    assert list(_loaded()) == ["2018-08"]
