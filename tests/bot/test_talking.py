"""Mentions and direct messages: the same questions, and threads that stay on topic."""

from __future__ import annotations

import html

import pytest
from slack_bolt import App, BoltRequest

from bot.intake import Intake
from bot.listeners.talking import is_for_us, said
from bot.working import Workers
from storage.database import transaction
from tests.bot import ledgers, passing, payloads
from tests.bot.fake_slack import HANG_UP, FakeSlack

DIRECT = "D0DIRECT"


@pytest.fixture
def app(bolt: App) -> App:
    """The app before a small ledger."""
    with transaction() as session:
        ledgers.fill(session)
    return bolt


def _mention(app: App, text: str, ts: str, **more: str) -> None:
    body = payloads.event("app_mention", text=f"<@U0BOT> {text}", ts=ts, channel_type="channel", **more)
    app.dispatch(BoltRequest(mode="socket_mode", body=body))
    passing.due()


def _write(app: App, text: str, ts: str, **more: str) -> None:
    body = payloads.event("message", text=text, ts=ts, channel_type="im", **more)
    body["event"]["channel"] = DIRECT
    app.dispatch(BoltRequest(mode="socket_mode", body=body))
    passing.due()


def test_a_mention_is_answered_in_its_thread_and_a_reply_refines_it(app: App, slack: FakeSlack) -> None:
    """Twice over; a thread of another question is not touched by it."""
    _mention(app, "by service 2026-10", "1.0")
    _mention(app, "by day 2026-10 top 3", "2.0")
    _mention(app, "service=S3", "3.0", thread_ts="1.0")
    _mention(app, "by day top 5", "4.0", thread_ts="1.0")
    posted = slack.wait("chat.postMessage", 4)
    assert [one["thread_ts"] for one in posted] == ["1.0", "2.0", "1.0", "1.0"]
    assert [one["text"].split(" from")[0] for one in posted] == [
        "Spent $341.00",
        "Spent $341.00",
        "S3: spent $31.00",
        "S3: spent $31.00",
    ]
    assert "27\u00a0Oct\u00a02026" in posted[3]["blocks"][1]["text"]["text"]


def test_roles_are_told_to_a_mention_and_in_direct_messages_too(app: App, slack: FakeSlack) -> None:
    """Seen by whoever asked, as with the command; nothing is posted."""
    _mention(app, "roles", "1.0")
    _write(app, "roles", "2.0")
    told = slack.wait("chat.postEphemeral", 2)
    assert all("know" not in one["text"] for one in told)
    assert not slack.of("chat.postMessage")


def test_a_direct_message_is_answered_and_a_reply_to_the_answer_refines_it(app: App, slack: FakeSlack) -> None:
    """Without a mention; there is nobody to share it with."""
    _write(app, "2026-10", "1.0")
    (answer,) = slack.wait("chat.postMessage")
    assert answer["channel"] == DIRECT
    assert "thread_ts" not in answer
    assert "answer_share" not in str(answer["blocks"])
    _write(app, "service=EC2", "2.0", thread_ts="1.0")
    assert slack.wait("chat.postMessage", 2)[1]["text"].startswith("EC2: spent $310.00 from 1 Oct")


def test_what_is_not_understood_in_conversation_is_offered(app: App, slack: FakeSlack) -> None:
    """And what the ledger cannot answer is a sentence in the same thread."""
    _mention(app, "by srvc", "1.0")
    assert "Did you mean: by service" in str(slack.wait("chat.postMessage")[0]["blocks"])
    _mention(app, "2026-13", "2.0")
    told = slack.wait("chat.postMessage", 2)[1]
    assert told["text"].startswith("There is no 2026-13.")
    assert told["thread_ts"] == "2.0"


