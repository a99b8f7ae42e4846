"""Slots, requests, the queue, the worker and the sweep: what is due is run once, and what died is run again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select, text

from finops.errors import CostsError, UnavailableError, UnknownWordError
from jobs import clock, overview, queue, runner, schedule, sweep, worker
from jobs.queue import Work
from jobs.schedule import Entry
from storage import alive, requests, slots
from storage.database import engine, transaction
from storage.models import Outcome, Request, RequestState, Run, Slot

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


@pytest.fixture
def fakes(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fakes]:
    """A timetable of two fake jobs."""
    module = Fakes()
    monkeypatch.setitem(sys.modules, "fake_jobs", module)
    table = (HOURLY, Entry("strict", "fake_jobs:strict", "0 3 * * *", "something"))
    for place in (schedule, queue, clock, overview):
        monkeypatch.setattr(place, "SCHEDULE", table)
    return module


def _waiting() -> list[dict[str, Any]]:
    with engine().connect() as connection:
        found = connection.execute(text("select args from procrastinate_jobs where status = 'todo' order by id"))
        return list(found.scalars())


def _work() -> None:
    asyncio.run(worker.work(wait=False))


def _runs() -> list[Run]:
    with transaction() as session:
        return list(session.scalars(select(Run).order_by(Run.started_at)))


def test_a_new_installation_makes_nothing_up(fakes: Fakes) -> None:
    """The first look only notes where each job stands; the next slot is run."""
    assert queue.take_due(HOURLY, now=NOON) is None
    assert queue.take_due(HOURLY, now=NOON + timedelta(minutes=59)) is None
    assert queue.take_due(HOURLY, now=NOON + timedelta(minutes=60)) == NOON + timedelta(hours=1)
    assert len(_waiting()) == 1


def test_of_the_slots_missed_only_the_latest_is_made_up(fakes: Fakes) -> None:
    """Three days down are one collection, not seventy-two."""
    queue.take_due(HOURLY, now=NOON)
    queue.catch_up(now=NOON + timedelta(days=3, minutes=30))
    assert [one["slot"] for one in _waiting() if one["name"] == "hourly"] == ["2026-11-26T12:00:00+00:00"]


def test_two_clocks_take_a_slot_once(fakes: Fakes) -> None:
    """Both look at the same moment, again and again."""
    queue.take_due(HOURLY, now=NOON)
    together = threading.Barrier(2)

    def tick(hour: int) -> datetime | None:
        together.wait()
        return queue.take_due(HOURLY, now=NOON + timedelta(hours=hour))

    with ThreadPoolExecutor(2) as clocks:
        for hour in range(1, 16):
            both = list(clocks.map(tick, [hour, hour]))
            assert sorted(one is not None for one in both) == [False, True]
            with engine().begin() as connection:
                assert connection.execute(text("delete from procrastinate_jobs")).rowcount == 1


def test_a_slot_and_its_job_are_written_together_or_not_at_all(fakes: Fakes) -> None:
    """What fails after the job was deferred takes the job back with it."""

    def cause_trouble() -> None:
        with transaction() as session:
            slots.take(session, "hourly", NOON)
            queue.defer(session, Work("hourly"))
            message = "trouble"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        cause_trouble()
    assert not _waiting()
    with transaction() as session:
        assert session.scalars(select(Slot)).all() == []


def test_the_same_work_waits_once_and_leaves_its_transaction_usable(fakes: Fakes) -> None:
    """Other parameters are other work."""
    with transaction() as session:
        assert queue.defer(session, Work("hourly"))
        assert not queue.defer(session, Work("hourly", slot=NOON.isoformat()))
        assert queue.defer(session, Work("hourly", {"month": "2026-09"}))
        slots.take(session, "hourly", NOON)
    assert len(_waiting()) == 2
    with transaction() as session:
        assert slots.last(session, "hourly") == NOON


def test_a_request_of_a_person_becomes_a_run(fakes: Fakes) -> None:
    """And one for a job that is not in the timetable imports nothing and blocks nobody."""
    with transaction() as session:
        requests.ask(session, job="os:system", parameters={"command": "true"}, by="U1")
        requests.ask(session, job="hourly", parameters={"month": "2026-09"}, by="U1")
    assert queue.take_requests() == 2
    assert queue.take_requests() == 0
    _work()
    assert fakes.ran == [{"month": "2026-09"}]
    with transaction() as session:
        assert {one.state for one in session.scalars(select(Request))} == {RequestState.DEFERRED}


def test_a_run_tells_how_it_ended(fakes: Fakes) -> None:
    """A result, a known error's sentence, or a surprise's kind."""
    with transaction() as session:
        queue.defer(session, Work("hourly", slot=NOON.isoformat()))
    _work()
    for error in (CostsError("No bill was found: look there."), ValueError("two\nlines")):
        fakes.raises = error
        with pytest.raises(type(error)):
            runner.run("hourly")
    told = [(run.slot, run.outcome, run.result, run.error) for run in _runs()]
    assert told == [
        (NOON, Outcome.SUCCEEDED, {"count": 1}, None),
        (None, Outcome.FAILED, None, "No bill was found: look there."),
        (None, Outcome.FAILED, None, "ValueError: two"),
    ]


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, SystemExit])
def test_a_run_that_is_stopped_says_so(fakes: Fakes, stopped: type[BaseException]) -> None:
    """It does not stay “running” until the sweep finds it, and whoever stopped it still does."""
    fakes.raises = stopped()
    with pytest.raises(stopped):
        runner.run("hourly")
    told = [(run.outcome, run.error) for run in _runs()]
    assert told == [(Outcome.FAILED, f"It was stopped ({stopped.__name__}).")]


def test_a_forged_job_in_the_queue_runs_nothing(fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    """The queue's rows are looked up in the timetable, never imported."""
    forged = '{"name": "os:abort", "parameters": {}, "slot": null, "attempt": 1}'
    with engine().begin() as connection:
        connection.execute(
            text("insert into procrastinate_jobs (queue_name, task_name, args) values ('default', 'run', :args)"),
            {"args": forged},
        )
    _work()
    assert "I don't know “os:abort”" in caplog.text
    assert _runs() == []
    assert _waiting() == []


