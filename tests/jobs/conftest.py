"""A timetable of fake jobs instead of the real one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import clock, overview, queue, schedule
from jobs.schedule import Entry
from tests.jobs.timetable import HOURLY, Fakes


@pytest.fixture
def fakes(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fakes]:
    """A timetable of two fake jobs."""
    module = Fakes()
    monkeypatch.setitem(sys.modules, "fake_jobs", module)
    table = (HOURLY, Entry("strict", "fake_jobs:strict", "0 3 * * *", "something"))
    for place in (schedule, queue, clock, overview):
        monkeypatch.setattr(place, "SCHEDULE", table)
    return module
