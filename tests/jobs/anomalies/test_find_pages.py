"""An anomaly's page says why; without one it is told all the same, and one that is stale is made anew."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jobs.anomalies import explain, find
from storage.database import transaction
from storage.models import Anomaly, Run
from tests.jobs.anomalies.billed import DAYS, bill, messages, rows, spiked, usual


def test_an_event_whose_page_cannot_be_made_is_told_without_its_cause(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run tries again, and nobody is told twice."""
    del database
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1)})
    monkeypatch.setattr(explain, "NOTEBOOK", "no_such_notebook")
    assert find.run()["USD"]["explained"] == 0
    assert (messages(), rows()[0].run_id) == (["anomaly"], None)
    monkeypatch.undo()
    assert find.run()["USD"]["explained"] == 1
    assert messages() == ["anomaly"]


def test_what_is_listed_of_late_has_a_page_too(tmp_path: Path, database: Path) -> None:
    """A drop is no message's worth, and yet somebody asks why."""
    del database
    amounts = usual()
    amounts[DAYS - 1] = 200
    bill(tmp_path / "bills", {"EC2": amounts})
    found = find.run()["USD"]
    assert (found["new"], found["explained"], found["posted"]) == (1, 1, 0)
    assert rows()[0].sentence is not None


@pytest.mark.parametrize(
    ("changes", "stale"),
    [
        ({}, False),
        ({"excess": Decimal(1)}, True),
        ({"lasts": False}, True),
        ({"age": timedelta(days=8)}, True),
    ],
    ids=["as it was", "other money", "over", "a week old"],
)
def test_a_page_is_made_anew_once_it_tells_what_is_not_so(
    tmp_path: Path,
    database: Path,
    changes: dict[str, Any],
    stale: bool,  # noqa: FBT001
) -> None:
    """And not each night."""
    del database
    bill(tmp_path / "bills", {"EC2": spiked(DAYS - 1)})
    find.run()
    with transaction() as session:
        [row] = session.scalars(select(Anomaly))
        for name, value in changes.items():
            if name == "age":
                session.get_one(Run, row.run_id).started_at -= value
            else:
                setattr(row, name, value)
        session.flush()
        assert bool(explain.due(session, [row])) == stale
