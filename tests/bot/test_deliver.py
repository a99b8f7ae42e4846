"""Announcements leave the outbox once, wait when Slack says so, and are looked for before they are sent again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from bot import app as bot_app
from bot import cli_errors, deliver, reconcile
from storage import outbox
from storage.database import transaction
from storage.models import Outbox, OutboxState
from storage.settings import settings
from tests.bot import ledgers
from tests.bot.fake_slack import HANG_UP, FakeSlack
from tests.bot.passing import due

KEY = "recommendations 2026-11-23"


@pytest.fixture
def announced(slack: FakeSlack, database: Path) -> FakeSlack:
    """One recommendation, to be announced."""
    del database
    with transaction() as session:
        digest = {"kind": "recommendations", "recommendation_ids": [str(ledgers.recommend(session))]}
        outbox.put(session, key=KEY, kind="slack_message", payload={"channel": None, "digest": digest})
    return slack


def _deliver() -> Outbox:
    deliver.once(bot_app.client())
    return _message()


def _message() -> Outbox:
    with transaction() as session:
        return session.query(Outbox).one()


def test_a_message_is_posted_once_with_its_key(announced: FakeSlack) -> None:
    """And remembers where it is, so that it can be redrawn."""
    message = _deliver()
    assert message.state is OutboxState.SENT
    (posted,) = announced.of("chat.postMessage")
    assert posted["channel"] == "C0COSTS"
    assert KEY in str(posted["metadata"])
    assert "1 recommendation would save $120.00 a month." in posted["text"]
    assert message.receipt is not None
    assert set(message.receipt) == {"channel", "ts"}
    _deliver()
    assert len(announced.of("chat.postMessage")) == 1


def test_slack_is_given_the_time_it_asks_for(announced: FakeSlack) -> None:
    """Retry-After, however its name is written."""
    announced.script["chat.postMessage"] = [(429, {"retry-after": "77"}, {"ok": False, "error": "ratelimited"})]
    message = _deliver()
    assert message.state is OutboxState.PENDING
    wait = message.next_attempt_at - datetime.now(UTC)
    assert timedelta(seconds=60) < wait < timedelta(seconds=78)
    due()
    assert _deliver().state is OutboxState.SENT


LOST: tuple[object, ...] = (HANG_UP, (500, {}, {"ok": False, "error": "fatal_error"}), (200, {}, b"<html>half an ans"))


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("arrived", [True, False])
def test_a_lost_answer_makes_it_look_before_it_sends_again(announced: FakeSlack, lost: object, arrived: bool) -> None:  # noqa: FBT001
    """What is there is not posted twice; what is not there is posted."""
    announced.script["chat.postMessage"] = [lost]
    message = _deliver()
    assert message.state is OutboxState.PENDING
    assert outbox.maybe_sent(message)
    metadata = {"event_type": reconcile.EVENT, "event_payload": {"key": KEY}}
    found = [{"ts": "9.9", "metadata": metadata}] if arrived else [{"ts": "9.9"}]
    announced.script["conversations.history"] = [{"ok": True, "messages": found}]
    due()
    message = _deliver()
    assert message.state is OutboxState.SENT
    assert len(announced.of("chat.postMessage")) == (1 if arrived else 2)
    assert ((message.receipt or {})["ts"] == "9.9") is arrived


def test_a_sender_that_was_killed_is_taken_for_a_lost_answer(announced: FakeSlack) -> None:
    """Between posting and writing it down nobody can tell."""
    with transaction() as session:
        outbox.claim(session, ["slack_message"], now=datetime.now(UTC))
    due()
    assert _deliver().state is OutboxState.SENT
    assert len(announced.of("conversations.history")) == 1


def test_what_slack_never_takes_is_given_up_at_once(announced: FakeSlack) -> None:
    """Loudly: it is failed, with Slack's word for it."""
    announced.script["chat.postMessage"] = [{"ok": False, "error": "channel_not_found"}]
    message = _deliver()
    assert (message.state, message.error) == (OutboxState.FAILED, "channel_not_found")


