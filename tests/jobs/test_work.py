"""Requests, the worker and its runs: who asked becomes a run, and a run tells how it ended."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from finops.errors import CostsError, UnavailableError, UnknownWordError
from jobs import overview, queue, runner
from jobs.queue import Work
from storage import requests
from storage.database import engine, transaction
from storage.models import Outcome, Request, RequestState
from tests.jobs.timetable import NOON, Fakes, runs, waiting, work


def test_a_request_of_a_person_becomes_a_run(fakes: Fakes) -> None:
    """And one for a job that is not in the timetable imports nothing and blocks nobody."""
    with transaction() as session:
        requests.ask(session, job="os:system", parameters={"command": "true"}, by="U1")
        requests.ask(session, job="hourly", parameters={"month": "2026-09"}, by="U1")
    assert queue.take_requests() == 2
    assert queue.take_requests() == 0
    work()
    assert fakes.ran == [{"month": "2026-09"}]
    with transaction() as session:
        assert {one.state for one in session.scalars(select(Request))} == {RequestState.DEFERRED}


def test_a_run_tells_how_it_ended(fakes: Fakes) -> None:
    """A result, a known error's sentence, or a surprise's kind."""
    with transaction() as session:
        queue.defer(session, Work("hourly", slot=NOON.isoformat()))
    work()
    for error in (CostsError("No bill was found: look there."), ValueError("two\nlines")):
        fakes.raises = error
        with pytest.raises(type(error)):
            runner.run("hourly")
    told = [(run.slot, run.outcome, run.result, run.error) for run in runs()]
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
    told = [(run.outcome, run.error) for run in runs()]
    assert told == [(Outcome.FAILED, f"It was stopped ({stopped.__name__}).")]


def test_a_forged_job_in_the_queue_runs_nothing(fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    """The queue's rows are looked up in the timetable, never imported."""
    forged = '{"name": "os:abort", "parameters": {}, "slot": null, "attempt": 1}'
    with engine().begin() as connection:
        connection.execute(
            text("insert into procrastinate_jobs (queue_name, task_name, args) values ('default', 'run', :args)"),
            {"args": forged},
        )
    work()
    assert "I don't know “os:abort”" in caplog.text
    assert runs() == []
    assert waiting() == []


def test_wrong_parameters_are_a_sentence(fakes: Fakes) -> None:
    """It names what the job knows, and the run says so too."""
    with pytest.raises(runner.BadParameterError, match="it knows month"):
        runner.run("strict", {"moth": "2026-09"})
    assert [run.outcome for run in runs()] == [Outcome.FAILED]
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
    work()
    assert waiting() == []
    with transaction() as session:
        queue.defer(session, Work("hourly", attempt=2))
    work()
    assert [one["attempt"] for one in waiting()] == [3] * again


def test_the_overview_shows_the_next_and_the_last_run(fakes: Fakes) -> None:
    """For a terminal and as values."""
    fakes.raises = CostsError("No bill was found.")
    with pytest.raises(CostsError):
        runner.run("hourly")
    lines = overview.lines(now=NOON)
    assert lines[0]["next"] == "2026-11-23T13:00:00+00:00"
    assert (lines[0]["last_outcome"], lines[1]["last_outcome"]) == ("failed", None)
    assert "hourly: No bill was found." in overview.table(lines)
