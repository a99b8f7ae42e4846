"""The Home tab: what somebody sees before asking, drawn when it is opened and after a decision."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from slack_bolt import App
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.actions import Action
from bot.blocks.home import admin, approvals
from bot.home import page
from bot.home.page import fitting
from bot.intake import Intake
from bot.working import Workers
from finops.alerting.kinds import RuleKind, Severity
from finops.alerting.lifecycle import AlertState
from finops.alerting.rules import AlertRule
from finops.digests import Ended, Every
from finops.people import Person
from finops.roles import Role
from storage import alert_rules, alerting, asking, owners, roles, subscriptions
from storage.alerting import Found
from storage.database import engine, transaction
from storage.health import Health
from storage.models import AlertRuleRow, ChannelScope, CostAlert, Outcome, Recommendation, Run
from storage.sources import Fresh
from tests.bot import ledgers, passing, payloads
from tests.bot.fake_slack import FakeSlack

LEAD, VIC, ADA = payloads.LEAD, "UVIC", "UADA"
BY = Person("T0", ADA)
Block = dict[str, Any]


@pytest.fixture
def app(bolt: App) -> App:
    """The app before a small ledger; Ada is an admin."""
    with transaction() as session:
        ledgers.fill(session)
        roles.grant(session, ADA, Role.ADMIN, by=BY)
    return bolt


def _send(app: App, *sent: payloads.Body) -> None:
    for body in sent:
        Intake(app, lambda: None).take(body)
    while Workers(app).once():
        pass


def _home(slack: FakeSlack) -> list[Block]:
    """Return the blocks that were published last."""
    view = slack.of("views.publish")[-1]["view"]
    found: list[Block] = (json.loads(view) if isinstance(view, str) else view)["blocks"]
    assert len(found) <= page.MOST
    return found


def _open(app: App, slack: FakeSlack, user: str = LEAD) -> list[Block]:
    _send(app, payloads.opened(user=user))
    assert slack.of("views.publish")[-1]["user_id"] == user
    return _home(slack)


def _titles(blocks: list[Block]) -> list[str]:
    return [one["text"]["text"] for one in blocks if one["type"] == "header"]


def _words(blocks: list[Block]) -> str:
    return json.dumps(blocks, ensure_ascii=False)


def _buttons(blocks: list[Block], action: Action) -> list[Block]:
    found = [one for block in blocks for one in (*block.get("elements", ()), block.get("accessory", {}))]
    return [one for one in found if str(one.get("action_id", "")).startswith(action)]


def test_it_shows_what_concerns_everybody_and_admins_more(app: App, slack: FakeSlack) -> None:
    """Each section with at most one button beside its title's lines."""
    everybody = ["Our spend", "Approvals", "Out of order", "Digests", "Data"]
    assert _titles(_open(app, slack, VIC)) == everybody
    assert _titles(_open(app, slack, ADA)) == [*everybody, "Roles", "Channels", "Rules", "Collection"]
    assert "AWS 20 Nov 2026" in _words(_home(slack))
    assert f"<@{ADA}>" in _words(_home(slack))


def test_its_figures_are_those_of_the_command(app: App, slack: FakeSlack) -> None:
    """Of everything, or of one's teams, whose names an admin gave."""
    with transaction() as session:
        owners.put(session, "Web", VIC, by=BY)
        owners.put(session, "nobody's", VIC, by=BY)
    for user, asked, deeper in ((ADA, "", "by team"), (VIC, "where team=web", "by service where team=web")):
        _send(app, payloads.command(slack, asked))
        answer = slack.of("respond")[-1]["text"].partition(" Largest")[0]
        assert answer.startswith(("Spent $", "Team web: spent $"))
        assert answer in _words(_open(app, slack, user))
        assert deeper in [one["value"] for one in _buttons(_home(slack), Action.HOME_ASK)]
    assert "*Your teams*" in _words(_home(slack))


def test_the_scope_of_one_s_direct_messages_comes_first(app: App, slack: FakeSlack) -> None:
    """Who narrowed it down wants to see that."""
    with transaction() as session:
        asking.set_scope(session, {"service_name": ["S3"]}, workspace="T0", channel="D0DIRECT", by=VIC)
        owners.put(session, "web", VIC, by=BY)
    assert "*S3: spent $20.00 from 1 Nov to 20 Nov 2026" in _words(_open(app, slack, VIC))


def test_a_user_group_s_teams_are_its_members_and_slack_is_asked_seldom(app: App, slack: FakeSlack) -> None:
    """It tells few a minute."""
    with transaction() as session:
        owners.put(session, "web", "S0GROUP", by=BY)
    slack.script["usergroups.users.list"] = [{"ok": True, "users": [VIC]}]
    for _ in range(3):
        assert "*Your teams*" in _words(_open(app, slack, VIC))
    assert len(slack.of("usergroups.users.list")) == 1


