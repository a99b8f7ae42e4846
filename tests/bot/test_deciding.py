"""Deciding in Slack: forms, roles at the moment of the act, owners, lists and many at once."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App

from bot import app as bot_app
from bot.actions import Action
from finops.people import Person
from finops.recommendations.lifecycle import Happened, State
from finops.roles import Role
from storage import outbox, owners, posted, recommendations, roles
from storage.database import transaction
from storage.models import Outbox, Recommendation
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import hand_in, opened, press, say

LEAD, BOSS, VIC, ADMIN = "ULEAD", "UBOSS", "UVIC", "UADMIN"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def app(slack: FakeSlack, database: Path) -> App:
    """The app before a small ledger; ULEAD and UBOSS approve, UADMIN is admin, everybody else may look."""
    del slack, database
    with transaction() as session:
        ledgers.fill(session)
        roles.grant(session, ADMIN, Role.ADMIN, by=Person("T0", "cli"))
    return bot_app.build()


def _open(*savings: str, **details: str) -> list[uuid.UUID]:
    with transaction() as session:
        return [ledgers.recommend(session, saving=one, name=f"i-{n}", **details) for n, one in enumerate(savings)]


def _row(chosen: uuid.UUID) -> Recommendation:
    with transaction() as session:
        return recommendations.get(session, chosen)


def _acts(chosen: uuid.UUID) -> list[Happened]:
    with transaction() as session:
        return [one.act for one in recommendations.events(session, chosen)]


def _json(sent: dict[str, Any]) -> str:
    return json.dumps(sent, ensure_ascii=False)


def test_a_card_says_what_why_how_much_risk_undo_and_evidence(app: App, slack: FakeSlack) -> None:
    """And has a button for each thing to do."""
    _open("120", owner="payments")
    say(app, slack, "recommendations", who=VIC)
    shown = _json(slack.wait("respond")[0])
    for words in (
        "1 recommendation would save $120.00 a month", "Stop i-0", "CPU at 1 %", "Saves *$120.00 a month*", "*Risk:*",
        "*Undo:* `aws ec2 start-instances`", "*Owner:* payments", "recommendation_approve", "recommendation_dismiss",
        "recommendation_snooze", "recommendation_assign", "recommendation_ask_owner",
    ):  # fmt: skip
        assert words in shown


def test_a_large_saving_shows_how_many_have_approved_it(app: App, slack: FakeSlack) -> None:
    """The first is told that it counts; the list shows by whom; the second decides."""
    (chosen,) = _open("5000")
    press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=LEAD)
    redrawn, told = slack.wait("respond", 2)
    assert f"*1 of 2 approvals* by <@{LEAD}>" in _json(redrawn)
    assert "Your approval counts. 1 of 2 approvals: $5,000.00 a month is not below $1,000.00" in told["text"]
    press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=BOSS)
    slack.wait("respond", 3)
    assert _row(chosen).state is State.APPROVED


def test_a_saving_that_fell_is_asked_about_and_can_be_approved_anew(app: App, slack: FakeSlack) -> None:
    """With a button right there."""
    (chosen,) = _open("100")
    old = _row(chosen).offer_id
    with transaction() as session:
        ledgers.charge(session, "i-0", "-40")
    press(app, slack, Action.APPROVE, old, who=LEAD)
    _, told = slack.wait("respond", 2)
    assert "The saving fell by 40 % since this was posted" in told["text"]
    assert _row(chosen).state is State.OPEN
    question = told["blocks"][1]
    press(app, slack, Action.APPROVE, question["elements"][0]["value"], who=LEAD, block=question["block_id"])
    assert slack.wait("respond", 3)[-1] == {"delete_original": True, "text": ""}
    assert _row(chosen).state is State.APPROVED


def test_what_is_approved_says_how_and_what_is_missing_and_can_be_reported_as_done(app: App, slack: FakeSlack) -> None:
    """The executor is a later version's."""
    (chosen,) = _open("100")
    press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=LEAD)
    shown = _json(slack.wait("respond")[0])
    assert "the executor that carries it out comes with a later version" in shown
    assert "To do it by hand: `aws ec2 stop-instances" in shown
    press(app, slack, Action.DONE, _row(chosen).offer_id, who=LEAD)
    assert "*Applied*" in _json(slack.wait("respond", 2)[1])
    assert _row(chosen).state is State.APPLIED


