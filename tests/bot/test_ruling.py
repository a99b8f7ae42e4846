"""Alert rules in Slack: shown before they are kept, kept once, by who may; and the messages of what they find."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App

from bot import announcements, deliver, rule_rights
from bot import app as bot_app
from bot.actions import Action
from bot.permissions import Refused
from finops.alerting.kinds import RuleKind
from finops.alerting.lifecycle import AlertAct, AlertState, AlertVerdict
from finops.alerting.rules import AlertRule
from finops.people import Person
from finops.roles import Role
from storage import alert_posts, alert_rules, alerting, outbox, owners, roles, workspaces
from storage.alerting import Found
from storage.database import transaction
from storage.models import CostAlert, CostAlertEvent, Outbox, OutboxState
from tests.bot import ledgers
from tests.bot.drawing import HOSTILE, assert_harmless, sendable
from tests.bot.fake_slack import FakeSlack
from tests.bot.ledgers import NOW
from tests.bot.pressing import CHANNEL, hand_in, opened, press, say

LEAD, VIC = "ULEAD", "UVIC"
WORDS = "alert when team=web daily > 500 USD"
AT = datetime.now(UTC)


@pytest.fixture
def app(slack: FakeSlack, database: Path) -> App:
    """The app before a small ledger; ULEAD may approve, everybody else may look."""
    del slack, database
    with transaction() as session:
        ledgers.fill(session)
    return bot_app.build()


def _rules(workspace: str = "T0") -> list[AlertRule]:
    with transaction() as session:
        return [alert_rules.value(one) for one in alert_rules.listed(session, workspace=workspace)]


def _fired(sentence: str = "Team web costs $900.00 a day", *, workspace: str = "T0") -> uuid.UUID:
    """Have a rule fire, and its message posted."""
    with transaction() as session:
        rule = AlertRule(name="web", kind=RuleKind.THRESHOLD, where={"team": ("web",)}, amount=Decimal(500), to=CHANNEL)
        row = alert_rules.add(session, rule, by=Person(workspace, LEAD))
        alert = alerting.fire(session, row, _found("900", sentence), at=AT)
        assert alert is not None
        alerting.tell(session, alert, to=CHANNEL, at=AT)
        owners.put(session, "web", "UWEB", by=Person(workspace, LEAD))
    with transaction() as session:
        [message] = outbox.claim(session, [announcements.KIND], now=NOW + timedelta(days=400))
        outbox.sent(session, message.id, {"channel": CHANNEL, "ts": "1.1"})
    return alert.id


def _found(value: str, sentence: str = "Team web costs more") -> Found:
    days = {"first_day": date(2026, 11, 20), "end_day": date(2026, 11, 22)}
    return Found(
        scope="", value=Decimal(value), expected=Decimal(500), currency="USD", sentence=sentence, **days
    )  # fmt: skip


def _alert(chosen: uuid.UUID) -> CostAlert:
    with transaction() as session:
        return alerting.get(session, chosen)


def _acts(chosen: uuid.UUID) -> list[AlertAct]:
    with transaction() as session:
        return [one.act for one in alerting.history(session, chosen)]


def test_a_rule_is_shown_before_it_is_kept_and_kept_once(app: App, slack: FakeSlack) -> None:
    """As a sentence with Save, Change and Cancel; Save pressed twice keeps one."""
    say(app, slack, WORDS, who=LEAD)
    [answer] = slack.wait("respond")
    assert "Tells this channel when a day of team web costs more than $500.00" in str(answer)
    assert [one for one in ("rule_save", "rule_change", "rule_cancel") if one in str(answer)] == [
        "rule_save",
        "rule_change",
        "rule_cancel",
    ]
    assert _rules() == []
    for number in (2, 3):
        press(app, slack, Action.RULE_SAVE, WORDS, who=LEAD)
        slack.wait("respond", number)
    [rule] = _rules()
    assert (rule.name, rule.to, rule.amount) == ("team-web-daily-above-500-usd", CHANNEL, Decimal(500))
    assert f"<#{CHANNEL}>" in str(slack.of("respond")[1])
    assert "kept already" in str(slack.of("respond")[2])


def test_who_may_only_look_keeps_rules_that_tell_nobody_else(app: App, slack: FakeSlack) -> None:
    """To a channel is for analysts; guests keep none at all."""
    press(app, slack, Action.RULE_SAVE, WORDS, who=VIC)
    assert "Only analysts may set up alert rules for others" in str(slack.wait("respond"))
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to me", who=VIC)
    slack.wait("respond", 2)
    assert [one.to for one in _rules()] == [VIC]
    slack.users["UEVE"] = {"is_restricted": True}
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to me", who="UEVE")
    assert "for Slack you are a guest" in str(slack.wait("respond", 3)[-1])
    assert len(_rules()) == 1


def test_who_may_not_keep_a_rule_is_told_when_it_is_shown(app: App, slack: FakeSlack) -> None:
    """Not after Save was pressed; what tells nobody else is offered, and that is theirs to save."""
    say(app, slack, WORDS, who=VIC)
    shown = str(slack.wait("respond")[-1])
    assert "Only analysts may save a rule that tells others" in shown
    assert "rule_save" not in shown
    assert "alert to me where team=web daily > 500 USD" in shown
    say(app, slack, f"{WORDS} to me", who=VIC)
    assert "rule_save" in str(slack.wait("respond", 2)[-1])
    say(app, slack, "alert on anomalies to me", who=VIC)
    assert "rule_save" not in str(slack.wait("respond", 3)[-1])


def test_where_the_message_of_anomalies_goes_is_no_viewer_s_matter(app: App, slack: FakeSlack) -> None:
    """Nor another workspace's: the channel would not hear of them. One that there is from before can only be ended."""
    press(app, slack, Action.RULE_SAVE, "alert on anomalies to me", who=VIC)
    assert "Only analysts may set up alert rules for others" in str(slack.wait("respond"))
    with transaction() as session:
        rule = AlertRule(name="mine", kind=RuleKind.ANOMALY, to=VIC)
        alert_rules.add(session, rule, by=Person("T0", VIC))
    for number, words in enumerate(("alert mute mine", "alert off mine"), 2):
        say(app, slack, words, who=VIC)
        slack.wait("respond", number)
    assert "Only analysts may" in str(slack.of("respond")[1])
    assert _rules() == []
    press(app, slack, Action.RULE_SAVE, "alert on anomalies to me", who=LEAD)
    slack.wait("respond", 4)
    assert [one.to for one in _rules()] == [LEAD]
    with transaction() as session:
        assert workspaces.own(session) == "T0"