def test_who_may_decide_sees_the_five_largest_and_how_many_wait(app: App, slack: FakeSlack) -> None:
    """Not what they have approved and others have to; others see how much waits."""
    with transaction() as session:
        for n in range(6):
            ledgers.recommend(session, saving=str(100 + n), name=f"i-{n}")
        ledgers.recommend(session, saving="2000", name="i-large")
    blocks = _open(app, slack)
    assert "*7 savings* wait for your decision: $2,615.00 a month." in _words(blocks)
    shows = _buttons(blocks, Action.HOME_CARD)
    assert len(shows) == 5
    _send(app, payloads.button(slack, Action.APPROVE, shows[0]["value"]))
    assert "*6 savings* wait for your decision: $615.00 a month." in _words(_home(slack))
    assert "not yet carried out" not in _words(_home(slack)), "it takes two"
    second = _buttons(_home(slack), Action.HOME_CARD)[0]["value"]
    _send(app, payloads.button(slack, Action.APPROVE, second))
    assert "*1 approved*, not yet carried out: $105.00 a month." in _words(_home(slack))
    asks = [one["value"] for one in _buttons(_home(slack), Action.HOME_ASK)]
    assert "recommendations approved" in asks
    _send(app, payloads.pressed_at_home(Action.HOME_ASK, "recommendations approved"))
    assert slack.of("chat.postMessage")[-1]["text"].startswith("1 saving is approved and not yet carried out")
    assert slack.of("views.publish")[-1]["user_id"] == LEAD
    blocks = _open(app, slack, VIC)
    assert "*6 savings* wait for somebody who may decide" in _words(blocks)
    assert "not yet carried out" not in _words(blocks)
    assert not _buttons(blocks, Action.HOME_CARD)


def test_a_button_answers_in_direct_messages_and_home_says_so(app: App, slack: FakeSlack) -> None:
    """Once, however often Slack sends it; a reply to the answer refines it."""
    press = payloads.pressed_at_home(Action.HOME_ASK, "by service 2026-10")
    _send(app, press, press)
    (posted,) = slack.of("chat.postMessage")
    assert (posted["channel"], posted["text"][:13]) == ("D0DIRECT", "Spent $341.00")
    assert "I have answered under *Messages*" in _words(_home(slack))
    with transaction() as session:
        assert asking.has_asked(session, workspace="T0", who=LEAD)


def test_a_card_is_shown_in_direct_messages_and_redrawn_there(app: App, slack: FakeSlack) -> None:
    """When it was decided elsewhere."""
    with transaction() as session:
        ledgers.recommend(session)
    (show,) = _buttons(_open(app, slack), Action.HOME_CARD)
    _send(app, payloads.pressed_at_home(Action.HOME_CARD, show["value"]))
    (posted,) = slack.of("chat.postMessage")
    assert posted["channel"] == "D0DIRECT"
    assert "As you asked: *Stop i-1*." in posted["text"]
    assert Action.APPROVE in _words(posted["blocks"] if isinstance(posted["blocks"], list) else [posted])
    _send(app, payloads.button(slack, Action.APPROVE, show["value"], user="UBOSS"))
    assert "Approved" in str(slack.of("chat.update")[-1]["blocks"])


def test_what_was_decided_meanwhile_or_is_another_workspace_s_is_not_shown(app: App, slack: FakeSlack) -> None:
    """But told."""
    _send(app, payloads.pressed_at_home(Action.HOME_CARD, str(uuid.uuid4())))
    (told,) = slack.of("chat.postMessage")
    assert "blocks" not in told


@pytest.mark.parametrize(
    "is_a", [{"is_restricted": True}, {"is_stranger": True}, {"team_id": "T9"}, {"deleted": True}, {"is_bot": True}]
)
def test_who_is_no_member_reads_one_sentence(app: App, slack: FakeSlack, is_a: dict[str, Any]) -> None:
    """Without a figure."""
    slack.users[VIC] = is_a
    (block,) = _open(app, slack, VIC)
    assert block["text"]["text"].startswith("Only members of this workspace may look")
    _send(app, payloads.pressed_at_home(Action.HOME_ASK, "2026-10", user=VIC))
    assert not [one for one in slack.of("chat.postMessage") if "341" in str(one)]


def test_the_messages_tab_is_not_drawn(app: App, slack: FakeSlack) -> None:
    """Slack tells of it by the same event."""
    _send(app, payloads.opened(tab="messages"))
    assert not slack.of("views.publish")


def test_who_is_new_sees_three_things_to_try_until_something_was_asked(app: App, slack: FakeSlack) -> None:
    """With an empty ledger that is told, and how to load a bill."""
    tries = [one["value"] for one in _buttons(_open(app, slack), Action.HOME_ASK)][:3]
    assert tries == ["this month", "recommendations", "scope"]
    for one in tries:
        _send(app, payloads.pressed_at_home(Action.HOME_ASK, one))
        passing.due()
    assert len(slack.of("chat.postMessage")) == 3
    assert "Three things to try" not in _words(_home(slack))