def test_wrong_parameters_are_a_sentence(fakes: Fakes) -> None:
    """It names what the job knows, and the run says so too."""
    with pytest.raises(runner.BadParameterError, match="it knows month"):
        runner.run("strict", {"moth": "2026-09"})
    assert [run.outcome for run in _runs()] == [Outcome.FAILED]
    with pytest.raises(UnknownWordError, match="Did you mean “strict”"):
        runner.run("strct")


@pytest.mark.parametrize(
    ("error", "again"),
    [(UnavailableError("The database is away."), 1), (ValueError("odd"), 1), (CostsError("Mend your settings."), 0)],
)
def test_only_what_may_pass_is_tried_again(fakes: Fakes, error: Exception, again: int) -> None:
    """Later, and counted."""
    fakes.raises = error
    with transaction() as session:
        queue.defer(session, Work("hourly", {"last": True}, attempt=queue.ATTEMPTS))
    _work()
    assert _waiting() == []
    with transaction() as session:
        queue.defer(session, Work("hourly", attempt=2))
    _work()
    assert [one["attempt"] for one in _waiting()] == [3] * again


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
    assert [(one["name"], one["attempt"]) for one in _waiting()] == [("hourly", 1)]
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
    with alive.holding(_runs()[0].id):
        """PostgreSQL has noticed that the process is gone."""
    with transaction() as session:
        assert sweep.end_lost_runs(session, now=datetime.now(UTC)) == 1
        assert sweep.give_back(session, silent=timedelta(0)) == ["hourly"]
    assert [one["attempt"] for one in _waiting()] == [2]
    _work()
    assert len(fakes.ran) == 1
    assert [(run.outcome, run.error) for run in _runs()] == [(Outcome.FAILED, alive.GONE), (Outcome.SUCCEEDED, None)]


def test_a_job_that_kills_its_workers_is_given_up(fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    """Loudly, after three times."""
    with transaction() as session:
        queue.defer(session, Work("hourly", attempt=queue.ATTEMPTS))
        session.execute(text("update procrastinate_jobs set status = 'doing'"))
        assert sweep.give_back(session) == []
    assert "given up" in caplog.text
    assert _waiting() == []


def test_the_sweep_forgets_old_slots_but_not_where_a_job_stands(fakes: Fakes) -> None:
    """The newest slot of each job stays, however old."""
    with transaction() as session:
        for days in (400, 200, 100):
            slots.take(session, "hourly", NOON - timedelta(days=days))
        slots.take(session, "strict", NOON - timedelta(days=300))
        assert slots.prune(session, older_than=NOON - timedelta(days=30)) == 2
        assert slots.last(session, "hourly") == NOON - timedelta(days=100)
        assert slots.last(session, "strict") == NOON - timedelta(days=300)
    assert set(sweep.run()) == {"given_back", "lost_runs", "pruned_slots"}


def test_the_clock_ticks_by_our_slots_and_catches_up(fakes: Fakes) -> None:
    """APScheduler holds every entry, and what was missed is taken at its start."""
    queue.take_due(HOURLY, now=datetime.now(UTC) - timedelta(hours=3))
    caught = threading.Event()
    with clock.ticking() as scheduler:
        scheduler.add_listener(lambda event: caught.set() if event.job_id == "catch-up" else None, 1 << 12)
        held = {job.id for job in scheduler.get_jobs()}
        caught.wait(10)
    assert held == {"hourly", "strict", "catch-up"}
    assert [one["name"] for one in _waiting()] == ["hourly"]


def test_the_overview_shows_the_next_and_the_last_run(fakes: Fakes) -> None:
    """For a terminal and as values."""
    fakes.raises = CostsError("No bill was found.")
    with pytest.raises(CostsError):
        runner.run("hourly")
    lines = overview.lines(now=NOON)
    assert lines[0]["next"] == "2026-11-23T13:00:00+00:00"
    assert (lines[0]["last_outcome"], lines[1]["last_outcome"]) == ("failed", None)
    assert "hourly: No bill was found." in overview.table(lines)