def test_in_another_workspace_nobody_says_where_anomalies_are_told(bolt: App, slack: FakeSlack) -> None:
    """The deployment's own is SLACK_BOT_TOKEN's."""
    del bolt
    rule = AlertRule(name="mine", kind=RuleKind.ANOMALY, to=LEAD)
    slack.users[LEAD] = {"team_id": "T9"}
    with transaction() as session:
        roles.grant(session, LEAD, Role.ANALYST, by=Person("T9", "UBOSS"))
    with pytest.raises(Refused, match="deployment's own workspace alone"):
        rule_rights.allow(bot_app.client(), Person("T9", LEAD), rule)


def test_a_rule_that_could_not_arrive_is_not_kept(app: App, slack: FakeSlack) -> None:
    """A channel that is not there, or that the app is not in."""
    slack.script["conversations.list"] = [{"ok": True, "channels": [{"id": "C1", "name": "web", "is_member": False}]}]
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to #web", who=LEAD)
    assert "I am not in #web" in str(slack.wait("respond"))
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to #nowhere", who=LEAD)
    assert "I see no channel #nowhere" in str(slack.wait("respond", 2)[-1])
    assert _rules() == []


def test_a_rule_tells_no_private_channel_that_its_maker_is_not_in(app: App, slack: FakeSlack) -> None:
    """Nobody learns otherwise that it is there; who is in it keeps one."""
    board = {"id": "C0SECRET", "name": "board", "is_member": True, "is_private": True, "members": ["UBOSS"]}
    slack.channels.append(board)
    for number, to in enumerate(("#board", "<#C0SECRET>"), 1):
        press(app, slack, Action.RULE_SAVE, f"{WORDS} to {to}", who=LEAD)
        slack.wait("respond", number)
    assert "I see no channel #board that we are both in" in str(slack.of("respond")[0])
    assert _rules() == []
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to #board", who="UBOSS")
    slack.wait("respond", 3)
    assert [one.to for one in _rules()] == ["C0SECRET"]


