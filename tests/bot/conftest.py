"""A fake Slack that the settings point to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.settings import settings
from tests.bot import fake_slack
from tests.bot.fake_slack import FakeSlack


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
        yield fake
