"""Where alerts of rules arrive: names become ids once, and what cannot arrive is told where it is seen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import announcements, arriving
from finops.alerting.findings import Found
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.people import Person
from storage import alert_rules, alerting
from storage.database import transaction
from storage.models import CostAlert, Outbox, OutboxState
from tests.bot import passing
from tests.bot.drawing import assert_harmless
from tests.bot.fake_slack import FakeSlack

AT = datetime.now(UTC)
PEOPLE = [
    {"id": "UADA", "name": "ada", "profile": {"display_name": "Ada"}},
    {"id": "UEVE", "name": "eve", "profile": {"display_name": "Ada's double"}},
]


@pytest.fixture
def town(slack: FakeSlack, database: Path) -> FakeSlack:
    """A workspace with a channel that the app is in, one that it is not in, and a guest."""
    del database
    slack.channels += [
        {"id": "C0COSTS", "name": "costs", "is_member": True},
        {"id": "C0WEBTEAM", "name": "web", "is_member": True},
        {"id": "C0OTHERS", "name": "others", "is_member": False},
    ]
    slack.users["UEVE"] = {"is_restricted": True}
    slack.script["users.list"] = [{"ok": True, "members": PEOPLE} for _ in range(2)]
    return slack


def _tell(to: str, name: str = "web", *, workspace: str = "", by: str = "root") -> None:
    """Have a rule find something, and tell it."""
    days = {"first_day": date(2026, 11, 20), "end_day": date(2026, 11, 22)}
    found = Found(scope="", value=Decimal(900), expected=Decimal(500), currency="USD", sentence=f"{name}: more", **days)
    with transaction() as session:
        rule = AlertRule(name=name, kind=RuleKind.THRESHOLD, amount=Decimal(500), to=to)
        alert = alerting.fire(
            session, alert_rules.add(session, rule, by=Person(workspace, by)), found, at=AT
        )  # fmt: skip
        assert alert is not None
        alerting.tell(session, alert, to=to, at=AT)
    passing.posted()


def _row() -> Outbox:
    with transaction() as session:
        return session.scalars(select(Outbox).order_by(Outbox.id)).one()


def test_a_channel_of_a_file_is_looked_up_once_and_its_message_is_drawn_anew(town: FakeSlack) -> None:
    """By the id of what was found, which is where it can be changed."""
    _tell("#Web")
    _tell("#Web", "another")
    assert [one["channel"] for one in town.of("chat.postMessage")] == ["C0WEBTEAM"] * 2
    assert len(town.of("conversations.list")) == 1
    with transaction() as session:
        for alert in session.scalars(select(CostAlert)):
            alerting.over(session, alert, at=AT)
    passing.posted()
    assert {one["channel"] for one in town.of("chat.update")} == {"C0WEBTEAM"}
    assert "thread_ts" in town.of("chat.postMessage")[-1]


def test_a_person_of_a_file_is_told_in_direct_messages(town: FakeSlack) -> None:
    """If a member bears the name, and one alone."""
    _tell("@ada")
    [told] = town.of("chat.postMessage")
    assert told["channel"] == "UADA"
    assert "This is for" not in told["text"]


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("#nowhere", "I see no channel #nowhere"),
        ("#others", "I am not in #others: invite me there with `/invite`"),
        ("@nobody", "is nobody"),
        ("@Ada's double", "Only members of this workspace can be told of alerts"),
    ],
)
def test_what_cannot_arrive_is_told_in_the_channel_of_announcements_with_why(
    town: FakeSlack, to: str, why: str
) -> None:
    """At once and once; and drawn anew there."""
    _tell(to)
    [told] = town.of("chat.postMessage")
    assert told["channel"] == "C0COSTS"
    assert "web: more" in told["text"]
    assert why in told["text"].replace("“", "").replace("”", "") or why in told["text"]
    assert "it could not be told there, so it is told here" in str(told["blocks"])
    assert_harmless(told["text"])
    row = _row()
    assert (row.state, row.payload["missed"]["to"]) == (OutboxState.SENT, to)
    assert (row.receipt or {})["channel"] == "C0COSTS"


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived", "user_not_found"])
def test_what_slack_refuses_for_good_is_told_there_as_well(town: FakeSlack, code: str) -> None:
    """A name is looked up anew the next time: the channel may be another one by then."""
    town.script["chat.postMessage"] = [{"ok": False, "error": code}]
    _tell("#web")
    assert [one["channel"] for one in town.of("chat.postMessage")] == ["C0WEBTEAM", "C0COSTS"]
    _tell("#web", "another")
    assert len(town.of("conversations.list")) == 2
    assert town.of("chat.postMessage")[-1]["channel"] == "C0WEBTEAM"


def test_what_the_channel_of_announcements_does_not_take_either_is_given_up_loudly(town: FakeSlack) -> None:
    """It goes nowhere a third time."""
    town.script["chat.postMessage"] = [{"ok": False, "error": "is_archived"}] * 2
    _tell("#web")
    assert len(town.of("chat.postMessage")) == 2
    assert (_row().state, _row().error) == (OutboxState.FAILED, "is_archived")


def test_a_slack_that_is_busy_moves_nothing(town: FakeSlack) -> None:
    """A name is asked for again, as long as Slack wants it."""
    town.script["conversations.list"] = [(429, {"Retry-After": "30"}, {"ok": False, "error": "ratelimited"})]
    _tell("#web")
    assert [one["channel"] for one in town.of("chat.postMessage")] == ["C0WEBTEAM"]
    assert "missed" not in _row().payload


def test_in_another_workspace_whoever_made_the_rule_is_told(town: FakeSlack) -> None:
    """Its costs are not told in the deployment's own channel, which it cannot write to."""
    del town
    _tell("C0GONE", workspace="T9", by="UMAKER")
    message = _row()
    note = arriving.elsewhere(message, "a <!here> *c*")
    assert note is not None
    with transaction() as session:
        note(session, message.id)
    moved = _row().payload
    assert (moved["channel"], moved["missed"]["to"]) == ("UMAKER", "C0GONE")
    assert arriving.elsewhere(_row(), "again") is None
    with transaction() as session:
        text, blocks = announcements.draw(session, moved)
    assert_harmless(f"{text} {blocks[-1].to_dict()}".replace("<#C0GONE>", ""))
    assert "This is for <#C0GONE>" in text
