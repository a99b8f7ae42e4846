"""The Home tab: what somebody sees before asking, drawn when it is opened and after a decision."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from slack_bolt import App
from sqlalchemy import event

from bot.actions import Action
from bot.blocks.home import admin, approvals
from bot.home import page
from bot.home.page import fitting
from finops.people import Person
from storage import asking, owners
from storage.database import engine, transaction
from storage.health import Health
from storage.models import ChannelScope, Outcome, Recommendation, Run
from storage.sources import Fresh
from tests.bot import ledgers, passing, payloads
from tests.bot.fake_slack import FakeSlack
from tests.bot.homes import LEAD, buttons, open_home, published, send, titles, words_of

VIC, ADA = "UVIC", "UADA"
BY = Person("T0", ADA)
pytestmark = pytest.mark.usefixtures("ada")


def test_it_shows_what_concerns_everybody_and_admins_more(app: App, slack: FakeSlack) -> None:
    """Each section with at most one button beside its title's lines."""
    everybody = ["Our spend", "Approvals", "Out of order", "Digests", "Data"]
    assert titles(open_home(app, slack, VIC)) == everybody
    assert titles(open_home(app, slack, ADA)) == [*everybody, "Roles", "Channels", "Rules", "Collection"]
    assert "AWS 20 Nov 2026" in words_of(published(slack))
    assert f"<@{ADA}>" in words_of(published(slack))


def test_its_figures_are_those_of_the_command(app: App, slack: FakeSlack) -> None:
    """Of everything, or of one's teams, whose names an admin gave."""
    with transaction() as session:
        owners.put(session, "Web", VIC, by=BY)
        owners.put(session, "nobody's", VIC, by=BY)
    for user, asked, deeper in ((ADA, "", "by team"), (VIC, "where team=web", "by service where team=web")):
        send(app, payloads.command(slack, asked))
        answer = slack.of("respond")[-1]["text"].partition(" Largest")[0]
        assert answer.startswith(("Spent $", "Team web: spent $"))
        assert answer in words_of(open_home(app, slack, user))
        assert deeper in [one["value"] for one in buttons(published(slack), Action.HOME_ASK)]
    [teams] = [one["text"]["text"] for one in published(slack) if "*Your teams*" in str(one)]
    head, row = teams.splitlines()[1:]
    assert (head[1:5], row[1:4], len(head)) == ("team", "web", len(row)), "figures end below each other"
    assert "Largest changes" not in words_of(published(slack)[:4]), "of one team it is the whole change"


def test_the_scope_of_one_s_direct_messages_comes_first(app: App, slack: FakeSlack) -> None:
    """Who narrowed it down wants to see that."""
    with transaction() as session:
        asking.set_scope(session, {"service_name": ["S3"]}, workspace="T0", channel="D0DIRECT", by=VIC)
        owners.put(session, "web", VIC, by=BY)
    assert "*S3: spent $20.00 from 1 Nov to 20 Nov 2026" in words_of(open_home(app, slack, VIC))


def test_a_user_group_s_teams_are_its_members_and_slack_is_asked_seldom(app: App, slack: FakeSlack) -> None:
    """It tells few a minute."""
    with transaction() as session:
        owners.put(session, "web", "S0GROUP", by=BY)
    slack.script["usergroups.users.list"] = [{"ok": True, "users": [VIC]}]
    for _ in range(3):
        assert "*Your teams*" in words_of(open_home(app, slack, VIC))
    assert len(slack.of("usergroups.users.list")) == 1


