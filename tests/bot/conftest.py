"""A fake Slack that the settings point to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bolt import App
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot import app as bot_app
from bot import arriving, asker, oauth, web
from bot.intake import Intake
from bot.listeners import noting
from bot.working import Workers
from finops.people import Person
from finops.roles import Role
from storage import roles
from storage.database import transaction
from storage.settings import settings
from tests.bot import fake_slack, ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.installing import KEY, granted


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    """A Slack on loopback, its channel C0COSTS and its approver ULEAD."""
    with fake_slack.running() as fake:
        for name, value in {
            "SLACK_BOT_TOKEN": "xoxb-test",
            "SLACK_API_URL": fake.api,
            "COSTS_CHANNEL": "C0COSTS",
            "COSTS_APPROVERS": "ULEAD,UBOSS",
        }.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        asker._zones.clear()  # noqa: SLF001  each test has people of its own
        arriving._known.clear()  # noqa: SLF001  and channels
        noting._noted.clear()  # noqa: SLF001  of whom none has asked
        noting._waiting.clear()  # noqa: SLF001
        yield fake


@pytest.fixture
def bolt(slack: FakeSlack, database: Path) -> App:
    """The app, before an empty ledger."""
    del slack, database
    return bot_app.build()


@pytest.fixture
def app(bolt: App) -> App:
    """The app before a small ledger; ULEAD and UBOSS approve, everybody else may look."""
    with transaction() as session:
        ledgers.fill(session)
    return bolt


@pytest.fixture
def ada(database: Path) -> None:
    """Somebody who is an admin."""
    del database
    with transaction() as session:
        roles.grant(session, "UADA", Role.ADMIN, by=Person("T0", "UADA"))


@pytest.fixture
def workers(bolt: App) -> Iterator[Workers]:
    """Workers that work."""
    running = Workers(bolt).start()
    yield running
    running.stop()


@pytest.fixture
def intake(bolt: App, workers: Workers) -> Intake:
    """The way in, with workers behind it."""
    return Intake(bolt, workers.ring)


@pytest.fixture
def pages(slack: FakeSlack, database: Path, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """The web application where further workspaces may be installed."""
    del database
    for name, value in {
        "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "client secret", "COSTS_TOKEN_KEYS": KEY,
        "COSTS_PUBLIC_URL": "https://costs.example.com",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    oauth._flow.cache_clear()  # noqa: SLF001  each test has a Slack of its own
    slack.script["oauth.v2.access"] = [granted("T1", "Acme Labs"), granted("T2", "Acme Shop")]
    return web.build()


@pytest.fixture
def ledger(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The small ledger, and a home without any file."""
    ledgers.fill(session)
    monkeypatch.setattr(type(settings()), "home", property(lambda _: tmp_path))
    return session