def _form(**given: str) -> dict[str, Any]:
    return {"kind": "threshold", "grain": "daily", "severity": "critical", "size": "> 500 USD", **given}


def test_the_form_says_what_words_cannot(app: App, slack: FakeSlack) -> None:
    """Quiet hours, cool-down, escalation; what is wrong is told beside its field, and nothing is kept."""
    press(app, slack, Action.RULE_CHANGE, WORDS, who=LEAD)
    view = opened(slack)
    assert "team=web" in str(view)
    assert "> 500 USD" in str(view)
    wrong = hand_in(app, view, who=LEAD, **_form(quiet="at night"))
    assert "22:00-07:00" in wrong["errors"]["quiet"]
    assert "size" in hand_in(app, view, who=LEAD, **_form(size="a lot"))["errors"]
    for field, given, told in (
        ("quiet", {"quiet": "25:00-99:00"}, "The beginning of quiet hours has to be a time of day such as 22:00."),
        ("size", {"size": "> 0 USD"}, "The amount has to be more than 0."),
        ("budget", {"budget": "web"}, "A rule about costs above or below an amount has no use for a budget"),
        ("cool_down", {"cool_down": "soon"}, "Please write how long as 30m, 4h or 2d"),
    ):
        assert told in hand_in(app, view, who=LEAD, **_form(**given))["errors"][field]
    unknown = hand_in(app, view, who=LEAD, **_form(where="team=webb"))
    assert "Did you mean “web”?" in unknown["errors"]["where"]
    given = _form(
        where="team=web", quiet="22:00-07:00 Europe/Berlin", cool_down="2d", escalate="4h", escalate_to="UBOSS"
    )
    assert hand_in(app, view, who=LEAD, **given) == {}
    slack.wait("chat.postEphemeral")
    [rule] = _rules()
    assert (rule.severity, rule.cool_down, str(rule.quiet)) == (
        "critical",
        timedelta(days=2),
        "22:00 to 07:00 Europe/Berlin",
    )
    assert rule.name == "team-web-daily-above-500-usd"
    assert hand_in(app, view, who=LEAD, **_form(where="team=web", size="> 1500 USD")) == {}
    slack.wait("chat.postEphemeral", 2)
    assert "team-web-daily-above-1500-usd" in [one.name for one in _rules()]
    assert rule.escalation is not None
    assert (rule.escalation.after, rule.escalation.to) == (timedelta(hours=4), "UBOSS")


def test_a_form_without_its_presets_is_sent_back_with_what_to_choose(app: App, slack: FakeSlack) -> None:
    """Not every Slack hands in what nobody touched; nothing is kept and nobody has to quote an id."""
    press(app, slack, Action.RULE_CHANGE, WORDS, who=LEAD)
    view = opened(slack)
    wrong = hand_in(app, view, who=LEAD)
    assert wrong["errors"]["kind"] == "Choose what to be told about."
    assert set(wrong["errors"]) == {"kind", "grain", "severity"}
    assert hand_in(app, view, who=LEAD, kind=None, severity=None)["errors"] == wrong["errors"]
    chosen = _fired()
    for number, (action, field) in enumerate(((Action.ALERT_SNOOZE, "until"), (Action.ALERT_ASSIGN, "to")), 2):
        press(app, slack, action, chosen, who=LEAD)
        assert field in hand_in(app, opened(slack, number), who=LEAD)["errors"]
    assert [one.name for one in _rules()] == ["web"]
    assert slack.of("chat.postEphemeral") == []


