"""Commands and buttons, from Slack's payload to what Slack is asked to do."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App, BoltRequest

from bot import app as bot_app
from bot.actions import Action
from bot.answers import answer
from bot.listeners import asking, telling
from finops.recommendations.lifecycle import State
from storage import outbox, recommendations
from storage.database import transaction
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack

CHANNEL, LEAD, BOSS, GUEST = "C0COSTS", "ULEAD", "UBOSS", "UGUEST"


@pytest.fixture
def app(slack: FakeSlack, database: Path) -> App:
    """The app before a small ledger."""
    del slack, database
    with transaction() as session:
        ledgers.fill(session)
    return bot_app.build()


def _ask(app: App, slack: FakeSlack, text: str, trigger: str | None = None) -> int:
    body = {
        "command": "/cost", "text": text, "user_id": LEAD, "channel_id": CHANNEL, "team_id": "T0", "api_app_id": "A0",
        "trigger_id": trigger or uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
    }  # fmt: skip
    return app.dispatch(BoltRequest(mode="socket_mode", body=body)).status


def _press(app: App, slack: FakeSlack, action: Action, value: str, **more: Any) -> int:  # noqa: ANN401  a payload's parts
    body: dict[str, Any] = {
        "type": "block_actions", "user": {"id": LEAD, "team_id": "T0"}, "team": {"id": "T0"}, "api_app_id": "A0",
        "channel": {"id": CHANNEL}, "trigger_id": uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
        "container": {"channel_id": CHANNEL, "message_ts": "1.1"},
        "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value}],
    }  # fmt: skip
    return app.dispatch(BoltRequest(mode="socket_mode", body=body | more)).status


def _recommend() -> uuid.UUID:
    with transaction() as session:
        return ledgers.recommend(session)


def test_a_question_is_acknowledged_and_answered_to_the_asker_alone(app: App, slack: FakeSlack) -> None:
    """With a text for notifications, and buttons that carry its words."""
    assert _ask(app, slack, "by service 2026-10") == 200
    (answer,) = slack.wait("respond")
    assert answer["response_type"] == "ephemeral"
    assert answer["text"].startswith("Spent $341.00 from 1 Oct to 31 Oct 2026")
    assert [one["value"] for one in answer["blocks"][-1]["elements"]] == ["by service 2026-10"] * 2


def test_the_acknowledgement_waits_for_no_answer(app: App, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack gives up after three seconds, whatever the database does."""
    go_on = threading.Event()
    real = answer
    monkeypatch.setattr(asking, "answer", lambda *given: go_on.wait(10) and real(*given))
    assert _ask(app, slack, "2026-10") == 200
    assert not slack.of("respond")
    go_on.set()
    slack.wait("respond")


