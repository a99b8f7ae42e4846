"""The messages of what alert rules find: pressed once, drawn anew, told in their threads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from slack_bolt import App

from bot import announcements, cost_alerts, deliver
from bot import app as bot_app
from bot.actions import Action
from bot.questions import parse
from finops.alerting.kinds import Grain, RuleKind
from finops.alerting.lifecycle import AlertAct, AlertState, AlertVerdict
from finops.alerting.rules import AlertRule
from finops.people import Person
from storage import alert_posts, alert_rules, alerting
from storage.database import transaction
from storage.models import CostAlert, CostAlertEvent, Outbox, OutboxState
from tests.bot.alerted import AT, LEAD, acts, alert, fired, found
from tests.bot.drawing import HOSTILE, assert_harmless, sendable
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import CHANNEL, hand_in, opened, press

VIC = "UVIC"


def test_an_alert_s_notification_makes_sense_alone(app: App, slack: FakeSlack) -> None:
    """How bad, how much in all and a day, whether it rises, whose it is, what to do; names stay names."""
    del app, slack
    chosen = fired(f"Team {HOSTILE} costs $900.00")
    with transaction() as session:
        text, blocks = announcements.draw(session, {"channel": None, "cost_alert": str(chosen)})
        sent = sendable(blocks)
    assert_harmless(sent)
    assert_harmless(text)
    assert text.startswith("Warning: Team")
    assert "$400.00, $200.00 a day above the limit so far. It goes on" in sent
    assert "team web · <@UWEB>" in sent
    assert all(word in str([one.to_dict() for one in blocks]) for word in ("Acknowledge", "Snooze", "Expected", "Why"))


def test_each_press_is_decided_once_and_drawn_anew(app: App, slack: FakeSlack) -> None:
    """Who comes second is told who was first; the thread tells it once."""
    chosen = fired()
    press(app, slack, Action.ALERT_ACKNOWLEDGE, chosen, who=LEAD)
    press(app, slack, Action.ALERT_ACKNOWLEDGE, chosen, who="UBOSS")
    [second] = slack.wait("respond")
    assert "*Acknowledged* by <@ULEAD>" in str(second)
    [drawn] = slack.of("chat.update")
    assert (drawn["channel"], drawn["ts"]) == (CHANNEL, "1.1")
    assert "alert_acknowledge" not in str(drawn["blocks"])
    press(app, slack, Action.ALERT_EXPECTED, chosen, who=LEAD)
    press(app, slack, Action.ALERT_EXPECTED, chosen, who=LEAD)
    assert acts(chosen) == [AlertAct.FIRED, AlertAct.ACKNOWLEDGED, AlertAct.EXPECTED]
    assert alert(chosen).verdict is AlertVerdict.EXPECTED
    deliver.once(bot_app.client())
    said = [str(one) for one in slack.of("chat.postMessage")]
    assert "Acknowledged by <@ULEAD>" in said[0]
    assert "1.1" in said[0]


def test_an_alert_is_snoozed_and_assigned_by_forms(app: App, slack: FakeSlack) -> None:
    """Until a day to come, and to a member, who is told in direct messages."""
    chosen = fired()
    press(app, slack, Action.ALERT_SNOOZE, chosen, who=LEAD)
    assert "errors" in str(hand_in(app, opened(slack), who=LEAD, until=str(AT.date())))
    day = AT.date() + timedelta(days=3)
    hand_in(app, opened(slack), who=LEAD, until=str(day))
    slack.wait("chat.update")
    assert alert(chosen).state is AlertState.SNOOZED
    with transaction() as session:
        event = session.query(CostAlertEvent).filter_by(act=AlertAct.SNOOZED).one()
        text, _ = announcements.draw(session, {"cost_alert_event": event.id})
    assert text == f"Snoozed until {day:%-d %b %Y} by <@{LEAD}>."
    press(app, slack, Action.ALERT_ASSIGN, chosen, who=LEAD)
    view = opened(slack, 2)
    slack.users["UBOT"] = {"is_bot": True}
    hand_in(app, view, who=LEAD, to="UBOT")
    slack.wait("chat.postEphemeral")
    hand_in(app, view, who=LEAD, to="UADA")
    slack.wait("chat.update", 2)
    assert alert(chosen).assigned_to == "UADA"
    while deliver.once(bot_app.client()):
        pass
    assert "UADA" in [one["channel"] for one in slack.of("chat.postMessage")]


def test_what_somebody_took_on_and_snoozed_is_not_to_be_taken_on_again(app: App, slack: FakeSlack) -> None:
    """Acknowledged by whom stands there already."""
    chosen = fired()
    press(app, slack, Action.ALERT_ACKNOWLEDGE, chosen, who=LEAD)
    slack.wait("chat.update")
    press(app, slack, Action.ALERT_SNOOZE, chosen, who=LEAD)
    hand_in(app, opened(slack), who=LEAD, until=str(AT.date() + timedelta(days=3)))
    drawn = slack.wait("chat.update", 2)[-1]
    assert "*Snoozed* until" in str(drawn["blocks"])
    assert "alert_acknowledge" not in str(drawn["blocks"])


def test_who_may_not_or_is_elsewhere_decides_nothing(app: App, slack: FakeSlack) -> None:
    """Whoever may only look, deactivated people, and alerts of another workspace."""
    chosen, theirs = fired(), fired(workspace="T9")
    slack.users["UGONE"] = {"deleted": True}
    for number, (one, who) in enumerate([(chosen, VIC), (chosen, "UGONE"), (theirs, LEAD)], 1):
        press(app, slack, Action.ALERT_ACKNOWLEDGE, one, who=who)
        slack.wait("respond", number)
    viewer, gone, stranger = map(str, slack.of("respond"))
    assert "Only analysts may answer an alert" in viewer
    assert "deactivated account" in gone
    assert "I don't know" in stranger
    assert [alert(one).state for one in (chosen, theirs)] == [AlertState.FIRING] * 2


def test_why_answers_what_it_is_made_of(app: App, slack: FakeSlack) -> None:
    """By service, of the rule's costs on the days that the alert tells of."""
    press(app, slack, Action.ALERT_WHY, fired(), who=VIC)
    assert "by service where team=web 2026-11-20 to 2026-11-21" in str(slack.wait("respond"))