def test_dismissing_asks_why_and_keeps_it(app: App, slack: FakeSlack) -> None:
    """In the event, and on the card."""
    (chosen,) = _open("100")
    press(app, slack, Action.DISMISS, _row(chosen).offer_id, who=LEAD)
    until = TODAY + timedelta(days=30)
    view = opened(slack)
    assert hand_in(app, view, who=LEAD, reason="planned", words="gone in May <!channel>", until=str(until)) == {}
    (told,) = slack.wait("chat.postEphemeral")
    assert (told["user"], told["channel"]) == (LEAD, "C0COSTS")
    assert f"dismissed until {until:%-d %b %Y}" in told["text"]
    row = _row(chosen)
    assert (row.state, row.until and row.until.date()) == (State.DISMISSED, until)
    with transaction() as session:
        note = recommendations.events(session, chosen)[-1].note
    assert note == "Something else is planned for it. gone in May <!channel>"


def test_a_form_that_is_handed_in_twice_decides_once(app: App, slack: FakeSlack) -> None:
    """The second is told who was first."""
    (chosen,) = _open("100")
    press(app, slack, Action.DISMISS, _row(chosen).offer_id, who=LEAD)
    view = opened(slack)
    for who in (LEAD, BOSS):
        hand_in(app, view, who=who, reason="needed")
        slack.wait("chat.postEphemeral", 1 if who == LEAD else 2)
    assert "first decision stands" in slack.of("chat.postEphemeral")[1]["text"]
    assert _acts(chosen) == [Happened.DISMISSED]
    assert _row(chosen).decided_by == LEAD


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_day_that_makes_no_sense_is_sent_back_to_the_form(app: App, slack: FakeSlack, days: int) -> None:
    """With what would."""
    (chosen,) = _open("100")
    press(app, slack, Action.SNOOZE, _row(chosen).offer_id, who=LEAD)
    answer = hand_in(app, opened(slack), who=LEAD, until=str(TODAY + timedelta(days=days)))
    assert answer["response_action"] == "errors"
    assert "Choose a day after today" in answer["errors"]["until"]
    hand_in(app, opened(slack), who=LEAD, until=str(TODAY + timedelta(days=9)))
    slack.wait("chat.postEphemeral")
    assert _acts(chosen) == [Happened.SNOOZED]


def test_snoozing_asks_until_when_and_it_can_be_opened_again(app: App, slack: FakeSlack) -> None:
    """The list leaves it out meanwhile."""
    (chosen,) = _open("100")
    press(app, slack, Action.SNOOZE, _row(chosen).offer_id, who=LEAD)
    hand_in(app, opened(slack), who=LEAD, until=str(TODAY + timedelta(days=7)))
    slack.wait("chat.postEphemeral")
    assert _row(chosen).state is State.SNOOZED
    say(app, slack, "recommendations", who=LEAD)
    assert "No saving waits for a decision" in slack.wait("respond")[0]["text"]
    press(app, slack, Action.REOPEN, _row(chosen).offer_id, who=LEAD)
    slack.wait("respond", 2)
    assert _row(chosen).state is State.OPEN


def test_what_is_assigned_goes_to_that_person(app: App, slack: FakeSlack) -> None:
    """With its card, in direct messages; a guest cannot be given it."""
    (chosen,) = _open("100")
    slack.users["UGUEST"] = {"is_restricted": True}
    press(app, slack, Action.ASSIGN, _row(chosen).offer_id, who=LEAD)
    view = opened(slack)
    hand_in(app, view, who=LEAD, to="UGUEST")
    assert "for Slack this is a guest" in slack.wait("chat.postEphemeral")[0]["text"]
    hand_in(app, view, who=LEAD, to=VIC)
    slack.wait("conversations.open")
    slack.wait("chat.postEphemeral", 2)
    assert _row(chosen).assigned_to == VIC
    (sent,) = _waiting(slack)
    assert (sent["channel"], sent[posted.CARD], sent["owner"]) == ("D0DIRECT", str(chosen), False)