def test_an_answer_that_slack_refuses_for_now_is_posted_later_and_in_order(app: App, slack: FakeSlack) -> None:
    """What is asked next in its thread waits for it; a reply refines it all the same."""
    slack.script["chat.postMessage"] = [(429, {"retry-after": "30"}, {"ok": False, "error": "ratelimited"})]
    for words, ts, more in (("by service 2026-10", "1.0", {}), ("by region 2026-10", "2.0", {"thread_ts": "1.0"})):
        body = payloads.event("app_mention", text=f"<@U0BOT> {words}", ts=ts, channel_type="channel", **more)
        for _ in range(2):  # Slack sends again what it believes lost
            app.dispatch(BoltRequest(mode="socket_mode", body=body))
    assert len(slack.of("chat.postMessage")) == 1
    passing.posted()
    posted = slack.of("chat.postMessage")[1:]
    assert ["EC2" in str(one["blocks"]) for one in posted] == [True, False]
    assert {one["thread_ts"] for one in posted} == {"1.0"}
    _mention(app, "service=S3", "3.0", thread_ts="1.0")
    assert slack.of("chat.postMessage")[-1]["text"].startswith("S3: spent $31.00")


@pytest.mark.parametrize("arrived", [True, False])
def test_an_answer_whose_fate_is_unknown_is_looked_for_before_it_is_repeated(
    app: App,
    slack: FakeSlack,
    arrived: bool,  # noqa: FBT001
) -> None:
    """By its key, in the thread; a reply to what is found refines it."""
    slack.script["chat.postMessage"] = [HANG_UP]
    _mention(app, "by service 2026-10", "1.0")
    key = slack.of("chat.postMessage")[0]["metadata"]["event_payload"]["key"]
    metadata = {"event_type": "costs_outbox", "event_payload": {"key": key}}
    found = [{"ts": "9.9", "metadata": metadata}] if arrived else []
    slack.script["conversations.replies"] = [{"ok": True, "messages": found}]
    passing.posted()
    assert slack.of("conversations.replies")[0]["ts"] == "1.0"
    assert len(slack.of("chat.postMessage")) == (1 if arrived else 2)
    _mention(app, "service=S3", "3.0", thread_ts="1.0")
    assert slack.of("chat.postMessage")[-1]["text"].startswith("S3: spent $31.00")


def test_who_asked_is_told_that_slack_does_not_take_an_answer(app: App, slack: FakeSlack) -> None:
    """By a sentence for them alone; it is not tried for hours."""
    slack.script["chat.postMessage"] = [{"ok": False, "error": "restricted_action"}]
    body = payloads.event("app_mention", text="<@U0BOT> 2026-10", ts="1.0", channel_type="channel")
    Intake(app, lambda: None).take(body)
    assert Workers(app).once()
    (told,) = slack.of("chat.postEphemeral")
    assert "did not take my answer (restricted_action)" in told["text"]
    passing.posted()
    assert len(slack.of("chat.postMessage")) == 1


def test_apps_changes_and_channels_are_not_for_the_bot(app: App, slack: FakeSlack) -> None:
    """It would answer itself, or everybody."""
    own = {"user": "U", "channel_type": "im"}
    assert is_for_us(own)
    for other in ({"bot_id": "B0"}, {"subtype": "message_changed"}, {"channel_type": "channel"}, {"user": ""}):
        assert not is_for_us(own | other)
    _write(app, "2026-10", "1.0", bot_id="B0BOT")
    assert not slack.of("chat.postMessage")


def test_slack_s_writing_is_read_as_it_was_typed() -> None:
    """The bot's mention is left out and nobody else's, entities are characters, links are their words."""
    text = "<@U0BOT|costs> by service where team=<http://web.io|web.io> &gt; &amp; to <@UADA>"
    assert said(text, to="U0BOT") == "by service where team=web.io > & to <@UADA>"


def test_a_rule_asked_for_in_a_mention_tells_whom_it_names(app: App, slack: FakeSlack) -> None:
    """And who is merely called beside a question changes nothing of it."""
    _mention(app, "alert when team=web daily &gt; 500 USD to <@UADA>", "1.0")
    (shown,) = slack.wait("chat.postMessage")
    assert "alert to <@UADA> where team=web daily > 500 USD" in html.unescape(str(shown["blocks"]))
    _mention(app, "<@UADA> by service 2026-10", "2.0")
    assert slack.wait("chat.postMessage", 2)[1]["text"].startswith("Spent $341.00")