@pytest.mark.parametrize(
    ("kind", "grain", "first", "asked"),
    [
        (RuleKind.THRESHOLD, Grain.DAILY, date(2026, 11, 26), "2026-11-26"),
        (RuleKind.CHANGE, Grain.DAILY, date(2026, 11, 26), "2026-11-26 vs 2026-11-19"),
        (RuleKind.CHANGE, Grain.WEEKLY, date(2026, 11, 20), "2026-11-20 to 2026-11-26 vs 2026-11-13 to 2026-11-19"),
        (RuleKind.CHANGE, Grain.MONTHLY, date(2026, 11, 1), "2026-11-01 to 2026-11-26 vs 2026-10-01 to 2026-10-26"),
        (RuleKind.COMMITMENT_UNDERUSED, Grain.DAILY, date(2026, 11, 1), "last 7 days"),
    ],
)
def test_why_asks_of_the_alert_s_own_days_and_those_it_is_held_against(
    kind: RuleKind, grain: Grain, first: date, asked: str
) -> None:
    """As words that are read to the same question; a commitment's days are no costs of its own."""
    where = {} if kind is RuleKind.COMMITMENT_UNDERUSED else {"team": ("web",)}
    size = {"share": Decimal("0.2")} if kind is not RuleKind.THRESHOLD else {"amount": Decimal(500)}
    fields = {"grain": grain, "where": where} if where else {}
    rule = AlertRule.model_validate({"name": "web", "kind": kind, **size, **fields})
    question = cost_alerts.why(rule, CostAlert(scope="", first_day=first, end_day=date(2026, 11, 27)))
    told = "by service where team=web" if where else "by service"
    assert str(question) == f"{told} {asked}"
    assert parse(str(question), today=date(2026, 11, 28)) == question


def test_worse_and_over_are_told_in_the_thread_and_drawn(app: App, slack: FakeSlack) -> None:
    """In the one message, and beneath it."""
    del app
    chosen = fired()
    with transaction() as session:
        row = alerting.get(session, chosen)
        alerting.changed(session, row, AlertAct.WORSE, found("1500", "Web <!here> more"), worst=Decimal(1500), at=AT)
    with transaction() as session:
        alerting.over(session, alerting.get(session, chosen), at=AT)
        events = list(session.query(CostAlertEvent).order_by(CostAlertEvent.id))
        _, worse, over = [announcements.draw(session, {"cost_alert_event": one.id})[0] for one in events]
    assert worse == "Worse: Web &lt;!here&gt; more"
    assert over == "Over."
    assert announcements.redraw_asked({"redraw_cost_alert": str(chosen)})
    [drawn] = slack.of("chat.update")
    assert "It was over on" in str(drawn["blocks"])
    assert "alert_acknowledge" not in str(drawn["blocks"])


def test_a_thread_under_many_alerts_says_of_each_line_which_it_is_about(app: App, slack: FakeSlack) -> None:
    """Over, taken on, all of it; of an escalation of many of how many, and its message says so first."""
    del app, slack
    with transaction() as session:
        row = alert_rules.add(session, AlertRule(name="ends", kind=RuleKind.COMMITMENT_EXPIRING), by=Person("T0", LEAD))
        names = [f"Service <!here> {n} is new" for n in range(4)]
        alerts = [alerting.fire(session, row, replace(found("900", one), scope=one), at=AT) for one in names]
        chosen = [one for one in alerts if one is not None]
        for one in chosen:
            alerting.known(session, one, at=AT)
        alert_posts.post_many(session, chosen, CHANNEL)
        [summary] = session.query(Outbox)
        summary.state, summary.receipt = OutboxState.SENT, {"channel": CHANNEL, "ts": "1.1"}
        session.flush()
        alerting.over(session, chosen[0], at=AT)
        alerting.changed(session, chosen[1], AlertAct.WORSE, found("7", names[1]), worst=Decimal(7), at=AT)
        assert alerting.escalate_many(session, chosen, to="UBOSS", at=AT) == 3
    with transaction() as session:
        rows = [one for one in session.query(Outbox).order_by(Outbox.id) if one.payload["channel"]]
        texts = [announcements.draw(session, one.payload)[0] for one in rows[1:]]
    assert texts == [
        "Over: Service &lt;!here&gt; 0 is new",
        "7 days are left: Service &lt;!here&gt; 1 is new",
        "Nobody acknowledged 3 of these, so they were escalated to <@UBOSS>.",
        "Warning, escalated to you: nobody has acknowledged 3 alerts of the rule ends.",
    ]
