"""A folder copied from a bucket holds many deliveries; only the newest of each month counts."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from finops.errors import BadDeliveryError
from jobs.bills import files
from tests.conftest import SAMPLES

Put = Callable[[str, object], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a file of the copied folder: text, or a manifest."""

    def write(name: str, content: object = "a,b\n") -> Path:
        file = tmp_path / "copied" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return file

    return write


def _found(folder: Path) -> list[str]:
    return [file.relative_to(folder.resolve()).as_posix() for file in files.find([folder])]


@pytest.mark.parametrize("below", ["", "cur/payer", "cur/payer/20260801-20260901"])
def test_of_a_legacy_report_only_the_assembly_that_counts_is_read(put: Put, tmp_path: Path, below: str) -> None:
    """Whichever folder of the report is given; reading two of them would count the month twice."""
    month = "cur/payer/20260801-20260901"
    for assembly in ("old", "new"):
        put(f"{month}/{assembly}/payer-1.csv", "a,b\n")
        put(f"{month}/{assembly}/payer-Manifest.json", {"reportKeys": [f"x/{month}/{assembly}/payer-1.csv"]})
    put(f"{month}/payer-Manifest.json", {"reportKeys": [f"x/{month}/new/payer-1.csv"]})
    folder = tmp_path / "copied" / below
    assert [one.rpartition("20260901/")[2] for one in _found(folder)] == ["new/payer-1.csv"]


def test_of_a_data_export_with_a_folder_a_run_only_the_newest_run_is_read(put: Put, tmp_path: Path) -> None:
    """Of every month."""
    for month, run in (("2026-08", "20260901T"), ("2026-08", "20260905T"), ("2026-09", "20260905T")):
        data = f"data/BILLING_PERIOD={month}/{run}/c-1.parquet"
        put(f"c/{data}", "PAR1")
        put(f"c/metadata/BILLING_PERIOD={month}/{run}/c-Manifest.json", {"dataFiles": [f"s3://b/p/c/{data}"]})
    assert _found(tmp_path / "copied") == [
        "c/data/BILLING_PERIOD=2026-08/20260905T/c-1.parquet",
        "c/data/BILLING_PERIOD=2026-09/20260905T/c-1.parquet",
    ]


def _azure(at: str, *names: str, month: str = "2026-08") -> dict[str, object]:
    blobs = [{"blobName": f"costs/daily/20260801-20260831/{at}/{name}"} for name in names]
    run = {"submittedTime": at, "runId": at, "startDate": f"{month}-01T00:00:00"}
    return {"blobs": blobs, "blobCount": len(blobs), "runInfo": run, "exportConfig": {"exportName": "daily"}}


def test_of_azures_runs_only_the_newest_of_each_month_is_read(put: Put, tmp_path: Path) -> None:
    """All its parts, and nothing else that lies beside them."""
    for at, names in (("2026-09-01", ["a.csv"]), ("2026-09-02", ["b.csv", "c.csv"])):
        for name in (*names, "stray.csv"):
            put(f"daily/20260801-20260831/{at}/{name}", "a,b\n")
        put(f"daily/20260801-20260831/{at}/manifest.json", _azure(at, *names))
    assert [one.rpartition("31/")[2] for one in _found(tmp_path / "copied")] == ["2026-09-02/b.csv", "2026-09-02/c.csv"]


@pytest.mark.parametrize(
    ("name", "manifest"),
    [
        ("r/20260801-20260901/r-Manifest.json", {"reportKeys": ["r/20260801-20260901/a/r-2.csv"]}),
        ("daily/run/manifest.json", _azure("2026-09-01", "part-2.csv")),
    ],
)
def test_half_of_a_delivery_is_refused(put: Put, tmp_path: Path, name: str, manifest: object) -> None:
    """The manifest says what is missing."""
    put("r/20260801-20260901/a/r-1.csv", "a,b\n")
    put(name, manifest)
    with pytest.raises(BadDeliveryError, match=r"anifest\.json: it names .*-2\.csv, which is not"):
        _found(tmp_path / "copied")


@pytest.mark.parametrize("content", ["{", "[]", '{"reportKeys": 7}'])
def test_a_manifest_that_is_none_is_told(put: Put, tmp_path: Path, content: str) -> None:
    """By its name."""
    put("r/20260801-20260901/a/r-1.csv", "a,b\n")
    put("r/20260801-20260901/r-Manifest.json", content)
    with pytest.raises(BadDeliveryError, match=r"r-Manifest\.json: it is no manifest"):
        _found(tmp_path / "copied")


@pytest.mark.parametrize("content", ["", '{"runInfo": {'])
def test_a_manifest_of_azure_that_was_cut_off_is_told(put: Put, tmp_path: Path, content: str) -> None:
    """It is written last, so the run may not be whole."""
    put("daily/20260801-20260831/1/a.csv", "a,b\n")
    put("daily/20260801-20260831/1/manifest.json", content)
    with pytest.raises(BadDeliveryError, match=r"manifest\.json: it is no manifest of an export"):
        _found(tmp_path / "copied")


def test_files_without_a_manifest_are_all_read(put: Put, tmp_path: Path) -> None:
    """Somebody put them there."""
    put("a/1.csv", "a,b\n")
    put("a/2.csv", "a,b\n")
    put("manifest.json", {"name": "a web page's"})
    assert _found(tmp_path / "copied") == ["a/1.csv", "a/2.csv"]


@pytest.mark.parametrize("name", ["koku-test_local_bucket.tar.gz", "koku-test_local_bucket_prefix.tar.gz"])
def test_real_layouts_of_a_bucket_are_read(tmp_path: Path, name: str) -> None:
    """With a prefix and without."""
    layout = SAMPLES / "aws" / "cur-legacy" / name
    if not layout.exists():
        pytest.skip("the sample bills are not there")
    with tarfile.open(layout) as packed:
        packed.extractall(tmp_path / "bucket", filter="data")
    assert len(_found(tmp_path / "bucket")) == 1
