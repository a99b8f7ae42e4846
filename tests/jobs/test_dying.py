"""What dies at work is run again: jobs of workers that were stopped or killed, up to three times."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from jobs import queue, sweep, worker
from jobs.queue import Work
from storage import alive
from storage.database import transaction
from storage.models import Outcome
from tests.jobs.timetable import Fakes, runs, waiting, work


def test_what_a_stopping_worker_cannot_finish_is_given_back(fakes: Fakes) -> None:
    """The job is in the queue again, for the next worker."""
    started, never = threading.Event(), threading.Event()
    fakes.hourly = lambda: (started.set(), never.wait())  # type: ignore[method-assign]

    async def stopped_while_working() -> None:
        task = asyncio.create_task(worker.work(grace=0))
        await asyncio.to_thread(started.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with transaction() as session:
        queue.defer(session, Work("hourly"))
    asyncio.run(stopped_while_working())
    assert [(one["name"], one["attempt"]) for one in waiting()] == [("hourly", 1)]
    never.set()


KILLED = """
import sys, threading, types
from jobs import schedule, worker
fakes = types.ModuleType("fake_jobs")
def hourly():
    print("working", flush=True)
    threading.Event().wait()
fakes.hourly = hourly
sys.modules["fake_jobs"] = fakes
schedule.SCHEDULE = (schedule.Entry("hourly", "fake_jobs:hourly", "0 * * * *", ""),)
worker.serve()
"""


@pytest.fixture
def busy(fakes: Fakes) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start a worker process that is in the middle of a job."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, env=os.environ)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_killed_workers_job_is_run_again(fakes: Fakes, busy: Callable[[], subprocess.Popen[str]]) -> None:
    """Its run is marked failed, the job goes back, and the next worker does it."""
    with transaction() as session:
        queue.defer(session, Work("hourly"))
    process = busy()
    with transaction() as session:
        assert sweep.end_lost_runs(session, now=datetime.now(UTC)) == 0
        assert sweep.give_back(session) == []
    process.send_signal(signal.SIGKILL)
    process.wait()
    with alive.holding(runs()[0].id):
        """PostgreSQL has noticed that the process is gone."""
    with transaction() as session:
        assert sweep.end_lost_runs(session, now=datetime.now(UTC)) == 1
        assert sweep.give_back(session, silent=timedelta(0)) == ["hourly"]
    assert [one["attempt"] for one in waiting()] == [2]
    work()
    assert len(fakes.ran) == 1
    assert [(run.outcome, run.error) for run in runs()] == [(Outcome.FAILED, alive.GONE), (Outcome.SUCCEEDED, None)]


def test_a_job_that_kills_its_workers_is_given_up(fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    """Loudly, after three times."""
    with transaction() as session:
        queue.defer(session, Work("hourly", attempt=queue.ATTEMPTS))
        session.execute(text("update procrastinate_jobs set status = 'doing'"))
        assert sweep.give_back(session) == []
    assert "given up" in caplog.text
    assert waiting() == []
