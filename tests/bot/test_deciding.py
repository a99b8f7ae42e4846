"""Deciding in Slack: cards, forms, and what has gone meanwhile."""

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
from storage import posted, recommendations, roles
from storage.database import transaction
from storage.models import Outbox
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import hand_in, open_each, opened, press, row_of, say

LEAD, BOSS, VIC, ADMIN = "ULEAD", "UBOSS", "UVIC", "UADMIN"
APPROVED = "“Stop i-0” is approved. `/cost recommendations approved` shows what is to be done."
TODAY = datetime.now(UTC).date()


@pytest.fixture
def app(slack: FakeSlack, database: Path) -> App:
    """The app before a small ledger; ULEAD and UBOSS approve, UADMIN is admin, everybody else may look."""
    del slack, database
    with transaction() as session:
        ledgers.fill(session)
        roles.grant(session, ADMIN, Role.ADMIN, by=Person("T0", "cli"))
    return bot_app.build()


def _acts(chosen: uuid.UUID) -> list[Happened]:
    with transaction() as session:
        return [one.act for one in recommendations.events(session, chosen)]


def _json(sent: dict[str, Any]) -> str:
    return json.dumps(sent, ensure_ascii=False)


def test_a_card_says_what_why_how_much_risk_undo_and_evidence(app: App, slack: FakeSlack) -> None:
    """And has a button for each thing to do."""
    open_each("120", owner="payments")
    say(app, slack, "recommendations", who=VIC)
    shown = _json(slack.wait("respond")[0])
    for words in (
        "*AWS · 1 · us-east-1*",
        "1 recommendation waits for a decision and would save $120.00 a month",
        "Stop i-0", "CPU at 1 %", "Saves *$120.00 a month*", "*Risk:*",
        "*Undo:* `aws ec2 start-instances`", "*Owner:* payments", "recommendation_approve", "recommendation_dismiss",
        "recommendation_snooze", "recommendation_assign", "recommendation_ask_owner",
    ):  # fmt: skip
        assert words in shown


def test_a_large_saving_shows_how_many_have_approved_it(app: App, slack: FakeSlack) -> None:
    """The first is told that it counts; the list shows by whom; the second decides."""
    (chosen,) = open_each("5000")
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    redrawn, told = slack.wait("respond", 2)
    assert f"*1 of 2 approvals* by <@{LEAD}>" in _json(redrawn)
    assert "Your approval counts. 1 of 2 approvals: $5,000.00 a month is not below $1,000.00" in told["text"]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=BOSS)
    slack.wait("respond", 3)
    assert row_of(chosen).state is State.APPROVED


def test_a_saving_that_fell_is_asked_about_and_can_be_approved_anew(app: App, slack: FakeSlack) -> None:
    """With a button right there."""
    (chosen,) = open_each("100")
    old = row_of(chosen).offer_id
    with transaction() as session:
        ledgers.charge(session, "i-0", "-40")
    press(app, slack, Action.APPROVE, old, who=LEAD)
    _, told = slack.wait("respond", 2)
    assert "The saving fell by 40 % since this was posted" in told["text"]
    assert row_of(chosen).state is State.OPEN
    question = told["blocks"][1]
    press(app, slack, Action.APPROVE, question["elements"][0]["value"], who=LEAD, block=question["block_id"])
    assert slack.wait("respond", 3)[-1] == {"replace_original": True, "text": APPROVED}
    assert row_of(chosen).state is State.APPROVED


def test_what_is_approved_says_how_and_what_is_missing_and_can_be_reported_as_done(app: App, slack: FakeSlack) -> None:
    """Once a message what happens next."""
    (chosen,) = open_each("100")
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    shown = _json(slack.wait("respond")[0])
    assert "*Approved* changes nothing by itself: somebody runs the command, then presses *Mark carried out*." in shown
    assert "To do it by hand: `aws ec2 stop-instances" in shown
    press(app, slack, Action.DONE, row_of(chosen).offer_id, who=LEAD)
    assert "*Carried out*" in _json(slack.wait("respond", 2)[1])
    assert row_of(chosen).state is State.APPLIED