def test_the_list_of_rules_offers_what_this_person_can_do_with_them(app: App, slack: FakeSlack) -> None:
    """No words that are refused: a rule of the server is changed there, and rules that tell others by analysts."""
    with transaction() as session:
        alert_rules.add(session, AlertRule(name="ours", kind=RuleKind.NEW_SERVICE), by=Person("", "server"))
    say(app, slack, "alerts", who=LEAD)
    assert "mute ours" not in str(slack.wait("respond")[-1])
    with transaction() as session:
        alert_rules.add(session, AlertRule(name="web", kind=RuleKind.NEW_SERVICE), by=Person("T0", LEAD))
    for number, (who, offered) in enumerate([(LEAD, True), (VIC, False)], 2):
        say(app, slack, "alerts", who=who)
        told = str(slack.wait("respond", number)[-1])
        assert ("for 7 days" in told, "rule_edit" in told) == (offered, offered)
    with transaction() as session:
        mine = AlertRule(name="mine", kind=RuleKind.NEW_REGION, to=VIC)
        chosen = alert_rules.add(session, mine, by=Person("T0", VIC)).id
    say(app, slack, "alerts", who=VIC)
    told = str(slack.wait("respond", 4)[-1])
    assert (told.count("rule_edit"), str(chosen) in told) == (1, True), "one's own is there to be changed"


def test_rules_are_listed_muted_and_ended_by_who_may(app: App, slack: FakeSlack) -> None:
    """Not by who may only look, and none of another workspace."""
    chosen = _fired()
    with transaction() as session:
        rule = AlertRule(name="theirs", kind=RuleKind.ANOMALY)
        alert_rules.add(session, rule, by=Person("T9", "UX"))
    say(app, slack, "alerts", who=VIC)
    listed = str(slack.wait("respond"))
    assert "1 alert rule, 1 alert open" in listed
    assert "theirs" not in listed
    for number, (words, who) in enumerate(
        [("alert off web", VIC), ("alert mute theirs", LEAD), ("alert mute web for 3 days", LEAD)], 2
    ):
        say(app, slack, words, who=who)
        slack.wait("respond", number)
    _, refused, unknown, muted = map(str, slack.of("respond"))
    assert "Only analysts may" in refused
    assert "I don't know “theirs”" in unknown
    assert "`/cost alerts` lists those there are" in unknown
    assert "tells nothing until" in muted
    assert _rules()[0].muted_until is not None
    assert _rules("T9")[0].muted_until is None
    say(app, slack, "alert off web", who=LEAD)
    slack.wait("respond", 5)
    assert (_rules(), _alert(chosen).state) == ([], AlertState.OVER)
    assert "1 alert that it opened is over, too" in str(slack.of("respond")[-1])
    assert announcements.redraw_asked({"redraw_cost_alert": str(chosen)})
    assert "because the rule was removed" in str(slack.of("chat.update")[-1])


def test_an_alert_s_notification_makes_sense_alone(app: App, slack: FakeSlack) -> None:
    """How bad, how much in all and a day, whether it rises, whose it is, what to do; names stay names."""
    del app, slack
    chosen = _fired(f"Team {HOSTILE} costs $900.00")
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
    chosen = _fired()
    press(app, slack, Action.ALERT_ACKNOWLEDGE, chosen, who=LEAD)
    press(app, slack, Action.ALERT_ACKNOWLEDGE, chosen, who="UBOSS")
    [second] = slack.wait("respond")
    assert "*Acknowledged* by <@ULEAD>" in str(second)
    [drawn] = slack.of("chat.update")
    assert (drawn["channel"], drawn["ts"]) == (CHANNEL, "1.1")
    assert "alert_acknowledge" not in str(drawn["blocks"])
    press(app, slack, Action.ALERT_EXPECTED, chosen, who=LEAD)
    press(app, slack, Action.ALERT_EXPECTED, chosen, who=LEAD)
    assert _acts(chosen) == [AlertAct.FIRED, AlertAct.ACKNOWLEDGED, AlertAct.EXPECTED]
    assert _alert(chosen).verdict is AlertVerdict.EXPECTED
    deliver.once(bot_app.client())
    said = [str(one) for one in slack.of("chat.postMessage")]
    assert "Acknowledged by <@ULEAD>" in said[0]
    assert "1.1" in said[0]