def test_an_empty_ledger_says_how_to_load_a_bill(bolt: App, slack: FakeSlack) -> None:
    """Instead of figures."""
    blocks = _open(bolt, slack)
    assert "`costs ingest auto PATH --source NAME`" in _words(blocks)
    assert _titles(blocks) == ["Approvals", "Out of order", "Digests"]


def test_what_slack_refuses_leaves_the_page_as_it_was(app: App, slack: FakeSlack) -> None:
    """And nobody is disturbed by a message about it."""
    slack.script["views.publish"] = [{"ok": False, "error": "not_enabled"}]
    _send(app, payloads.opened())
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
        _open(app, slack)
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
        words = _words([one.to_dict() for one in blocks])
        assert "&lt;!channel&gt;" in words
        for mark in ("<!", "<http", "*x*", "`z`"):
            assert mark not in words


def test_no_more_blocks_than_slack_takes() -> None:
    """What is left out is said."""
    many = page.sentence("x") * 130
    assert len(fitting(many)) == page.MOST
    assert "more than fits" in str(fitting(many)[-1].to_dict())


def _alert(session: Session, sentence: str, *, assigned: str | None = None) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    rule = AlertRuleRow(workspace="T0", name=sentence, rule={}, severity=next(iter(Severity)), created_by=ADA)
    session.add(rule)
    session.flush()
    session.add(
        CostAlert(
            rule_id=rule.id, workspace="T0", scope="", state=AlertState.FIRING, first_at=now, last_at=now,
            first_day=now.date(), end_day=now.date(), value=Decimal(1), worst=Decimal(1), noted=Decimal(1),
            sentence=sentence, assigned_to=assigned,
        )
    )  # fmt: skip


def test_open_alerts_are_shown_one_s_own_first(app: App, slack: FakeSlack) -> None:
    """And foreign names in them are text."""
    with transaction() as session:
        _alert(session, "S3 <!here> costs more")
        _alert(session, "EC2 costs more", assigned=VIC)
    words = _words(_open(app, slack, VIC))
    assert "*2 alerts are open*, 1 of them yours." in words
    assert words.index("EC2 costs more") < words.index("S3 &lt;!here&gt; costs more")


def test_admins_see_the_rules_what_is_open_and_until_when_they_are_muted(app: App, slack: FakeSlack) -> None:
    """Those of the workspace and of the deployment, what tells most at first; with one button; nobody else does."""
    assert "There is no alert rule yet" in _words(_open(app, slack, ADA))
    now = datetime.now(UTC)
    with transaction() as session:
        for name, workspace in (("web <!here>", "T0"), ("filed", ""), ("theirs", "T9")):
            rule = AlertRule(name=name, kind=RuleKind.ANOMALY, to="C0WEB", muted_until=now + timedelta(days=2))
            alert_rules.add(session, rule, by=Person(workspace, ADA))
        [filed] = alert_rules.listed(session, workspace="")
        found = Found("", Decimal(9), None, "USD", now.date(), now.date(), "it costs more")
        alerting.fire(session, filed, found, at=now)
    blocks = _open(app, slack, ADA)
    words = _words(blocks)
    assert words.index(f"*filed* (1 open, muted until {now + timedelta(days=2):%-d %b}): Tells <#C0WEB>") < words.index(
        "*web &lt;!here&gt;*"
    )
    assert "theirs" not in words
    assert "alerts" in [one["value"] for one in _buttons(blocks, Action.HOME_ASK)]
    assert "*filed*" not in _words(_open(app, slack, VIC))


def test_one_s_digests_are_shown_and_nobody_else_s(app: App, slack: FakeSlack) -> None:
    """Those that come to them first, and then those that they set up for a channel, whichever was made first."""
    assert "No digest goes to you." in _words(_open(app, slack, VIC))
    add = partial(subscriptions.add, workspace="T0", timezone="Europe/Berlin")
    with transaction() as session:
        add(
            session,
            channel="C1",
            cadence=Every.WEEKLY,
            filters={"tag:team": ["web"]},
            person=None,
            by=VIC,
            hour=8,
            weekday=4,
        )
        add(session, channel="D1", cadence=Every.DAILY, filters={}, person=VIC, by=VIC)
        add(session, channel="D2", cadence=Every.DAILY, filters={}, person=ADA, by=ADA)
    words = _words(_open(app, slack, VIC))
    assert "• Daily to you, every day at 9:00 (Europe/Berlin)\\n" in words
    assert "• Weekly to <#C1>, on Fridays at 8:00 (Europe/Berlin), about team=web" in words
    assert words.count("• ") == 2
    with transaction() as session:
        for one in subscriptions.alive(session):
            if one.person is None or one.person == ADA:
                subscriptions.refuse(session, one, Ended.GONE)
    words = _words(_open(app, slack, VIC))
    assert "• ⚠️ Weekly to <#C1>, about team=web: ended on" in words
    assert "the channel was deleted, or I was taken out of it" in words
    assert words.count("• ") == 2
