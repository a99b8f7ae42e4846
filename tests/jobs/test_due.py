"""Slots and the clock: what is due is taken once, and what was missed is made up once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from jobs import clock, queue, sweep
from jobs.queue import Work
from storage import slots
from storage.database import engine, transaction
from storage.models import Slot
from tests.jobs.timetable import HOURLY, NOON, Fakes, waiting


def test_a_new_installation_makes_nothing_up(fakes: Fakes) -> None:
    """The first look only notes where each job stands; the next slot is run."""
    assert queue.take_due(HOURLY, now=NOON) is None
    assert queue.take_due(HOURLY, now=NOON + timedelta(minutes=59)) is None
    assert queue.take_due(HOURLY, now=NOON + timedelta(minutes=60)) == NOON + timedelta(hours=1)
    assert len(waiting()) == 1


def test_of_the_slots_missed_only_the_latest_is_made_up(fakes: Fakes) -> None:
    """Three days down are one collection, not seventy-two."""
    queue.take_due(HOURLY, now=NOON)
    queue.catch_up(now=NOON + timedelta(days=3, minutes=30))
    assert [one["slot"] for one in waiting() if one["name"] == "hourly"] == ["2026-11-26T12:00:00+00:00"]


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
    assert not waiting()
    with transaction() as session:
        assert session.scalars(select(Slot)).all() == []


def test_the_same_work_waits_once_and_leaves_its_transaction_usable(fakes: Fakes) -> None:
    """Other parameters are other work."""
    with transaction() as session:
        assert queue.defer(session, Work("hourly"))
        assert not queue.defer(session, Work("hourly", slot=NOON.isoformat()))
        assert queue.defer(session, Work("hourly", {"month": "2026-09"}))
        slots.take(session, "hourly", NOON)
    assert len(waiting()) == 2
    with transaction() as session:
        assert slots.last(session, "hourly") == NOON


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
    assert [one["name"] for one in waiting()] == ["hourly"]