def test_an_alert_is_snoozed_and_assigned_by_forms(app: App, slack: FakeSlack) -> None:
    """Until a day to come, and to a member, who is told in direct messages."""
    chosen = _fired()
    press(app, slack, Action.ALERT_SNOOZE, chosen, who=LEAD)
    assert "errors" in str(hand_in(app, opened(slack), who=LEAD, until=str(AT.date())))
    day = AT.date() + timedelta(days=3)
    hand_in(app, opened(slack), who=LEAD, until=str(day))
    slack.wait("chat.update")
    assert _alert(chosen).state is AlertState.SNOOZED
    press(app, slack, Action.ALERT_ASSIGN, chosen, who=LEAD)
    view = opened(slack, 2)
    slack.users["UBOT"] = {"is_bot": True}
    hand_in(app, view, who=LEAD, to="UBOT")
    slack.wait("chat.postEphemeral")
    hand_in(app, view, who=LEAD, to="UADA")
    slack.wait("chat.update", 2)
    assert _alert(chosen).assigned_to == "UADA"
    while deliver.once(bot_app.client()):
        pass
    assert "UADA" in [one["channel"] for one in slack.of("chat.postMessage")]


def test_what_somebody_took_on_and_snoozed_is_not_to_be_taken_on_again(app: App, slack: FakeSlack) -> None:
    """Acknowledged by whom stands there already."""
    chosen = _fired()
    press(app, slack, Action.ALERT_ACKNOWLEDGE, chosen, who=LEAD)
    slack.wait("chat.update")
    press(app, slack, Action.ALERT_SNOOZE, chosen, who=LEAD)
    hand_in(app, opened(slack), who=LEAD, until=str(AT.date() + timedelta(days=3)))
    drawn = slack.wait("chat.update", 2)[-1]
    assert "*Snoozed* until" in str(drawn["blocks"])
    assert "alert_acknowledge" not in str(drawn["blocks"])


def test_who_may_not_or_is_elsewhere_decides_nothing(app: App, slack: FakeSlack) -> None:
    """Whoever may only look, deactivated people, and alerts of another workspace."""
    chosen, theirs = _fired(), _fired(workspace="T9")
    slack.users["UGONE"] = {"deleted": True}
    for number, (one, who) in enumerate([(chosen, VIC), (chosen, "UGONE"), (theirs, LEAD)], 1):
        press(app, slack, Action.ALERT_ACKNOWLEDGE, one, who=who)
        slack.wait("respond", number)
    viewer, gone, stranger = map(str, slack.of("respond"))
    assert "Only analysts may answer an alert" in viewer
    assert "deactivated account" in gone
    assert "I don't know" in stranger
    assert [_alert(one).state for one in (chosen, theirs)] == [AlertState.FIRING] * 2


def test_why_answers_what_it_is_made_of(app: App, slack: FakeSlack) -> None:
    """By service, of the rule's costs."""
    press(app, slack, Action.ALERT_WHY, _fired(), who=VIC)
    assert "by service where team=web last 7 days" in str(slack.wait("respond"))


def test_worse_and_over_are_told_in_the_thread_and_drawn(app: App, slack: FakeSlack) -> None:
    """In the one message, and beneath it."""
    del app
    chosen = _fired()
    with transaction() as session:
        row = alerting.get(session, chosen)
        alerting.changed(session, row, AlertAct.WORSE, _found("1500", "Web <!here> more"), worst=Decimal(1500), at=AT)
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
        alerts = [alerting.fire(session, row, replace(_found("900", one), scope=one), at=AT) for one in names]
        chosen = [one for one in alerts if one is not None]
        for one in chosen:
            alerting.known(session, one, at=AT)
        alert_posts.post_many(session, chosen, CHANNEL)
        [summary] = session.query(Outbox)
        summary.state, summary.receipt = OutboxState.SENT, {"channel": CHANNEL, "ts": "1.1"}
        session.flush()
        alerting.over(session, chosen[0], at=AT)
        alerting.changed(session, chosen[1], AlertAct.WORSE, _found("7", names[1]), worst=Decimal(7), at=AT)
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
