"""A run is remembered with how it ended, and what it left is whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from finops.errors import UnavailableError
from storage import artifacts, runs
from storage.models import Outcome
from storage.settings import settings


def test_the_latest_run_that_succeeded_is_found(session: Session) -> None:
    """A failed one after it does not hide it, and an end once written stays."""
    good = runs.begin(session, "notebook:x", parameters={"a": 1})
    runs.finish(session, good.id, outcome=Outcome.SUCCEEDED, result={"total": "1"})
    runs.finish(session, good.id, outcome=Outcome.FAILED, error="too late")
    bad = runs.begin(session, "notebook:x")
    runs.finish(session, bad.id, outcome=Outcome.FAILED, error="no data")
    found = runs.latest(session, "notebook:x")
    assert found is not None
    assert (found.id, found.outcome, found.result) == (good.id, Outcome.SUCCEEDED, {"total": "1"})
    assert runs.latest(session, "other") is None


def test_an_artifact_is_returned_as_it_was_saved(session: Session) -> None:
    """And its page is found by its run."""
    run = runs.begin(session, "notebook:x")
    saved = artifacts.save(session, run_id=run.id, name="x.html", media_type="text/html", content=b"<p>hi</p>")
    artifacts.save(session, run_id=run.id, name="1.png", media_type="image/png", content=b"png")
    assert artifacts.load(saved) == b"<p>hi</p>"
    assert runs.page(session, run.id) is saved
    assert [one.name for one in runs.pictures(session, run.id)] == ["1.png"]
    assert artifacts.link(saved).endswith(f"/evidence/{saved.id}")


def test_a_changed_or_missing_file_is_refused(session: Session) -> None:
    """Evidence that was touched is no evidence."""
    run = runs.begin(session, "notebook:x")
    saved = artifacts.save(session, run_id=run.id, name="x", media_type="text/plain", content=b"as it was")
    file = settings().home / "artifacts" / saved.address
    file.write_bytes(b"touched")
    with pytest.raises(UnavailableError, match="changed on disk"):
        artifacts.load(saved)
    file.unlink()
    with pytest.raises(UnavailableError, match="missing"):
        artifacts.load(saved)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """Neither the target nor a temporary file beside it."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "child").touch()
    with pytest.raises(UnavailableError, match="could not be written"):
        artifacts.write(tmp_path / "taken", b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]
