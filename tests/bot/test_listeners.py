"""Commands and buttons, from Slack's payload to what Slack is asked to do."""

from __future__ import annotations

import json
import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from slack_bolt import App, BoltRequest

from bot import cli_errors
from bot.actions import Action
from bot.listeners import telling
from finops.recommendations.lifecycle import State
from storage import outbox, recommendations, surprises
from storage.database import transaction
from tests.bot import ledgers, passing
from tests.bot.fake_slack import FakeSlack

CHANNEL, LEAD, BOSS, GUEST = "C0COSTS", "ULEAD", "UBOSS", "UGUEST"


def _ask(app: App, slack: FakeSlack, text: str, trigger: str | None = None, user: str = LEAD) -> int:
    body = {
        "command": "/cost", "text": text, "user_id": user, "channel_id": CHANNEL, "team_id": "T0", "api_app_id": "A0",
        "trigger_id": trigger or uuid.uuid4().hex, "response_url": f"{slack.address}/respond",
    }  # fmt: skip
    return app.dispatch(BoltRequest(mode="socket_mode", body=body)).status


def _press(app: App, slack: FakeSlack, action: str, value: str, **more: Any) -> int:  # noqa: ANN401  a payload's parts
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
    buttons = {one["text"]["text"]: one["value"] for one in answer["blocks"][-1]["elements"]}
    assert buttons["Chart"] == buttons["Share"] == "by service 2026-10"
    assert buttons["By region"] == "by region 2026-10"


def test_a_wrong_word_is_a_button_that_asks_the_nearest(app: App, slack: FakeSlack) -> None:
    """One press away from the answer; what is typed calls nobody."""
    _ask(app, slack, "by srvc 2026-10")
    (offer,) = slack.wait("respond")
    (button,) = offer["blocks"][-1]["elements"]
    assert button["text"]["text"] == "Did you mean: by service 2026-10"
    _press(app, slack, button["action_id"], button["value"])
    assert slack.wait("respond", 2)[1]["text"].startswith("Spent $341.00 from 1 Oct")
    _ask(app, slack, "<!channel>")
    assert "<!channel>" not in json.dumps(slack.wait("respond", 3)[2])


def test_a_clear_slip_is_answered_and_said(app: App, slack: FakeSlack) -> None:
    """So that the reading can be seen."""
    _ask(app, slack, "by servce 2026-10")
    assert "I read “servce” as “service”" in _drawn(slack.wait("respond")[0])


def test_a_filter_that_the_ledger_does_not_know_offers_the_one_it_does(app: App, slack: FakeSlack) -> None:
    """Also a question away."""
    _ask(app, slack, "service=EC3 2026-10")
    (button,) = slack.wait("respond")[0]["blocks"][-1]["elements"]
    assert button["value"] == "where service=EC2 2026-10"


@pytest.mark.parametrize(
    ("text", "offered"),
    [("ec2 2026-10", ["where service=EC2 2026-10"]), ("sdkjfh", None)],
)
def test_a_bare_word_is_offered_as_a_service_only_where_the_ledger_knows_it(
    app: App, slack: FakeSlack, text: str, offered: list[str] | None
) -> None:
    """Else an example that works is told."""
    _ask(app, slack, text)
    told = slack.wait("respond")[0]
    buttons = [one["value"] for block in told["blocks"] for one in block.get("elements", []) if "value" in one]
    assert buttons == (offered or [])
    assert ("by service last 7 days" in told["text"]) is (offered is None)


def test_the_day_is_the_asker_s(app: App, slack: FakeSlack) -> None:
    """It is never the same in Kiritimati and in Pago Pago; who they are and their zone are asked for once each."""
    days = []
    for user, zone in (("UEAST", "Pacific/Kiritimati"), ("UWEST", "Pacific/Pago_Pago")):
        slack.users[user] = {"tz": zone}
        for _ in range(2):
            before = len(slack.of("respond"))
            _ask(app, slack, "yesterday", user=user)
            told = slack.wait("respond", before + 1)[-1]
        days += [one["value"] for one in told["blocks"][-1]["elements"] if one["text"]["text"] == "Share"]
    assert len(set(days)) == 2
    assert len(slack.of("users.info")) == 4


def test_a_chart_goes_to_direct_messages(app: App, slack: FakeSlack) -> None:
    """As a file, because Slack shows none inside a private answer."""
    _press(app, slack, Action.CHART, "by service 2026-10")
    (sent,) = slack.wait("files.completeUploadExternal")
    assert slack.of("conversations.open")[0]["users"] == LEAD
    assert sent["channel_id"] == "D0DIRECT"
    assert slack.wait("respond")[0]["text"] == "The chart is in your direct messages."


def test_sharing_names_the_audience_first(app: App, slack: FakeSlack) -> None:
    """How many, and whether some are of another organization; nothing is posted before that is confirmed."""
    about = {"id": CHANNEL, "num_members": 15, "is_member": True, "is_ext_shared": True}  # the bot is one of them
    slack.script["conversations.info"] = [{"ok": True, "channel": about}]
    _press(app, slack, Action.SHARE, "last month")
    (asked,) = slack.wait("respond")
    assert f"Everybody in <#{CHANNEL}> (14 members), *people of other organizations among them*" in asked["text"]
    button, other = asked["blocks"][-1]["elements"]
    assert (button["action_id"], button["value"]) == (Action.SHARE_NOW, "last month")
    _press(app, slack, other["action_id"], "")
    assert slack.of("respond")[-1]["delete_original"] is True
    assert not slack.of("chat.postMessage")