def test_dismissing_asks_why_and_keeps_it(app: App, slack: FakeSlack) -> None:
    """In the event, and on the card."""
    (chosen,) = open_each("100")
    press(app, slack, Action.DISMISS, row_of(chosen).offer_id, who=LEAD)
    until = TODAY + timedelta(days=30)
    view = opened(slack)
    assert hand_in(app, view, who=LEAD, reason="planned", words="gone in May <!channel>", until=str(until)) == {}
    (told,) = slack.wait("chat.postEphemeral")
    assert (told["user"], told["channel"]) == (LEAD, "C0COSTS")
    assert f"dismissed until {until:%-d %b %Y}" in told["text"]
    row = row_of(chosen)
    assert (row.state, row.until and row.until.date()) == (State.DISMISSED, until)
    with transaction() as session:
        note = recommendations.events(session, chosen)[-1].note
    assert note == "Something else is planned for it. gone in May <!channel>"


@pytest.mark.parametrize(
    ("button", "given", "now"),
    [
        (Action.DISMISS, {"reason": "needed"}, f"*Dismissed* by <@{LEAD}>"),
        (Action.SNOOZE, {"until": str(TODAY + timedelta(days=7))}, "*Snoozed* until"),
        (Action.ASSIGN, {"to": VIC}, f"Assigned to <@{VIC}>"),
    ],
)
def test_a_form_that_was_handed_in_draws_the_list_anew_that_it_was_opened_from(
    app: App, slack: FakeSlack, button: Action, given: dict[str, str], now: str
) -> None:
    """In place of the old cards and their buttons; who comes second sees there who was first."""
    chosen, _ = open_each("100", "50")
    press(app, slack, button, row_of(chosen).offer_id, who=LEAD, block=f"{chosen} recommendations idle machines")
    view = opened(slack)
    hand_in(app, view, who=LEAD, **given)
    (drawn,) = slack.wait("respond")
    assert drawn["replace_original"] is True
    assert drawn["text"].startswith("Idle machines to stop: ")
    assert now in _json(drawn)
    hand_in(app, view, who=BOSS, **given)
    assert now.partition("<@")[0] in _json(slack.wait("respond", 2)[-1])


def test_a_form_that_was_opened_from_no_list_draws_none(app: App, slack: FakeSlack) -> None:
    """What was posted is drawn anew by itself."""
    (chosen,) = open_each("100")
    press(app, slack, Action.DISMISS, row_of(chosen).offer_id, who=LEAD, block=str(chosen))
    hand_in(app, opened(slack), who=LEAD, reason="needed")
    slack.wait("chat.postEphemeral")
    assert slack.of("respond") == []


def test_a_form_that_is_handed_in_twice_decides_once(app: App, slack: FakeSlack) -> None:
    """The second is told who was first."""
    (chosen,) = open_each("100")
    press(app, slack, Action.DISMISS, row_of(chosen).offer_id, who=LEAD)
    view = opened(slack)
    for who in (LEAD, BOSS):
        hand_in(app, view, who=who, reason="needed")
        slack.wait("chat.postEphemeral", 1 if who == LEAD else 2)
    assert "first decision stands" in slack.of("chat.postEphemeral")[1]["text"]
    assert _acts(chosen) == [Happened.DISMISSED]
    assert row_of(chosen).decided_by == LEAD


@pytest.mark.parametrize("days", [0, -1, 400])
def test_a_day_that_makes_no_sense_is_sent_back_to_the_form(app: App, slack: FakeSlack, days: int) -> None:
    """With what would."""
    (chosen,) = open_each("100")
    press(app, slack, Action.SNOOZE, row_of(chosen).offer_id, who=LEAD)
    answer = hand_in(app, opened(slack), who=LEAD, until=str(TODAY + timedelta(days=days)))
    assert answer["response_action"] == "errors"
    assert "Choose a day after today" in answer["errors"]["until"]
    hand_in(app, opened(slack), who=LEAD, until=str(TODAY + timedelta(days=9)))
    slack.wait("chat.postEphemeral")
    assert _acts(chosen) == [Happened.SNOOZED]


@pytest.mark.parametrize(
    ("button", "given", "field"),
    [(Action.DISMISS, {"words": "no"}, "reason"), (Action.SNOOZE, {}, "until"), (Action.ASSIGN, {}, "to")],
)
def test_a_form_without_what_it_needs_is_sent_back_to_that_field(
    app: App, slack: FakeSlack, button: Action, given: dict[str, str], field: str
) -> None:
    """Slack would not send it; whoever does changes nothing."""
    (chosen,) = open_each("100")
    press(app, slack, button, row_of(chosen).offer_id, who=LEAD)
    answer = hand_in(app, opened(slack), who=LEAD, **given)
    assert (answer["response_action"], list(answer["errors"])) == ("errors", [field])
    assert (_acts(chosen), slack.of("chat.postEphemeral")) == ([], [])