def test_without_a_channel_it_waits_and_says_why(announced: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was handed over, so nothing is ambiguous."""
    monkeypatch.delenv("COSTS_CHANNEL")
    settings.cache_clear()
    message = _deliver()
    assert message.state is OutboxState.PENDING
    assert "COSTS_CHANNEL" in (message.error or "")
    assert not outbox.maybe_sent(message)
    assert not announced.calls


def test_a_slack_that_is_not_there_leaves_nothing_ambiguous(
    announced: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused connection cannot have carried a message."""
    del announced
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")
    settings.cache_clear()
    message = _deliver()
    assert message.state is OutboxState.PENDING
    assert not outbox.maybe_sent(message)


def test_one_message_that_cannot_be_drawn_does_not_keep_the_next(announced: FakeSlack) -> None:
    """It waits, and the other one is posted."""
    gone = {"kind": "recommendations", "recommendation_ids": ["00000000-0000-0000-0000-000000000000"]}
    with transaction() as session:
        bad = Outbox(key="bad", kind="slack_message", payload={"channel": None, "digest": gone})
        bad.next_attempt_at = datetime(2020, 1, 1, tzinfo=UTC)
        session.add(bad)
    deliver.once(bot_app.client())
    with transaction() as session:
        states = {one.key: one.state for one in session.query(Outbox)}
    assert states == {"bad": OutboxState.PENDING, KEY: OutboxState.SENT}
    assert len(announced.of("chat.postMessage")) == 1


def test_a_surprise_about_one_message_does_not_keep_the_next(announced: FakeSlack) -> None:
    """It is raised, for its process to log; the others of its turn are posted, and need not wait for a lease."""
    with transaction() as session:
        surprise = Outbox(key="surprise", kind="slack_awaited", payload={})
        surprise.next_attempt_at = datetime(2020, 1, 1, tzinfo=UTC)
        session.add(surprise)
    with pytest.raises(KeyError):
        deliver.once(bot_app.client())
    with transaction() as session:
        states = {one.key: one.state for one in session.query(Outbox)}
    assert states == {"surprise": OutboxState.SENDING, KEY: OutboxState.SENT}
    assert len(announced.of("chat.postMessage")) == 1


def _lost(announced: FakeSlack) -> None:
    """Post it, and lose the answer."""
    announced.script["chat.postMessage"] = [HANG_UP]
    _deliver()
    due()


def test_in_a_busy_channel_it_is_looked_for_a_page_a_minute(announced: FakeSlack) -> None:
    """From the first attempt on, as long as it takes; nothing is posted meanwhile."""
    _lost(announced)
    others = {"ok": True, "messages": [{"ts": "9.1"}], "response_metadata": {"next_cursor": "page2"}}
    metadata = {"event_type": reconcile.EVENT, "event_payload": {"key": KEY}}
    found = {"ok": True, "messages": [{"ts": "9.9", "metadata": metadata}]}
    announced.script["conversations.history"] = [others, found]
    message = _deliver()
    assert (message.state, message.attempts) == (OutboxState.PENDING, 1)
    assert message.next_attempt_at - datetime.now(UTC) > timedelta(seconds=50)
    with transaction() as session:  # its turn comes before the minute is over
        session.execute(update(Outbox).values(next_attempt_at=datetime.now(UTC) - timedelta(seconds=1)))
    _deliver()
    assert len(announced.of("conversations.history")) == 1
    due()
    assert _deliver().state is OutboxState.SENT
    first, second = announced.of("conversations.history")
    assert ("cursor" in first, second["cursor"]) == (False, "page2")
    assert float(first["oldest"]) < datetime.now(UTC).timestamp() - 60
    assert len(announced.of("chat.postMessage")) == 1


@pytest.mark.parametrize("word", ["missing_scope", "not_in_channel"])
def test_what_nobody_can_look_up_is_shown_as_ambiguous(announced: FakeSlack, word: str) -> None:
    """It is not repeated on a guess."""
    _lost(announced)
    announced.script["conversations.history"] = [{"ok": False, "error": word}]
    assert _deliver().state is OutboxState.AMBIGUOUS
    due()
    _deliver()
    assert len(announced.of("chat.postMessage")) == 1
    shown = CliRunner().invoke(cli_errors.outbox, [], catch_exceptions=False).output
    assert shown.startswith("ambiguous")
    assert f"“{KEY}”" in shown
    assert word in shown


def _another(announced: FakeSlack, channel: str) -> None:
    with transaction() as session:
        digest = {"kind": "recommendations", "recommendation_ids": [str(ledgers.recommend(session, name=channel))]}
        outbox.put(session, key=f"to {channel}", kind="slack_message", payload={"channel": channel, "digest": digest})


def test_a_channel_gets_one_message_a_second_and_others_do_not_wait_for_it(announced: FakeSlack) -> None:
    """The second one waits its turn, without it counting as an attempt."""
    for channel in ("C0COSTS", "C1"):
        _another(announced, channel)
    deliver.once(bot_app.client())
    assert sorted(one["channel"] for one in announced.of("chat.postMessage")) == ["C0COSTS", "C1"]
    with transaction() as session:
        (waits,) = session.query(Outbox).filter(Outbox.state == OutboxState.PENDING)
        assert waits.attempts == 0
        assert timedelta(0) < waits.next_attempt_at - datetime.now(UTC) < timedelta(seconds=1)
    due()
    deliver.once(bot_app.client())
    assert len(announced.of("chat.postMessage")) == 3


def test_a_pause_that_slack_asks_for_holds_for_the_channel(announced: FakeSlack) -> None:
    """Its next message would be refused as well."""
    announced.script["chat.postMessage"] = [(429, {"Retry-After": "77"}, {"ok": False, "error": "ratelimited"})]
    _deliver()
    _another(announced, "C0COSTS")
    deliver.once(bot_app.client())
    assert len(announced.of("chat.postMessage")) == 1
    with transaction() as session:
        waits = [one.next_attempt_at - datetime.now(UTC) for one in session.query(Outbox)]
    assert all(timedelta(seconds=60) < one < timedelta(seconds=78) for one in waits)
