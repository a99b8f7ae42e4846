"""The charge lake: a folder, or any object store."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops.errors import UnavailableError
from storage import lake
from storage.settings import settings


@pytest.fixture(params=["a folder", "an object store"])
def kind(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A lake of each kind, empty."""
    monkeypatch.setenv("COSTS_LAKE", str(tmp_path / "lake") if request.param == "a folder" else "memory:///")
    settings.cache_clear()
    return str(request.param)


def test_what_was_put_can_be_fetched(kind: str, tmp_path: Path) -> None:
    """To the byte, and again after it was replaced."""
    file, place = tmp_path / "file", lake.address("payer", "2026-09", "0123456789abcdef0123")
    assert place == "source=payer/billing_period=2026-09/0123456789abcdef.parquet"
    for content in (b"one", b"two" * 10_000):
        file.write_bytes(content)
        lake.put(file, place)
        assert lake.fetch(place, tmp_path).read_bytes() == content


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file stands under its name only when it is whole."""
    monkeypatch.setenv("COSTS_LAKE", str(tmp_path / "lake"))
    settings.cache_clear()
    (tmp_path / "file").write_bytes(b"whole")
    lake.put(tmp_path / "file", "a/b.parquet")
    assert [path.name for path in (tmp_path / "lake").rglob("*") if path.is_file()] == ["b.parquet"]


def test_a_lake_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here its folder is a file."""
    (tmp_path / "lake").write_text("in the way")
    monkeypatch.setenv("COSTS_LAKE", str(tmp_path / "lake"))
    settings.cache_clear()
    with pytest.raises(UnavailableError, match="cannot be written"):
        lake.put(tmp_path / "lake", "a/b.parquet")


def test_what_is_missing_from_an_object_store_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the address that was asked for."""
    monkeypatch.setenv("COSTS_LAKE", "memory:///")
    settings.cache_clear()
    with pytest.raises(UnavailableError, match=r"nowhere\.parquet cannot be read"):
        lake.fetch("nowhere.parquet", tmp_path)
