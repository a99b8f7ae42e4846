"""Costs are told to members of the workspace, and to nobody else who is in its channels."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt import App, BoltRequest

from bot import membership
from bot.actions import Action
from bot.blocks import draft
from bot.intake import Intake
from bot.working import Workers
from finops.people import Person
from finops.roles import Role
from storage import asking, roles
from storage.database import transaction
from tests.bot import ledgers, passing, payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import say

Body = payloads.Body
EVE = payloads.LEAD
"""An approver, even: what was granted to whom does not matter."""
PRIVATE = {"respond", "chat.postEphemeral"}


@pytest.fixture
def app(bolt: App) -> App:
    """The app before a small ledger and a recommendation."""
    with transaction() as session:
        ledgers.fill(session)
        ledgers.recommend(session)
    return bolt


def _mention(text: str = "2026-10", **more: Any) -> Body:  # noqa: ANN401  an event's parts
    return payloads.event("app_mention", text=f"<@U0BOT> {text}", ts="1.0", channel_type="channel", **more)


def _direct() -> Body:
    body = payloads.event("message", text="2026-10", ts="1.0", channel_type="im")
    body["event"]["channel"] = "D0DIRECT"
    return body


def _asking(slack: FakeSlack) -> list[Body]:
    """Return a delivery to each listener that answers a question."""
    texts = ["2026-10", "recommendations", "by srvc", "scope", "help"]
    choice = payloads.button(slack, Action.KIND, "")
    choice["actions"][0]["selected_option"] = {"value": "stop_idle_machine"}
    pages = [payloads.button(slack, one, "recommendations page 1") for one in (Action.PREVIOUS, Action.NEXT)]
    charts = [payloads.button(slack, one, "2026-10") for one in (Action.CHART, Action.SHARE, Action.SHARE_NOW)]
    asks = [payloads.button(slack, one, "2026-10") for one in draft.ASKS]
    return [*[payloads.command(slack, one) for one in texts], _mention(), _direct(), *asks, *charts, *pages, choice]


def _work_off(app: App, *sent: Body) -> None:
    for body in sent:
        Intake(app, lambda: None).take(body)
    while Workers(app).once():
        pass
    passing.posted()


def _told(slack: FakeSlack) -> list[dict[str, Any]]:
    return [values for name, values in slack.calls if name in PRIVATE]


@pytest.mark.parametrize(
    ("is_a", "called"),
    [
        ({"is_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_stranger": True}, "member of another organization"),
        ({"team_id": "T9"}, "member of another organization"),
        ({"is_bot": True}, "bot"),
        ({"deleted": True}, "deactivated account"),
    ],
)
def test_who_is_no_member_is_told_nothing(app: App, slack: FakeSlack, is_a: dict[str, Any], called: str) -> None:
    """Whatever they type, press or write: a sentence that only they see, without a figure."""
    slack.users[EVE] = is_a
    sent = _asking(slack)
    _work_off(app, *sent)
    assert {name for name, _ in slack.calls} <= {"auth.test", "users.info", *PRIVATE}
    assert len(_told(slack)) == len(sent)
    for one in _told(slack):
        assert f"Only members of this workspace may look, and for Slack you are a {called}." in one["text"]
        assert one.get("response_type", "ephemeral") == "ephemeral"
        assert "blocks" not in one


def test_members_are_answered_by_each_and_slack_is_asked_once_who_they_are(app: App, slack: FakeSlack) -> None:
    """So that the walk above proves something; the second call is for their time zone."""
    slack.users[EVE] = {"tz": "Europe/Berlin"}
    _work_off(app, *_asking(slack))
    assert not [one for one in _told(slack) if "Only members" in one["text"]]
    assert len(slack.of("chat.postMessage")) == 3
    assert len(slack.of("users.info")) <= 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"ok": False, "error": "missing_scope"}, "install manifest.json anew"),
        ({"ok": False, "error": "internal_error"}, "did not tell me who you are (internal_error)"),
        ((500, {}, b"away"), "did not tell me who you are"),
    ],
)
def test_where_slack_does_not_say_who_asks_nothing_is_told(
    app: App, slack: FakeSlack, answer: object, words: str
) -> None:
    """To the asker alone; it is asked again the next time."""
    for number, body in enumerate((payloads.command(slack, "2026-10"), _mention(), _direct()), 1):
        slack.script["users.info"] = [answer]
        _work_off(app, body)
        assert len(_told(slack)) == number
        assert words in _told(slack)[-1]["text"]
    assert not slack.of("chat.postMessage")
    _work_off(app, _mention())
    assert slack.of("chat.postMessage")[0]["text"].startswith("Spent $341.00")


def test_a_member_is_taken_for_one_for_two_minutes_at_most(
    app: App, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then a deactivated account is noticed."""
    _work_off(app, _mention())
    slack.users[EVE] = {"deleted": True}
    _work_off(app, _mention())
    assert len(slack.of("chat.postMessage")) == 2
    assert membership.KNOWN_FOR == 120
    monkeypatch.setattr(membership, "KNOWN_FOR", -1.0)
    _work_off(app, _mention())
    assert len(slack.of("chat.postMessage")) == 2
    assert "deactivated account" in _told(slack)[0]["text"]


