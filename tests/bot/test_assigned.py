"""What was assigned to somebody, and what is chosen from a card's menu: what they see, and what they may press."""

from __future__ import annotations

import json
import uuid

import pytest
from slack_bolt import App

from bot import announcements, deliver
from bot.actions import Action
from bot.intake import Intake
from bot.working import Workers
from finops.people import Person
from finops.recommendations.lifecycle import State
from finops.roles import Role
from storage import posted, roles
from storage.database import transaction
from storage.models import Outbox
from tests.bot import ledgers, payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import choose, hand_in, open_each, opened, press, row_of

LEAD, VIC, ANN = "ULEAD", "UVERA", "UANNA"
BOTH = {Action.APPROVE, Action.DISMISS}


@pytest.fixture
def app(bolt: App) -> App:
    """The app before a small ledger; ULEAD approves, UANNA is an analyst, UVERA may look."""
    with transaction() as session:
        ledgers.fill(session)
        roles.grant(session, ANN, Role.ANALYST, by=Person("T0", "cli"))
    return bolt


def _assign(app: App, slack: FakeSlack, chosen: uuid.UUID, to: str) -> str:
    """Assign it by the card's menu; returns the message that the person gets, as JSON."""
    forms = len(slack.of("views.open"))
    choose(app, slack, Action.ASSIGN, row_of(chosen).offer_id, who=LEAD)
    hand_in(app, opened(slack, forms + 1), who=LEAD, to=to)
    deliver.once()
    with transaction() as session:
        row = session.query(Outbox).filter(Outbox.payload.has_key(posted.CARD)).order_by(Outbox.id.desc()).first()
        assert row is not None
        _, blocks = announcements.draw(session, row.payload)
    return json.dumps([one.to_dict() for one in blocks], ensure_ascii=False)


def _home(app: App, slack: FakeSlack, who: str) -> str:
    Intake(app, lambda: None).take(payloads.opened(user=who))
    while Workers(app).once():
        pass
    return json.dumps(slack.of("views.publish")[-1]["view"], ensure_ascii=False)


def test_who_may_not_approve_is_shown_what_they_can_do_with_what_is_assigned_to_them(
    app: App, slack: FakeSlack
) -> None:
    """A viewer no buttons, an analyst the menu, an approver all."""
    first, second, third = open_each("100", "200", "300")
    viewers = _assign(app, slack, first, VIC)
    assert f"An approver has to decide this. Tell <@{LEAD}> what you know of it." in viewers
    assert not [one for one in (*BOTH, Action.MORE) if f'"action_id": "{one}"' in viewers]
    analysts = _assign(app, slack, second, ANN)
    assert "You can ask its owner, put it off or hand it over" in analysts
    assert not [one for one in BOTH if f'"action_id": "{one}"' in analysts]
    assert f'"action_id": "{Action.MORE}"' in analysts
    approvers = _assign(app, slack, third, LEAD)
    assert "An approver has to decide" not in approvers
    assert all(f'"action_id": "{one}"' in approvers for one in BOTH)


def test_what_is_assigned_stands_on_the_home_tab_of_who_looks_after_it_until_it_is_decided(
    app: App, slack: FakeSlack
) -> None:
    """With where it is, and a button that shows its card."""
    (chosen,) = open_each("100")
    assert "Assigned to you" not in _home(app, slack, VIC)
    _assign(app, slack, chosen, VIC)
    shown = _home(app, slack, VIC)
    assert "Assigned to you" in shown
    assert "*1 saving* to look after: $100.00 a month." in shown
    assert "$100.00 a month · AWS · 1 · us-east-1" in shown
    assert Action.HOME_CARD in shown
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    assert "Assigned to you" not in _home(app, slack, VIC)


def test_what_is_chosen_from_a_card_s_menu_is_for_who_may_do_that(app: App, slack: FakeSlack) -> None:
    """As if it were a button."""
    (chosen,) = open_each("100")
    choose(app, slack, Action.SNOOZE, row_of(chosen).offer_id, who=VIC)
    assert "Only analysts may put off" in slack.of("respond")[-1]["text"]
    choose(app, slack, Action.SNOOZE, row_of(chosen).offer_id, who=ANN)
    assert opened(slack)["callback_id"] == "form_snooze"
    choose(app, slack, Action.ASK_OWNER, row_of(chosen).offer_id, who=ANN)
    assert "has no tag `owner` or `team`" in slack.of("respond")[-1]["text"]
    assert row_of(chosen).state is State.OPEN
