"""Asking the owner in Slack: the question, its one answer, and what that means for who approves."""

from __future__ import annotations

import json
import uuid

import pytest
from slack_bolt import App

from bot import announcements, deliver
from bot.actions import Action
from finops.people import Person
from finops.recommendations.lifecycle import Happened, State
from storage import owners, posted, recommendations
from storage.database import transaction
from storage.models import Outbox
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import hand_in, open_each, opened, press, row_of, say

LEAD, BOSS, VIC = "ULEAD", "UBOSS", "UVIC"
APPROVED = "“Stop i-0” is approved. `/cost recommendations approved` shows what is to be done."


@pytest.fixture
def app(bolt: App) -> App:
    """The app before a small ledger; ULEAD and UBOSS approve, what is of payments belongs to UVIC."""
    with transaction() as session:
        ledgers.fill(session)
        owners.put(session, "payments", VIC, by=Person("T0", "UADMIN"))
    return bolt


def _json(sent: object) -> str:
    return json.dumps(sent, ensure_ascii=False)


def _acts(chosen: uuid.UUID) -> list[Happened]:
    with transaction() as session:
        return [one.act for one in recommendations.events(session, chosen)]


def _ask(app: App, slack: FakeSlack, chosen: uuid.UUID) -> str:
    """Have the owner asked; returns the message that they get, as JSON."""
    press(app, slack, Action.ASK_OWNER, row_of(chosen).offer_id, who=LEAD)
    deliver.once()
    with transaction() as session:
        row = session.query(Outbox).filter(Outbox.payload.has_key(posted.QUESTION)).order_by(Outbox.id.desc()).first()
        assert row is not None
        text, blocks = announcements.draw(session, row.payload)
    return _json([row.payload["channel"], text, *[one.to_dict() for one in blocks]])


def test_its_owner_is_asked_in_direct_messages_and_the_answer_is_kept(app: App, slack: FakeSlack) -> None:
    """It decides nothing; somebody else cannot answer."""
    (chosen,) = open_each("100", owner="search")
    press(app, slack, Action.ASK_OWNER, row_of(chosen).offer_id, who=LEAD)
    assert "/cost owner search @somebody" in slack.of("respond")[-1]["text"]
    with transaction() as session:
        owners.put(session, "search", VIC, by=Person("T0", "UADMIN"))
    asked = _ask(app, slack, chosen)
    assert f"<@{VIC}> was asked" in slack.of("respond")[-1]["text"]
    assert "D0DIRECT" in asked
    press(app, slack, Action.OWNER_KEEPS, row_of(chosen).offer_id, who=BOSS)
    assert "that is somebody else" in slack.of("respond")[-1]["text"]
    press(app, slack, Action.OWNER_KEEPS, row_of(chosen).offer_id, who=VIC)
    assert f"<@{VIC}> needs it" in slack.of("respond")[-1]["text"]
    assert (row_of(chosen).state, _acts(chosen)) == (State.OPEN, [Happened.ASKED, Happened.ANSWERED])


def test_a_question_is_answered_once_and_drawn_without_its_buttons(app: App, slack: FakeSlack) -> None:
    """Another answer takes another question; who is asked decides nothing on that message."""
    (chosen,) = open_each("100", owner="payments")
    asked = _ask(app, slack, chosen)
    assert "May it be stopped?" in asked
    assert Action.OWNER_KEEPS in asked
    assert Action.APPROVE not in asked
    press(app, slack, Action.ASK_OWNER, row_of(chosen).offer_id, who=BOSS)
    assert "has yet to answer" in slack.of("respond")[-1]["text"]
    for _ in range(2):
        press(app, slack, Action.OWNER_KEEPS, row_of(chosen).offer_id, who=VIC)
    assert "press Ask the owner again" in slack.of("respond")[-1]["text"]
    redrawn = _json(slack.of("chat.update")[-1])
    assert "*I need it*" in redrawn
    assert Action.OWNER_KEEPS not in redrawn
    assert _acts(chosen) == [Happened.ASKED, Happened.ANSWERED]
    assert Action.OWNER_KEEPS in _ask(app, slack, chosen)


def test_the_words_are_those_of_what_is_done_to_it(app: App, slack: FakeSlack) -> None:
    """A machine that is to be halved does not go."""
    (chosen,) = open_each("100", owner="payments")
    with transaction() as session:
        recommendations.get(session, chosen).recommendation_type = "rightsize_machine"
    assert "May it be halved?" in _ask(app, slack, chosen)
    press(app, slack, Action.OWNER_KEEPS, row_of(chosen).offer_id, who=VIC)
    say(app, slack, "recommendations", who=LEAD)
    assert f"✋ *Owner <@{VIC}> needs it as large as it is*" in _json(slack.of("respond")[-1])