def test_what_apps_write_is_not_answered_at_all(app: App, slack: FakeSlack) -> None:
    """Two bots that mention each other would never end."""
    _work_off(app, _mention(bot_id="B0OTHER"), _mention(subtype="bot_message"), _mention(user=None))
    assert {name for name, _ in slack.calls} <= {"auth.test"}


def test_a_mention_that_came_by_no_inbox_is_refused_as_privately(app: App, slack: FakeSlack) -> None:
    """By name, as events have no address to answer to."""
    slack.users[EVE] = {"is_restricted": True}
    app.dispatch(BoltRequest(mode="socket_mode", body=_mention()))
    (told,) = slack.of("chat.postEphemeral")
    assert (told["channel"], told["user"]) == (payloads.CHANNEL, EVE)
    assert "you are a guest" in told["text"]


def _scoped(channel: str = payloads.CHANNEL) -> bool:
    with transaction() as session:
        return asking.scope(session, workspace="T0", channel=channel) is not None


def _by(body: Body, user: str) -> Body:
    return {**body, "user_id": user} if "command" in body else {**body, "event": {**body["event"], "user": user}}


def test_a_channel_s_scope_is_set_and_ended_by_analysts(app: App, slack: FakeSlack) -> None:
    """It narrows down what everybody is answered there; a viewer may look at it."""
    with transaction() as session:
        roles.grant(session, "UANA", Role.ANALYST, by=Person("T0", "cli"))
    for text in ("scope team=web", "scope off"):
        _work_off(app, _by(payloads.command(slack, text), "UVIC"), _by(_mention(text), "UVIC"))
    for told in _told(slack):
        assert "Only analysts may set what a channel asks about" in told["text"]
    assert (len(_told(slack)), slack.of("chat.postMessage"), _scoped()) == (4, [], False)
    _work_off(app, _by(payloads.command(slack, "scope team=web"), "UANA"))
    assert _scoped()
    _work_off(app, _by(payloads.command(slack, "scope off"), "UVIC"))
    assert _scoped()
    _work_off(app, _by(_mention("scope off"), "UANA"))
    assert not _scoped()


def test_everybody_sets_the_scope_of_their_own_direct_messages(app: App, slack: FakeSlack) -> None:
    """Nobody else asks there."""
    body = _by(_direct(), "UVIC")
    body["event"]["text"] = "scope team=web"
    _work_off(app, body)
    assert slack.of("chat.postMessage")
    assert _scoped("D0DIRECT")


@pytest.mark.usefixtures("ada")
def test_how_the_server_is_run_is_told_to_admins_alone(app: App, slack: FakeSlack) -> None:
    """Others are told whom to ask, without files and settings."""
    for number, (words, kept) in enumerate([("budget team=web", "COSTS_HOME"), ("report weekly", "SMTP_URL")]):
        for place, who in enumerate(["UVIC", "UADA"], 1):
            say(app, slack, words, who=who)
            told = str(slack.wait("respond", 2 * number + place)[-1])
            assert (kept in told, ": <@UADA>." in told) == ((False, True) if who == "UVIC" else (True, False))
    viewer = [str(one) for one in slack.of("respond")][::2]
    assert "There is no budget for team=web yet." in viewer[0]
    assert "Ask an admin for one: <@UADA>." in viewer[0]
    assert "and nobody gets it by mail." in viewer[1]


def test_where_nobody_is_an_admin_yet_everybody_is_told_how_it_is_set_up(app: App, slack: FakeSlack) -> None:
    """Whoever asks first is likely who runs it."""
    say(app, slack, "budget", who="UVIC")
    assert "COSTS_HOME" in str(slack.wait("respond")[-1])