def test_who_may_decide_sees_the_five_largest_and_how_many_wait(app: App, slack: FakeSlack) -> None:
    """Not what they have approved and others have to; others see how much waits."""
    with transaction() as session:
        for n in range(6):
            ledgers.recommend(session, saving=str(100 + n), name=f"i-{n}")
        ledgers.recommend(session, saving="2000", name="i-large")
    blocks = open_home(app, slack)
    assert "*7 savings* wait for your decision: $2,615.00 a month." in words_of(blocks)
    shows = buttons(blocks, Action.HOME_CARD)
    assert len(shows) == 5
    send(app, payloads.button(slack, Action.APPROVE, shows[0]["value"]))
    assert "*6 savings* wait for your decision: $615.00 a month." in words_of(published(slack))
    assert "not yet carried out" not in words_of(published(slack)), "it takes two"
    second = buttons(published(slack), Action.HOME_CARD)[0]["value"]
    send(app, payloads.button(slack, Action.APPROVE, second))
    assert "*1 approved*, not yet carried out: $105.00 a month." in words_of(published(slack))
    asks = [one["value"] for one in buttons(published(slack), Action.HOME_ASK)]
    assert "recommendations approved" in asks
    send(app, payloads.pressed_at_home(Action.HOME_ASK, "recommendations approved"))
    assert slack.of("chat.postMessage")[-1]["text"].startswith("1 saving is approved and not yet carried out")
    assert slack.of("views.publish")[-1]["user_id"] == LEAD
    blocks = open_home(app, slack, VIC)
    assert "*6 savings* wait for somebody who may decide" in words_of(blocks)
    assert "not yet carried out" not in words_of(blocks)
    assert not buttons(blocks, Action.HOME_CARD)


def test_a_button_answers_in_direct_messages_and_home_says_so(app: App, slack: FakeSlack) -> None:
    """Once, however often Slack sends it; a reply to the answer refines it."""
    press = payloads.pressed_at_home(Action.HOME_ASK, "by service 2026-10")
    send(app, press, press)
    (posted,) = slack.of("chat.postMessage")
    assert (posted["channel"], posted["text"][:13]) == ("D0DIRECT", "Spent $341.00")
    assert "I have answered under *Messages*" in words_of(published(slack))
    with transaction() as session:
        assert asking.has_asked(session, workspace="T0", who=LEAD)


def test_a_card_is_shown_in_direct_messages_and_redrawn_there(app: App, slack: FakeSlack) -> None:
    """When it was decided elsewhere."""
    with transaction() as session:
        ledgers.recommend(session)
    (show,) = buttons(open_home(app, slack), Action.HOME_CARD)
    send(app, payloads.pressed_at_home(Action.HOME_CARD, show["value"]))
    (posted,) = slack.of("chat.postMessage")
    assert posted["channel"] == "D0DIRECT"
    assert "As you asked: *Stop i-1*." in posted["text"]
    assert Action.APPROVE in words_of(posted["blocks"] if isinstance(posted["blocks"], list) else [posted])
    send(app, payloads.button(slack, Action.APPROVE, show["value"], user="UBOSS"))
    assert "Approved" in str(slack.of("chat.update")[-1]["blocks"])


def test_what_was_decided_meanwhile_or_is_another_workspace_s_is_not_shown(app: App, slack: FakeSlack) -> None:
    """But told."""
    send(app, payloads.pressed_at_home(Action.HOME_CARD, str(uuid.uuid4())))
    (told,) = slack.of("chat.postMessage")
    assert "blocks" not in told


@pytest.mark.parametrize(
    "is_a", [{"is_restricted": True}, {"is_stranger": True}, {"team_id": "T9"}, {"deleted": True}, {"is_bot": True}]
)
def test_who_is_no_member_reads_one_sentence(app: App, slack: FakeSlack, is_a: dict[str, Any]) -> None:
    """Without a figure."""
    slack.users[VIC] = is_a
    (block,) = open_home(app, slack, VIC)
    assert block["text"]["text"].startswith("Only members of this workspace may look")
    send(app, payloads.pressed_at_home(Action.HOME_ASK, "2026-10", user=VIC))
    assert not [one for one in slack.of("chat.postMessage") if "341" in str(one)]


def test_the_messages_tab_is_not_drawn(app: App, slack: FakeSlack) -> None:
    """Slack tells of it by the same event."""
    send(app, payloads.opened(tab="messages"))
    assert not slack.of("views.publish")