def test_two_quick_clicks_share_an_answer_once(app: App, slack: FakeSlack) -> None:
    """Each is a delivery of its own, of the same question; what Slack refused can be shared by pressing again."""
    slack.script["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    for _ in range(3):
        _press(app, slack, Action.SHARE_NOW, "last month")
    assert "is shared already" in slack.of("respond")[-1]["text"]
    passing.posted()
    refused, posted = slack.of("chat.postMessage")
    assert refused["text"] == posted["text"]


def test_a_shared_answer_has_its_chart_in_the_thread(app: App, slack: FakeSlack) -> None:
    """Posted once, for everybody."""
    _press(app, slack, Action.SHARE_NOW, "last month")
    (sent,) = slack.wait("files.completeUploadExternal")
    (posted,) = slack.of("chat.postMessage")
    assert posted["channel"] == CHANNEL
    assert "thread_ts" in sent
    assert Action.SHARE not in _drawn(posted)
    assert slack.wait("respond")[0]["delete_original"] is True


def test_where_the_bot_is_no_member_it_asks_to_be_invited(app: App, slack: FakeSlack) -> None:
    """What Slack refuses for a known reason is a sentence."""
    slack.script["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    _press(app, slack, Action.SHARE_NOW, "last month")
    assert "/invite" in slack.wait("respond")[0]["text"]


def test_what_is_to_be_typed_is_shown_as_code(app: App, slack: FakeSlack) -> None:
    """And foreign marks without a partner are not."""
    _ask(app, slack, "x" * 1001)
    assert "say `help`" in slack.wait("respond")[0]["text"]
    _ask(app, slack, "`zzz")
    assert "`" not in slack.wait("respond", 2)[1]["text"]


def test_what_slack_does_not_take_now_is_shared_as_soon_as_it_does(app: App, slack: FakeSlack) -> None:
    """Once, whatever was pressed again meanwhile with the same trigger; the person is told to wait."""
    slack.script["chat.postMessage"] = [(429, {"retry-after": "30"}, {"ok": False, "error": "ratelimited"})]
    _press(app, slack, Action.SHARE_NOW, "last month")
    assert "as soon as it does" in slack.wait("respond")[0]["text"]
    passing.posted()
    first, second = slack.of("chat.postMessage")
    assert first["text"] == second["text"]
    passing.posted()
    assert len(slack.of("chat.postMessage")) == 2


@pytest.mark.parametrize("status", [500, 502])
def test_a_slack_that_fails_is_not_called_our_fault(app: App, slack: FakeSlack, status: int) -> None:
    """Nor is it known what it did before it failed."""
    slack.script["chat.postMessage"] = [(status, {}, b"<html>Bad Gateway")]
    _press(app, slack, Action.SHARE_NOW, "last month")
    assert "I look whether it is there" in slack.wait("respond")[0]["text"]


def test_a_surprise_is_told_with_an_id_that_the_command_explains(
    app: App, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of its cause is shown to the channel; where, when, by whom and how is, to whoever asks by the id."""
    with caplog.at_level(logging.ERROR, telling.__name__):
        _press(app, slack, Action.APPROVE, "no such id")
        text = slack.wait("respond")[0]["text"]
    number = text.split("quote ")[1].split()[0]
    assert f"surprise {number}" in caplog.text
    assert "UUID" not in text
    explained = CliRunner().invoke(cli_errors.errors, [number[:5].upper()], catch_exceptions=False).output
    for part in (number, "deciding.approve", f"Asked by {LEAD} in the workspace T0", "no such id", "UUID", "Traceback"):
        assert part in explained
    assert number in CliRunner().invoke(cli_errors.errors, [], catch_exceptions=False).output
    for unknown in ("ffffffff", "%%%%", number[:2]):
        with pytest.raises(surprises.UnknownErrorIdError):
            CliRunner().invoke(cli_errors.errors, [unknown], catch_exceptions=False)


def test_a_kept_error_holds_no_secret(app: App, slack: FakeSlack) -> None:
    """Neither what looks like one nor what the process was started with."""
    secrets = ["xoxb-12-34-abc", "https://hooks.slack.com/actions/T0/1/x", "postgresql://u:hunter2@h/d"]
    secrets.append("AKIAABCDEFGHIJKLMNOP")
    with transaction() as session:
        for name, secret in enumerate([*secrets, "xoxb-test"]):
            surprises.keep(
                session, ValueError(f"no {secret} token=abcdef"), name=f"{name:08}", place="x", asked=secret, who="U",
                workspace="",
            )  # fmt: skip
        kept = "".join(one.asked + one.summary + one.traceback for one in surprises.latest(session))
    for hidden in (*secrets[:2], "hunter2", secrets[3], "xoxb-test", "abcdef"):
        assert hidden not in kept
    assert "ValueError: no [secret]" in kept


def test_errors_are_forgotten_after_a_month(app: App) -> None:
    """They quote people."""
    with transaction() as session:
        surprises.keep(session, ValueError("x"), name="0" * 8, place="x", asked="", who="", workspace="")
    for days, left in ((29, 1), (31, 0)):
        with transaction() as session:
            surprises.prune(session, now=datetime.now(UTC) + timedelta(days=days))
            assert len(surprises.latest(session)) == left


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
    for update in slack.of("chat.update"):
        assert (update["channel"], update["ts"]) == (CHANNEL, "1.1")
        assert f"by <@{LEAD}>" in _drawn(update)
        assert Action.APPROVE not in _drawn(update)


def test_a_private_list_is_redrawn_where_it_stands(app: App, slack: FakeSlack) -> None:
    """Only its response address leads there."""
    chosen = _recommend()
    _press(app, slack, Action.APPROVE, str(chosen))
    (redrawn,) = slack.wait("respond")
    assert redrawn["replace_original"] is True
    assert "Approved" in _drawn(redrawn)


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
