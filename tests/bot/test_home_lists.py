"""What the Home tab lists: alerts and digests of one's own, and the rules for admins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from slack_bolt import App
from sqlalchemy.orm import Session

from bot.actions import Action
from finops.alerting.kinds import RuleKind, Severity
from finops.alerting.lifecycle import AlertState
from finops.alerting.rules import AlertRule
from finops.digests import Ended, Every
from finops.people import Person
from storage import alert_rules, alerting, subscriptions
from storage.alerting import Found
from storage.database import transaction
from storage.models import AlertRuleRow, CostAlert
from tests.bot.fake_slack import FakeSlack
from tests.bot.homes import buttons, open_home, words_of

VIC, ADA = "UVIC", "UADA"
BY = Person("T0", ADA)
pytestmark = pytest.mark.usefixtures("ada")


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
    words = words_of(open_home(app, slack, VIC))
    assert "*2 alerts are open*, 1 of them yours." in words
    assert words.index("EC2 costs more") < words.index("S3 &lt;!here&gt; costs more")


def test_admins_see_the_rules_what_is_open_and_until_when_they_are_muted(app: App, slack: FakeSlack) -> None:
    """Those of the workspace and of the deployment, what tells most at first; with one button; nobody else does."""
    assert "There is no alert rule yet" in words_of(open_home(app, slack, ADA))
    now = datetime.now(UTC)
    with transaction() as session:
        for name, workspace in (("web <!here>", "T0"), ("filed", ""), ("theirs", "T9")):
            rule = AlertRule(name=name, kind=RuleKind.ANOMALY, to="C0WEB", muted_until=now + timedelta(days=2))
            alert_rules.add(session, rule, by=Person(workspace, ADA))
        [filed] = alert_rules.listed(session, workspace="")
        found = Found("", Decimal(9), None, "USD", now.date(), now.date(), "it costs more")
        alerting.fire(session, filed, found, at=now)
    blocks = open_home(app, slack, ADA)
    words = words_of(blocks)
    assert words.index(f"*filed* (1 open, muted until {now + timedelta(days=2):%-d %b}): Tells <#C0WEB>") < words.index(
        "*web &lt;!here&gt;*"
    )
    assert "theirs" not in words
    assert "alerts" in [one["value"] for one in buttons(blocks, Action.HOME_ASK)]
    assert "*filed*" not in words_of(open_home(app, slack, VIC))


def test_one_s_digests_are_shown_and_nobody_else_s(app: App, slack: FakeSlack) -> None:
    """Those that come to them first, and then those that they set up for a channel, whichever was made first."""
    assert "No digest goes to you." in words_of(open_home(app, slack, VIC))
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
    words = words_of(open_home(app, slack, VIC))
    assert "• Daily to you, every day at 9:00 (Europe/Berlin)\\n" in words
    assert "• Weekly to <#C1>, on Fridays at 8:00 (Europe/Berlin), about team=web" in words
    assert words.count("• ") == 2
    with transaction() as session:
        for one in subscriptions.alive(session):
            if one.person is None or one.person == ADA:
                subscriptions.refuse(session, one, Ended.GONE)
    words = words_of(open_home(app, slack, VIC))
    assert "• ⚠️ Weekly to <#C1>, about team=web: ended on" in words
    assert "the channel was deleted, or I was taken out of it" in words
    assert words.count("• ") == 2