def test_what_its_owner_needs_says_so_on_the_card_and_is_approved_only_after_a_question(
    app: App, slack: FakeSlack
) -> None:
    """Wherever it is shown, and with the owner's words."""
    (chosen,) = open_each("100", owner="payments")
    _ask(app, slack, chosen)
    press(app, slack, Action.OWNER_KEEPS, row_of(chosen).offer_id, who=VIC)
    assert f"✋ *Owner <@{VIC}> needs it*" in _json(slack.of("chat.update")[-1])
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    question = slack.of("respond")[-1]
    assert f"Owner <@{VIC}> needs it" in _json(question)
    assert "Approve “Stop i-0” all the same?" in _json(question)
    assert row_of(chosen).state is State.OPEN
    button = question["blocks"][1]["elements"][0]
    assert button["action_id"] == Action.APPROVE_ANYWAY
    press(app, slack, button["action_id"], button["value"], who=LEAD, block=question["blocks"][1]["block_id"])
    assert row_of(chosen).state is State.APPROVED
    assert slack.of("respond")[-1] == {"replace_original": True, "text": APPROVED}


def test_what_may_go_says_so_on_the_card_and_asks_nothing_more(app: App, slack: FakeSlack) -> None:
    """One click approves it."""
    (chosen,) = open_each("100", owner="payments")
    _ask(app, slack, chosen)
    press(app, slack, Action.OWNER_AGREES, row_of(chosen).offer_id, who=VIC)
    assert f"👍 Owner <@{VIC}> says it may be stopped" in _json(slack.of("chat.update")[-1])
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    assert row_of(chosen).state is State.APPROVED


def test_many_are_approved_without_those_that_their_owners_need(app: App, slack: FakeSlack) -> None:
    """The form says how many it leaves out; an answer that comes while it is open stops them all."""
    needed, *others = open_each("100", "100", "100", owner="payments")
    _ask(app, slack, needed)
    press(app, slack, Action.OWNER_KEEPS, row_of(needed).offer_id, who=VIC)
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    view = opened(slack)
    assert "2 at once save $200.00" in _json(view)
    assert "Left out: 1 that its owner needs" in _json(view)
    _ask(app, slack, others[0])
    press(app, slack, Action.OWNER_KEEPS, row_of(others[0]).offer_id, who=VIC)
    hand_in(app, view, who=LEAD)
    said = slack.of("chat.postEphemeral")[-1]["text"]
    assert "Nothing was approved" in said
    assert f"Owner <@{VIC}> needs it" in said
    assert {row_of(one).state for one in (needed, *others)} == {State.OPEN}


def test_where_all_are_needed_nothing_is_approved_at_once(app: App, slack: FakeSlack) -> None:
    """Which is told in the place of an empty form."""
    (chosen,) = open_each("100", owner="payments")
    _ask(app, slack, chosen)
    press(app, slack, Action.OWNER_KEEPS, row_of(chosen).offer_id, who=VIC)
    press(app, slack, Action.BULK, "stop_idle_machine", who=LEAD)
    assert "Their owners need all 1 of these" in slack.of("respond")[-1]["text"]


def test_who_cannot_be_written_to_was_not_asked(app: App, slack: FakeSlack) -> None:
    """Nor given anything: neither the history nor the card says so, and it can be pressed again."""
    (chosen,) = open_each("100", owner="payments")
    slack.script["conversations.open"] = [{"ok": False, "error": "internal_error"}] * 2
    press(app, slack, Action.ASK_OWNER, row_of(chosen).offer_id, who=LEAD)
    press(app, slack, Action.ASSIGN, row_of(chosen).offer_id, who=LEAD)
    hand_in(app, opened(slack), who=LEAD, to=VIC)
    slack.users[VIC] = {"deleted": True}
    press(app, slack, Action.ASK_OWNER, row_of(chosen).offer_id, who=LEAD)
    assert "for Slack this is a deactivated" in slack.of("respond")[-1]["text"]
    assert (_acts(chosen), row_of(chosen).assigned_to, _asked()) == ([], None, 0)
    del slack.users[VIC]
    press(app, slack, Action.ASK_OWNER, row_of(chosen).offer_id, who=LEAD)
    assert (_acts(chosen), _asked()) == ([Happened.ASKED], 1)


def _asked() -> int:
    with transaction() as session:
        return session.query(Outbox).filter(Outbox.payload.has_key(posted.CARD)).count()