def test_a_crowd_of_slow_questions_keeps_nobody_from_being_acknowledged(
    app: App, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wait for each other, in threads of their own."""
    go_on = threading.Event()
    real = answer
    monkeypatch.setattr(asking, "answer", lambda *given: go_on.wait(10) and real(*given))
    crowd = bot_app.WORKERS + bot_app.ANSWERING + 1
    assert [_ask(app, slack, "2026-10") for _ in range(crowd)] == [200] * crowd
    go_on.set()
    slack.wait("respond", crowd)


def test_a_replay_acts_once(app: App, slack: FakeSlack) -> None:
    """Slack, or somebody who recorded it, may deliver the same request again."""
    for _ in range(3):
        assert _ask(app, slack, "help", trigger="same") == 200
    _ask(app, slack, "help", trigger="other")
    assert len(slack.wait("respond", 2)) == 2


def test_a_wrong_word_is_told_in_a_sentence(app: App, slack: FakeSlack) -> None:
    """It names the closest, and calls nobody."""
    _ask(app, slack, "by servce")
    assert "Did you mean “service”?" in slack.wait("respond")[0]["text"]
    _ask(app, slack, "<!channel>")
    assert "<!channel>" not in slack.wait("respond", 2)[1]["text"]


def test_a_chart_goes_to_direct_messages(app: App, slack: FakeSlack) -> None:
    """As a file, because Slack shows none inside a private answer."""
    _press(app, slack, Action.CHART, "by service 2026-10")
    (sent,) = slack.wait("files.completeUploadExternal")
    assert slack.of("conversations.open")[0]["users"] == LEAD
    assert sent["channel_id"] == "D0DIRECT"
    assert slack.wait("respond")[0]["text"] == "The chart is in your direct messages."


def test_a_shared_answer_has_its_chart_in_the_thread(app: App, slack: FakeSlack) -> None:
    """Posted once, for everybody."""
    _press(app, slack, Action.SHARE, "last month")
    (sent,) = slack.wait("files.completeUploadExternal")
    (posted,) = slack.of("chat.postMessage")
    assert posted["channel"] == CHANNEL
    assert "thread_ts" in sent
    assert not slack.of("respond")


def test_where_the_bot_is_no_member_it_asks_to_be_invited(app: App, slack: FakeSlack) -> None:
    """What Slack refuses for a known reason is a sentence."""
    slack.script["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    _press(app, slack, Action.SHARE, "last month")
    assert "/invite" in slack.wait("respond")[0]["text"]


def test_what_is_to_be_typed_is_shown_as_code(app: App, slack: FakeSlack) -> None:
    """And foreign marks without a partner are not."""
    _ask(app, slack, "x" * 1001)
    assert "say `help`" in slack.wait("respond")[0]["text"]
    _ask(app, slack, "`zzz")
    assert "`" not in slack.wait("respond", 2)[1]["text"]


@pytest.mark.parametrize("status", [500, 502])
def test_a_slack_that_fails_is_not_called_our_fault(app: App, slack: FakeSlack, status: int) -> None:
    """Nor is it known what it did before it failed."""
    slack.script["chat.postMessage"] = [(status, {}, b"<html>Bad Gateway")]
    _press(app, slack, Action.SHARE, "last month")
    assert "look, then try again" in slack.wait("respond")[0]["text"]


def test_a_surprise_is_told_with_an_id_that_the_log_knows(
    app: App, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of its cause is shown."""
    with caplog.at_level(logging.ERROR, telling.__name__):
        _press(app, slack, Action.APPROVE, "no such id")
        text = slack.wait("respond")[0]["text"]
    number = text.split("quote ")[1].split()[0]
    assert f"surprise {number}" in caplog.text
    assert "UUID" not in text


def test_a_decision_is_taken_once_and_everybody_sees_the_first(app: App, slack: FakeSlack) -> None:
    """The second is told who was first; the announcement is redrawn with who and when."""
    chosen = _recommend()
    digest = {"kind": "recommendations", "recommendation_ids": [str(chosen)]}
    with transaction() as session:
        outbox.put(session, key="new", kind="slack_message", payload={"channel": CHANNEL, "digest": digest})
        (message,) = outbox.claim(session, ["slack_message"], now=ledgers.NOW)
        outbox.sent(session, message.id, {"channel": CHANNEL, "ts": "1.1"})
    _press(app, slack, Action.APPROVE, str(chosen))
    slack.wait("chat.update")
    _press(app, slack, Action.DISMISS, str(chosen), user={"id": BOSS, "team_id": "T0"})
    (refusal,) = slack.wait("respond")
    assert "first decision stands" in refusal["text"]
    assert f"“Stop i-1” was approved by <@{LEAD}> on " in refusal["text"]
    with transaction() as session:
        row, history = recommendations.get(session, chosen), recommendations.events(session, chosen)
    assert (row.state, row.decided_by) == (State.APPROVED, LEAD)
    assert [one.after for one in history] == [State.APPROVED]
    for update in slack.wait("chat.update", 2):
        assert (update["channel"], update["ts"]) == (CHANNEL, "1.1")
        assert f"by <@{LEAD}>" in _drawn(update)
        assert Action.APPROVE not in _drawn(update)


def test_a_private_list_is_redrawn_where_it_stands(app: App, slack: FakeSlack) -> None:
    """Only its response address leads there."""
    chosen = _recommend()
    _press(app, slack, Action.DISMISS, str(chosen))
    (redrawn,) = slack.wait("respond")
    assert redrawn["replace_original"] is True
    assert "Dismissed" in _drawn(redrawn)


def test_only_approvers_decide(app: App, slack: FakeSlack) -> None:
    """Others are told who may, and nothing changes."""
    chosen = _recommend()
    _press(app, slack, Action.APPROVE, str(chosen), user={"id": GUEST, "team_id": "T0"})
    (refusal,) = slack.wait("respond")
    assert f"<@{BOSS}>, <@{LEAD}>" in refusal["text"]
    assert refusal["replace_original"] is False
    with transaction() as session:
        assert recommendations.get(session, chosen).state is State.OPEN


def _drawn(sent: dict[str, Any]) -> str:
    blocks = sent["blocks"]
    return blocks if isinstance(blocks, str) else json.dumps(blocks, ensure_ascii=False)
