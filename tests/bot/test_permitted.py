"""Who may decide in Slack: roles and what Slack says of people, at the moment of the act."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App

from bot import app as bot_app
from bot.actions import Action
from finops.people import Person
from finops.recommendations.lifecycle import State
from finops.roles import Role
from storage import roles
from storage.database import transaction
from tests.bot import ledgers
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import hand_in, open_each, opened, press, row_of

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
    (chosen,) = open_each("100")
    with transaction() as session:
        roles.grant(session, "UEVE", Role.ADMIN, by=Person("T0", ADMIN))
    slack.users["UEVE"] = is_a
    for number, action in enumerate((Action.APPROVE, Action.DISMISS, Action.SNOOZE, Action.DONE, Action.BULK), 1):
        press(app, slack, action, row_of(chosen).offer_id, who="UEVE")
        assert f"for Slack you are a {called}" in slack.wait("respond", number)[-1]["text"]
    assert (row_of(chosen).state, slack.of("views.open")) == (State.OPEN, [])


def test_whom_slack_does_not_know_decides_nothing(app: App, slack: FakeSlack) -> None:
    """Nor anybody while Slack does not say who it is."""
    (chosen,) = open_each("100")
    slack.script["users.info"] = [{"ok": False, "error": "user_not_found"}, (500, {}, b"away")]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    assert "member of another organization" in slack.wait("respond")[0]["text"]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    assert "did not answer" in slack.wait("respond", 2)[1]["text"]
    assert row_of(chosen).state is State.OPEN


def test_a_role_that_was_taken_away_meanwhile_does_not_hand_a_form_in(app: App, slack: FakeSlack) -> None:
    """The form was opened by an approver, and is handed in by a viewer."""
    (chosen,) = open_each("100")
    with transaction() as session:
        roles.grant(session, VIC, Role.APPROVER, by=Person("T0", ADMIN))
    press(app, slack, Action.DISMISS, row_of(chosen).offer_id, who=VIC)
    view = opened(slack)
    with transaction() as session:
        roles.revoke(session, VIC, by=Person("T0", ADMIN))
    hand_in(app, view, who=VIC, reason="needed")
    assert "Only approvers may decide this" in slack.wait("chat.postEphemeral")[0]["text"]
    assert row_of(chosen).state is State.OPEN


def test_a_user_group_gives_its_members_a_role(app: App, slack: FakeSlack) -> None:
    """While Slack says that they are in it."""
    (chosen,) = open_each("100")
    with transaction() as session:
        roles.grant(session, "SLEADS", Role.APPROVER, by=Person("T0", ADMIN))
    slack.script["usergroups.users.list"] = [
        {"ok": True, "users": [BOSS]}, {"ok": False, "error": "ratelimited"}, {"ok": True, "users": [BOSS, VIC]},
    ]  # fmt: skip
    for number, words in enumerate(("Only approvers may", "did not tell me who is in a user group"), 1):
        press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=VIC)
        assert words in slack.wait("respond", number)[-1]["text"]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=VIC)
    slack.wait("respond", 3)
    assert row_of(chosen).decided_by == VIC


def test_a_group_that_cannot_be_read_stops_nobody_who_does_not_need_it(app: App, slack: FakeSlack) -> None:
    """An own role, one by the settings, and one by a group that can be read suffice."""
    with transaction() as session:
        roles.grant(session, "SBROKEN", Role.ADMIN, by=Person("T0", ADMIN))
        roles.grant(session, "SLEADS", Role.APPROVER, by=Person("T0", ADMIN))
        roles.grant(session, "UOWN", Role.APPROVER, by=Person("T0", ADMIN))
    for number, chosen in enumerate(open_each("100", "100", "100")):
        who = (LEAD, "UOWN", VIC)[number]
        broken = {"ok": False, "error": "missing_scope"}
        slack.script["usergroups.users.list"] = [broken, {"ok": True, "users": [VIC]}] if who == VIC else [broken]
        press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=who)
        assert row_of(chosen).decided_by == who


@pytest.mark.parametrize("lost", ["role", "account"])
def test_an_approval_of_who_may_no_longer_approve_does_not_decide(app: App, slack: FakeSlack, lost: str) -> None:
    """Whether the role was taken away or the account was deactivated since; a third person is needed then."""
    (chosen,) = open_each("5000")
    with transaction() as session:
        roles.grant(session, VIC, Role.APPROVER, by=Person("T0", ADMIN))
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=VIC)
    if lost == "role":
        with transaction() as session:
            roles.grant(session, VIC, Role.ANALYST, by=Person("T0", ADMIN))
    else:
        slack.users[VIC] = {"deleted": True}
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    told = slack.wait("respond", 4)[-1]["text"]
    assert "Your approval counts. 1 of 2 approvals" in told
    assert f"What <@{VIC}> had approved no longer counts" in told
    assert row_of(chosen).state is State.OPEN
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=BOSS)
    assert (row_of(chosen).state, row_of(chosen).decided_by) == (State.APPROVED, BOSS)


def test_many_at_once_are_not_decided_by_who_may_no_longer_approve(app: App, slack: FakeSlack) -> None:
    """The form of a whole kind looks, too."""
    found = open_each("800", "800")
    with transaction() as session:
        roles.grant(session, VIC, Role.APPROVER, by=Person("T0", ADMIN))
    press(app, slack, Action.BULK, "stop_idle_machine", who=VIC)
    view = opened(slack)
    hand_in(app, view, who=VIC)
    with transaction() as session:
        roles.revoke(session, VIC, by=Person("T0", ADMIN))
    hand_in(app, view, who=LEAD)
    told = slack.wait("chat.postEphemeral", 2)[-1]["text"]
    assert "Your approval counts for all 2" in told
    assert f"What <@{VIC}> had approved no longer counts" in told
    assert {row_of(one).state for one in found} == {State.OPEN}


def test_while_slack_does_not_say_who_approved_before_nothing_is_decided(app: App, slack: FakeSlack) -> None:
    """And nobody's approval is lost by that."""
    (chosen,) = open_each("5000")
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=BOSS)
    member = {"ok": True, "user": {"id": LEAD, "team_id": "T0"}}
    slack.script["users.info"] = [member, (500, {}, b"away")]
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    assert "did not answer" in slack.wait("respond", 3)[-1]["text"]
    assert row_of(chosen).state is State.OPEN
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who=LEAD)
    assert row_of(chosen).state is State.APPROVED


def test_an_approver_of_the_settings_is_none_in_another_workspace(app: App, slack: FakeSlack) -> None:
    """The same letters there are somebody else, who was granted nothing."""
    (chosen,) = open_each("100")
    with transaction() as session:
        roles.grant(session, "UEVE", Role.APPROVER, by=Person("T9", ADMIN))
    press(app, slack, Action.APPROVE, row_of(chosen).offer_id, who="UEVE")
    assert "Only approvers may decide this" in slack.wait("respond")[0]["text"]
