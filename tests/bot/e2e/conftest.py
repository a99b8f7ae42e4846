"""The emulator and the bot, started once a transport; every test gets a ledger of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import exists, select

from finops.errors import UnavailableError
from jobs.demo import guard, local_slack
from jobs.demo.children import Children
from storage.database import libpq, transaction, url
from storage.models import Inbox, InboxState, Outbox, OutboxState
from tests.bot import ledgers
from tests.bot.e2e.stage import Stage

KEPT = Path(__file__).resolve().parents[3] / ".costs"
"""Where the demo keeps the emulator too, so that npm brings it once."""


@pytest.fixture(scope="module", params=["socket", "http"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _database: None
) -> Iterator[Stage]:
    """Start the emulator, and the bot or the web process, on the test run's database."""
    try:
        program = local_slack.find(KEPT)
    except UnavailableError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("slack")
    children, port = Children(), guard.port(0, chosen=False)
    process, mode = ("bot", "socket") if request.param == "socket" else ("web", "events")
    try:
        slack = local_slack.start(
            program, folder, children, port=guard.port(0, chosen=False), mode=mode,
            request_url=f"http://127.0.0.1:{port}/slack/events",
        )  # fmt: skip
        environment = {**os.environ, **slack.environment(), "DATABASE_URL": libpq(url()), "PORT": str(port)}
        command = [sys.executable, "-m", "costs", process]
        children.start(process, command, environment=environment, log=folder / f"{process}.log")
        ready = Stage(slack, f"http://127.0.0.1:{port}")
        ready.until(lambda: children.ended() or (slack.is_connected() if process == "bot" else ready.serves()))
        assert children.ended() is None, children.last_words(process)
        yield ready
    finally:
        children.stop()


@pytest.fixture
def stage(running: Stage, database: Path) -> Iterator[Stage]:
    """Fill a small ledger, and leave database and Slack as they were found."""
    del database
    with transaction() as session:
        ledgers.fill(session)
    yield running
    try:
        running.until(_is_idle)
    finally:
        running.slack.control("/reset", {})


def _is_idle() -> bool:
    """Whether the bot has done and posted all it was asked for: what is left would meet the next test."""
    with transaction() as session:
        asked = exists().where(Inbox.state.in_([InboxState.WAITING, InboxState.WORKING]))
        told = exists().where(Outbox.state.in_([OutboxState.PENDING, OutboxState.SENDING]))
        return not session.scalar(select(asked | told))