def test_who_is_new_sees_three_things_to_try_until_something_was_asked(app: App, slack: FakeSlack) -> None:
    """With an empty ledger that is told, and how to load a bill."""
    tries = [one["value"] for one in buttons(open_home(app, slack), Action.HOME_ASK)][:3]
    assert tries == ["this month", "recommendations", "scope"]
    for one in tries:
        send(app, payloads.pressed_at_home(Action.HOME_ASK, one))
        passing.due()
    assert len(slack.of("chat.postMessage")) == 3
    assert "Three things to try" not in words_of(published(slack))


@pytest.mark.parametrize("asked", ["last month", "recommendations", "roles"])
def test_who_asks_by_command_is_new_no_more(app: App, slack: FakeSlack, asked: str) -> None:
    """Whatever it asks for, and others still are; it is noted once, after the answer."""
    told: list[str] = []
    event.listen(engine(), "before_cursor_execute", lambda *given: told.append(given[2]))
    for _ in range(2):
        send(app, payloads.command(slack, asked))
    assert len([one for one in told if "INSERT INTO asked_threads" in one]) == 1
    assert "Three things to try" not in words_of(open_home(app, slack))
    assert "Three things to try" in words_of(open_home(app, slack, VIC))


def test_an_empty_ledger_says_how_to_load_a_bill(bolt: App, slack: FakeSlack) -> None:
    """Instead of figures."""
    blocks = open_home(bolt, slack)
    assert "`costs ingest auto PATH --source NAME`" in words_of(blocks)
    assert titles(blocks) == ["Approvals", "Out of order", "Digests"]


def test_what_slack_refuses_leaves_the_page_as_it_was(app: App, slack: FakeSlack) -> None:
    """And nobody is disturbed by a message about it."""
    slack.script["views.publish"] = [{"ok": False, "error": "not_enabled"}]
    send(app, payloads.opened())
    assert not slack.of("chat.postEphemeral")
    assert not slack.of("chat.postMessage")


def test_it_is_cheap_however_much_waits(app: App, slack: FakeSlack) -> None:
    """A few dozen questions to the database, as many for one recommendation as for thirty."""
    counts = []
    for many in (1, 30):
        with transaction() as session:
            for n in range(many):
                ledgers.recommend(session, name=f"i-{many}-{n}")
        asked: list[str] = []
        event.listen(engine(), "before_cursor_execute", lambda *a, into=asked: into.append(a[2]))
        open_home(app, slack)
        counts.append(len(asked))

    assert counts[1] <= counts[0] <= 60, counts


def test_foreign_text_arrives_as_text() -> None:
    """In titles, scopes, names of sources and errors."""
    evil = "<!channel> *x* <http://e|y> `z`"
    now = datetime(2026, 11, 20, tzinfo=UTC)
    row = Recommendation(
        title=evil, potential_savings=Decimal(1), currency="USD", offer_id=uuid.uuid4(), resource_id=uuid.uuid4()
    )
    scope = ChannelScope(workspace="T0", channel="<!here>", filters={"tag:team": [evil]})
    run = Run(job="collect", started_at=now, outcome=Outcome.FAILED, error=evil)
    health = Health(run, [Fresh(evil, "aws", None, None)], [(evil, date(2026, 11, 1), evil)], 0)
    for blocks in (
        approvals.build([row], {row.resource_id: evil}, decides=True),
        admin.channels([scope]),
        admin.health(health),
    ):
        words = words_of([one.to_dict() for one in blocks])
        assert "&lt;!channel&gt;" in words
        for mark in ("<!", "<http", "*x*", "`z`"):
            assert mark not in words


def test_no_more_blocks_than_slack_takes() -> None:
    """What is left out is said."""
    many = page.sentence("x") * 130
    assert len(fitting(many)) == page.MOST
    assert "more than fits" in str(fitting(many)[-1].to_dict())
