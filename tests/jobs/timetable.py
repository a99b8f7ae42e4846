"""A timetable of fake jobs that count how often they ran, and what stands in the queue."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from sqlalchemy import select, text

from jobs import worker
from jobs.schedule import Entry
from storage.database import engine, transaction
from storage.models import Run

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOURLY = Entry("hourly", "fake_jobs:hourly", "0 * * * *", "something")


class Fakes(ModuleType):
    """A module of jobs that count how often they ran."""

    def __init__(self) -> None:
        """Start at nothing."""
        super().__init__("fake_jobs")
        self.ran: list[dict[str, Any]] = []
        self.raises: BaseException | None = None

    def hourly(self, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Note it, or fail."""
        self.ran.append(parameters)
        if self.raises:
            raise self.raises
        return {"count": len(self.ran)}

    def strict(self, month: str) -> dict[str, Any]:
        """Take one parameter."""
        return {"month": month}


def waiting() -> list[dict[str, Any]]:
    """Return what each job that waits is about, in its order."""
    with engine().connect() as connection:
        found = connection.execute(text("select args from procrastinate_jobs where status = 'todo' order by id"))
        return list(found.scalars())


def work() -> None:
    """Do what waits, as a worker does."""
    asyncio.run(worker.work(wait=False))


def runs() -> list[Run]:
    """Return every run, the oldest first."""
    with transaction() as session:
        return list(session.scalars(select(Run).order_by(Run.started_at)))