def _waiting(slack: FakeSlack) -> list[dict[str, Any]]:
    with transaction() as session:
        return [one.payload for one in session.query(Outbox).order_by(Outbox.id)]


def test_its_owner_is_asked_in_direct_messages_and_the_answer_is_kept(app: App, slack: FakeSlack) -> None:
    """It decides nothing; somebody else cannot answer."""
    (chosen,) = _open("100", owner="payments")
    press(app, slack, Action.ASK_OWNER, _row(chosen).offer_id, who=LEAD)
    assert "/cost owner payments @somebody" in slack.wait("respond")[0]["text"]
    with transaction() as session:
        owners.put(session, "payments", VIC, by=Person("T0", ADMIN))
    press(app, slack, Action.ASK_OWNER, _row(chosen).offer_id, who=LEAD)
    assert f"<@{VIC}> was asked" in slack.wait("respond", 2)[1]["text"]
    (sent,) = _waiting(slack)
    assert (sent["channel"], sent["owner"]) == ("D0DIRECT", True)
    press(app, slack, Action.OWNER_KEEPS, _row(chosen).offer_id, who=BOSS)
    assert "that is somebody else" in slack.wait("respond", 3)[2]["text"]
    press(app, slack, Action.OWNER_KEEPS, _row(chosen).offer_id, who=VIC)
    assert "it is needed" in slack.wait("respond", 4)[3]["text"]
    assert (_row(chosen).state, _acts(chosen)) == (State.OPEN, [Happened.ASKED, Happened.ANSWERED])


STANDINGS = [
    ({"is_restricted": True}, "guest"),
    ({"is_ultra_restricted": True}, "guest"),
    ({"is_stranger": True}, "member of another organization"),
    ({"team_id": "T9"}, "member of another organization"),
    ({"is_bot": True}, "bot"),
    ({"deleted": True}, "deactivated account"),
]


@pytest.mark.parametrize(("is_a", "called"), STANDINGS)
def test_who_is_no_member_decides_nothing_whatever_was_granted(
    app: App, slack: FakeSlack, is_a: dict[str, Any], called: str
) -> None:
    """Slack is asked at the moment of the click."""
    (chosen,) = _open("100")
    with transaction() as session:
        roles.grant(session, "UEVE", Role.ADMIN, by=Person("T0", ADMIN))
    slack.users["UEVE"] = is_a
    for number, action in enumerate((Action.APPROVE, Action.DISMISS, Action.SNOOZE, Action.DONE, Action.BULK), 1):
        press(app, slack, action, _row(chosen).offer_id, who="UEVE")
        assert f"for Slack you are a {called}" in slack.wait("respond", number)[-1]["text"]
    assert (_row(chosen).state, slack.of("views.open")) == (State.OPEN, [])


def test_whom_slack_does_not_know_decides_nothing(app: App, slack: FakeSlack) -> None:
    """Nor anybody while Slack does not say who it is."""
    (chosen,) = _open("100")
    slack.script["users.info"] = [{"ok": False, "error": "user_not_found"}, (500, {}, b"away")]
    press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=LEAD)
    assert "member of another organization" in slack.wait("respond")[0]["text"]
    press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=LEAD)
    assert "did not answer" in slack.wait("respond", 2)[1]["text"]
    assert _row(chosen).state is State.OPEN


def test_a_role_that_was_taken_away_meanwhile_does_not_hand_a_form_in(app: App, slack: FakeSlack) -> None:
    """The form was opened by an approver, and is handed in by a viewer."""
    (chosen,) = _open("100")
    with transaction() as session:
        roles.grant(session, VIC, Role.APPROVER, by=Person("T0", ADMIN))
    press(app, slack, Action.DISMISS, _row(chosen).offer_id, who=VIC)
    view = opened(slack)
    with transaction() as session:
        roles.revoke(session, VIC, by=Person("T0", ADMIN))
    hand_in(app, view, who=VIC, reason="needed")
    assert "Only approvers may decide this" in slack.wait("chat.postEphemeral")[0]["text"]
    assert _row(chosen).state is State.OPEN