@pytest.mark.parametrize("words", [{}, {"words": "  "}])
def test_another_reason_takes_words(app: App, slack: FakeSlack, words: dict[str, str]) -> None:
    """By itself it would tell nobody anything."""
    (chosen,) = open_each("100")
    press(app, slack, Action.DISMISS, row_of(chosen).offer_id, who=LEAD)
    answer = hand_in(app, opened(slack), who=LEAD, reason="other", **words)
    assert answer["errors"] == {"words": "Say which reason: a few words are enough."}
    assert row_of(chosen).state is State.OPEN
    assert hand_in(app, opened(slack), who=LEAD, reason="other", words="A customer asked for it.") == {}
    assert row_of(chosen).state is State.DISMISSED


def test_snoozing_asks_until_when_and_it_can_be_opened_again(app: App, slack: FakeSlack) -> None:
    """The list leaves it out meanwhile."""
    (chosen,) = open_each("100")
    press(app, slack, Action.SNOOZE, row_of(chosen).offer_id, who=LEAD)
    hand_in(app, opened(slack), who=LEAD, until=str(TODAY + timedelta(days=7)))
    slack.wait("chat.postEphemeral")
    assert row_of(chosen).state is State.SNOOZED
    say(app, slack, "recommendations", who=LEAD)
    assert "No saving waits for a decision" in slack.wait("respond")[0]["text"]
    press(app, slack, Action.REOPEN, row_of(chosen).offer_id, who=LEAD)
    slack.wait("respond", 2)
    assert row_of(chosen).state is State.OPEN


def test_what_is_assigned_goes_to_that_person(app: App, slack: FakeSlack) -> None:
    """With its card, in direct messages; a guest cannot be given it."""
    (chosen,) = open_each("100")
    slack.users["UGUEST"] = {"is_restricted": True}
    press(app, slack, Action.ASSIGN, row_of(chosen).offer_id, who=LEAD)
    view = opened(slack)
    hand_in(app, view, who=LEAD, to="UGUEST")
    assert "for Slack this is a guest" in slack.wait("chat.postEphemeral")[0]["text"]
    hand_in(app, view, who=LEAD, to=VIC)
    slack.wait("conversations.open")
    slack.wait("chat.postEphemeral", 2)
    assert row_of(chosen).assigned_to == VIC
    (sent,) = _waiting(slack)
    assert (sent["channel"], sent[posted.CARD], sent["owner"]) == ("D0DIRECT", str(chosen), False)


def _waiting(slack: FakeSlack) -> list[dict[str, Any]]:
    with transaction() as session:
        return [one.payload for one in session.query(Outbox).order_by(Outbox.id)]


def test_a_deleted_recommendation_is_told(app: App, slack: FakeSlack) -> None:
    """Whatever is pressed."""
    for number, action in enumerate((Action.APPROVE, Action.DISMISS, Action.ASK_OWNER, Action.DONE), 1):
        press(app, slack, action, uuid.uuid4(), who=LEAD)
        assert "not there any more" in slack.wait("respond", number)[-1]["text"]


def test_a_button_of_what_has_expired_says_so(app: App, slack: FakeSlack) -> None:
    """The analysis no longer found it."""
    (chosen,) = open_each("100")
    with transaction() as session:
        recommendations.record(session, [], run_id=None)
    for number, action in enumerate((Action.APPROVE, Action.DISMISS, Action.SNOOZE), 1):
        press(app, slack, action, row_of(chosen).offer_id, who=LEAD)
        assert "is expired: there is nothing left to decide" in slack.wait("respond", 2 * number)[-1]["text"]


def test_where_a_form_came_from_cannot_be_answered_its_sender_is_told_directly(app: App, slack: FakeSlack) -> None:
    """Never silence."""
    (chosen,) = open_each("100")
    press(app, slack, Action.DISMISS, row_of(chosen).offer_id, who=LEAD)
    slack.script["chat.postEphemeral"] = [{"ok": False, "error": "not_in_channel"}]
    hand_in(app, opened(slack), who=LEAD, reason="needed")
    assert "is dismissed now" in slack.wait("chat.postMessage")[0]["text"]
