"""Bills that are read without a process of their own, and a timetable of fake jobs instead of the real one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs import clock, overview, queue, schedule
from jobs.bills import guarded
from jobs.bills.ingest import ingest
from jobs.bills.results import Ingested
from jobs.schedule import Entry
from tests.jobs.timetable import HOURLY, Fakes


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read bills here: a process of their own takes seconds to start, and `test_guarded.py` is about it."""

    def read(*delivery: Any, time_limit: float = 0, memory_limit: int = 0, **rest: Any) -> Ingested:  # noqa: ANN401  as given
        del time_limit, memory_limit
        return ingest(*delivery, **rest)

    monkeypatch.setattr(guarded, "ingest", read)


@pytest.fixture
def fakes(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fakes]:
    """A timetable of two fake jobs."""
    module = Fakes()
    monkeypatch.setitem(sys.modules, "fake_jobs", module)
    table = (HOURLY, Entry("strict", "fake_jobs:strict", "0 3 * * *", "something"))
    for place in (schedule, queue, clock, overview):
        monkeypatch.setattr(place, "SCHEDULE", table)
    return module