def test_a_user_group_gives_its_members_a_role(app: App, slack: FakeSlack) -> None:
    """While Slack says that they are in it."""
    (chosen,) = _open("100")
    with transaction() as session:
        roles.grant(session, "SLEADS", Role.APPROVER, by=Person("T0", ADMIN))
    slack.script["usergroups.users.list"] = [
        {"ok": True, "users": [BOSS]}, {"ok": False, "error": "ratelimited"}, {"ok": True, "users": [BOSS, VIC]},
    ]  # fmt: skip
    for number, words in enumerate(("Only approvers may", "did not tell me who is in a user group"), 1):
        press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=VIC)
        assert words in slack.wait("respond", number)[-1]["text"]
    press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=VIC)
    slack.wait("respond", 3)
    assert _row(chosen).decided_by == VIC


def test_an_approver_of_the_settings_is_none_in_another_workspace(app: App, slack: FakeSlack) -> None:
    """The same letters there are somebody else, who was granted nothing."""
    (chosen,) = _open("100")
    with transaction() as session:
        roles.grant(session, "UEVE", Role.APPROVER, by=Person("T9", ADMIN))
    press(app, slack, Action.APPROVE, _row(chosen).offer_id, who="UEVE")
    assert "Only approvers may decide this" in slack.wait("respond")[0]["text"]


def test_a_deleted_recommendation_is_told(app: App, slack: FakeSlack) -> None:
    """Whatever is pressed."""
    for number, action in enumerate((Action.APPROVE, Action.DISMISS, Action.ASK_OWNER, Action.DONE), 1):
        press(app, slack, action, uuid.uuid4(), who=LEAD)
        assert "not there any more" in slack.wait("respond", number)[-1]["text"]


def test_a_button_of_what_has_expired_says_so(app: App, slack: FakeSlack) -> None:
    """The analysis no longer found it."""
    (chosen,) = _open("100")
    with transaction() as session:
        recommendations.record(session, [], run_id=None)
    for number, action in enumerate((Action.APPROVE, Action.DISMISS, Action.SNOOZE), 1):
        press(app, slack, action, _row(chosen).offer_id, who=LEAD)
        assert "is expired: there is nothing left to decide" in slack.wait("respond", 2 * number)[-1]["text"]


def test_a_list_is_paged_and_shown_by_kind(app: App, slack: FakeSlack) -> None:
    """Count and total are of all of them; a decision keeps the page."""
    found = _open(*[str(100 + n) for n in range(12)])
    with transaction() as session:
        recommendations.get(session, found[0]).recommendation_type = "rightsize_machine"
    say(app, slack, "recommendations page 2", who=LEAD)
    shown = slack.wait("respond")[0]
    assert "12 recommendations would save $1,266.00 a month" in shown["text"]
    assert [name for name in ("i-11", "i-7", "i-6", "i-2", "i-1") if f"Stop {name}*" in _json(shown)] == ["i-6", "i-2"]
    assert "Page 2 of 3" in _json(shown)
    press(app, slack, Action.NEXT, "recommendations page 3", who=LEAD)
    assert "Stop i-0*" in _json(slack.wait("respond", 2)[1])
    option = {"selected_option": {"value": "stop_idle_machine"}}
    press(app, slack, Action.KIND, "", who=LEAD, **option)
    only = slack.wait("respond", 3)[2]
    assert only["text"].startswith("Idle machines to stop: 11 recommendations")
    assert "recommendations_bulk" in _json(only)
    block = f"{found[3]} recommendations stop_idle_machine page 3"
    press(app, slack, Action.APPROVE, _row(found[3]).offer_id, who=LEAD, block=block)
    redrawn = slack.wait("respond", 4)[3]
    assert redrawn["text"].startswith("Idle machines to stop: 10 recommendations")
    assert "*Approved*" in _json(redrawn)


def test_a_kind_that_is_not_known_is_told(app: App, slack: FakeSlack) -> None:
    """With an example."""
    say(app, slack, "recommendations elephants <!here>", who=LEAD)
    said = slack.wait("respond")[0]["text"]
    assert "I don't know “elephants" in said
    assert "<!here>" not in said


def test_many_are_approved_by_a_form_that_lists_them(app: App, slack: FakeSlack) -> None:
    """All of them, each with its saving; the sum takes two people."""
    found = _open("400", "400", "400")
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    for words in ("3 at once save $1,200.00 a month", "2 approvals each", "Stop i-0: $400.00", "Stop i-2"):
        assert words in _json(view)
    hand_in(app, view, who=LEAD)
    assert "Your approval counts for all 3" in slack.wait("chat.postEphemeral")[0]["text"]
    hand_in(app, view, who=LEAD)
    slack.wait("chat.postEphemeral", 2)
    assert {_row(one).state for one in found} == {State.OPEN}
    hand_in(app, view, who=BOSS)
    assert "All 3 are approved" in slack.wait("chat.postEphemeral", 3)[2]["text"]
    assert {_row(one).state for one in found} == {State.APPROVED}
    hand_in(app, view, who=BOSS)
    assert "the first decision stands" in slack.wait("chat.postEphemeral", 4)[3]["text"]


def test_one_of_many_that_no_longer_holds_stops_them_all(app: App, slack: FakeSlack) -> None:
    """And is named."""
    found = _open("100", "100")
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    with transaction() as session:
        ledgers.charge(session, "i-1", "-50")
    hand_in(app, view, who=LEAD)
    said = slack.wait("chat.postEphemeral")[0]["text"]
    assert "Nothing was approved" in said
    assert "*Stop i-1*: The saving fell by 50 %" in said
    assert {_row(one).state for one in found} == {State.OPEN}


def test_hundreds_of_one_kind_fit_the_form_twenty_at_a_time(app: App, slack: FakeSlack) -> None:
    """Slack's limits hold, whatever the names."""
    with transaction() as session:
        for number in range(30):
            ledgers.recommend(session, saving=str(1 + number), name="&" * 200 + str(number))
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    assert "The next 10 are another form" in _json(view)
    assert len(json.loads(view["private_metadata"])["offers"]) == 20
    assert len(view["private_metadata"]) <= 3000
    assert all(len(block["text"]["text"]) <= 3000 for block in view["blocks"] if block["type"] == "section")


def test_where_a_form_came_from_cannot_be_answered_its_sender_is_told_directly(app: App, slack: FakeSlack) -> None:
    """Never silence."""
    (chosen,) = _open("100")
    press(app, slack, Action.DISMISS, _row(chosen).offer_id, who=LEAD)
    slack.script["chat.postEphemeral"] = [{"ok": False, "error": "not_in_channel"}]
    hand_in(app, opened(slack), who=LEAD, reason="needed")
    assert "is dismissed now" in slack.wait("chat.postMessage")[0]["text"]


def test_a_redraw_that_slack_did_not_take_waits_in_the_outbox(app: App, slack: FakeSlack) -> None:
    """One that it took does not."""
    (chosen,) = _open("5000")
    with transaction() as session:
        digest = {"kind": "recommendations", "recommendation_ids": [str(chosen)]}
        outbox.put(session, key="new", kind="slack_message", payload={"channel": "C1", "digest": digest})
        (message,) = outbox.claim(session, ["slack_message"], now=ledgers.NOW)
        outbox.sent(session, message.id, {"channel": "C1", "ts": "9.9"})
    slack.script["chat.update"] = [{"ok": False, "error": "ratelimited"}]
    for number, who in enumerate((LEAD, BOSS), 1):
        press(app, slack, Action.APPROVE, _row(chosen).offer_id, who=who)
        slack.wait("respond", number + 1)
        with transaction() as session:
            rows = session.query(Outbox).filter(Outbox.payload.has_key(posted.REDRAW)).order_by(Outbox.id)
            assert [one.state.value for one in rows] == [["pending"], ["sent", "sent"]][number - 1]
