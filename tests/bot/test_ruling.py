"""Alert rules in Slack: shown before they are kept, kept once, by who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from slack_bolt import App

from bot import announcements, rule_rights
from bot import app as bot_app
from bot.actions import Action
from bot.permissions import Refused
from bot.terminal import shown
from finops.alerting.kinds import RuleKind
from finops.alerting.lifecycle import AlertState
from finops.alerting.rules import AlertRule
from finops.people import Person
from finops.roles import Role
from storage import alert_rules, alerting, roles, workspaces
from storage.database import transaction
from tests.bot.alerted import AT, LEAD, alert, fired, rules
from tests.bot.asked import ask
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import CHANNEL, hand_in, opened, press, say

VIC = "UVIC"
WORDS = "alert when team=web daily > 500 USD"


def test_a_rule_is_shown_before_it_is_kept_and_kept_once(app: App, slack: FakeSlack) -> None:
    """As a sentence with Save, Change and Cancel; Save pressed twice keeps one."""
    say(app, slack, WORDS, who=LEAD)
    [answer] = slack.wait("respond")
    assert "Tells this channel when a day's usage of team web costs more than $500.00" in str(answer)
    assert [one for one in ("rule_save", "rule_change", "rule_cancel") if one in str(answer)] == [
        "rule_save",
        "rule_change",
        "rule_cancel",
    ]
    assert rules() == []
    for number in (2, 3):
        press(app, slack, Action.RULE_SAVE, WORDS, who=LEAD)
        slack.wait("respond", number)
    [rule] = rules()
    assert (rule.name, rule.to, rule.amount) == ("team-web-daily-above-500-usd", CHANNEL, Decimal(500))
    assert f"<#{CHANNEL}>" in str(slack.of("respond")[1])
    assert "kept already" in str(slack.of("respond")[2])


def test_who_may_only_look_keeps_rules_that_tell_nobody_else(app: App, slack: FakeSlack) -> None:
    """To a channel is for analysts; guests keep none at all."""
    press(app, slack, Action.RULE_SAVE, WORDS, who=VIC)
    assert "Only analysts may set up alert rules for others" in str(slack.wait("respond"))
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to me", who=VIC)
    slack.wait("respond", 2)
    assert [one.to for one in rules()] == [VIC]
    slack.users["UEVE"] = {"is_restricted": True}
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to me", who="UEVE")
    assert "for Slack you are a guest" in str(slack.wait("respond", 3)[-1])
    assert len(rules()) == 1


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
    assert rules() == []
    press(app, slack, Action.RULE_SAVE, "alert on anomalies to me", who=LEAD)
    slack.wait("respond", 4)
    assert [one.to for one in rules()] == [LEAD]
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
    assert rules() == []


def test_a_rule_tells_no_private_channel_that_its_maker_is_not_in(app: App, slack: FakeSlack) -> None:
    """Nobody learns otherwise that it is there; who is in it keeps one."""
    board = {"id": "C0SECRET", "name": "board", "is_member": True, "is_private": True, "members": ["UBOSS"]}
    slack.channels.append(board)
    for number, to in enumerate(("#board", "<#C0SECRET>"), 1):
        press(app, slack, Action.RULE_SAVE, f"{WORDS} to {to}", who=LEAD)
        slack.wait("respond", number)
    assert "I see no channel #board that we are both in" in str(slack.of("respond")[0])
    assert rules() == []
    press(app, slack, Action.RULE_SAVE, f"{WORDS} to #board", who="UBOSS")
    slack.wait("respond", 3)
    assert [one.to for one in rules()] == ["C0SECRET"]


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
    slack.wait("respond")
    [rule] = rules()
    assert (rule.severity, rule.cool_down, str(rule.quiet)) == (
        "critical",
        timedelta(days=2),
        "22:00 to 07:00 Europe/Berlin",
    )
    assert rule.name == "team-web-daily-above-500-usd"
    assert hand_in(app, view, who=LEAD, **_form(where="team=web", size="> 1500 USD")) == {}
    slack.wait("respond", 2)
    assert "team-web-daily-above-1500-usd" in [one.name for one in rules()]
    assert rule.escalation is not None
    assert (rule.escalation.after, rule.escalation.to) == (timedelta(hours=4), "UBOSS")


def test_a_rule_that_was_changed_before_it_was_kept_leaves_no_save_behind(app: App, slack: FakeSlack) -> None:
    """Its form's answer takes the place of what was proposed; where Slack replaces that no more, it is told below."""
    press(app, slack, Action.RULE_CHANGE, WORDS, who=LEAD)
    view = opened(slack)
    given = _form(where="team=web", size="> 1500 USD")
    hand_in(app, view, who=LEAD, **given)
    [told] = slack.wait("respond")
    assert told["replace_original"] is True
    assert "Saved as team-web-daily-above-1500-usd" in str(told)
    assert "rule_save" not in str(told)
    slack.script["respond"] = [(404, {}, b"expired_url")]
    hand_in(app, view, who=LEAD, **given)
    assert "kept already" in str(slack.wait("chat.postEphemeral"))


def test_a_form_without_its_presets_is_sent_back_with_what_to_choose(app: App, slack: FakeSlack) -> None:
    """Not every Slack hands in what nobody touched; nothing is kept and nobody has to quote an id."""
    press(app, slack, Action.RULE_CHANGE, WORDS, who=LEAD)
    view = opened(slack)
    wrong = hand_in(app, view, who=LEAD)
    assert wrong["errors"]["kind"] == "Choose what to be told about."
    assert set(wrong["errors"]) == {"kind", "grain", "severity"}
    assert hand_in(app, view, who=LEAD, kind=None, severity=None)["errors"] == wrong["errors"]
    chosen = fired()
    for number, (action, field) in enumerate(((Action.ALERT_SNOOZE, "until"), (Action.ALERT_ASSIGN, "to")), 2):
        press(app, slack, action, chosen, who=LEAD)
        assert field in hand_in(app, opened(slack, number), who=LEAD)["errors"]
    assert [one.name for one in rules()] == ["web"]
    assert slack.of("chat.postEphemeral") == []


def test_who_may_only_look_sees_a_rule_to_begin_with(app: App, slack: FakeSlack) -> None:
    """One that is theirs to save, where there is none yet."""
    say(app, slack, "alerts", who=VIC)
    told = str(slack.wait("respond")[-1])
    assert "There is no alert rule yet. For example:" in told
    example = "alert when team=payments daily > 1500 USD to me"
    assert f"/cost {example}" in told.replace("&gt;", ">")
    assert "on anomalies" not in told


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


def test_the_list_says_of_an_open_alert_who_took_it_on_and_until_when_it_is_snoozed(app: App, slack: FakeSlack) -> None:
    """Nothing of what is yet to be taken on; the day as people say it."""
    chosen, by = fired(), Person("T0", LEAD)
    say(app, slack, "alerts", who=VIC)
    assert "acknowledged" not in str(slack.wait("respond")[-1])
    with transaction() as session:
        alerting.acknowledge(session, chosen, by=by, at=AT)
        alerting.snooze(session, chosen, by=by, at=AT, until=datetime(2099, 12, 3, tzinfo=UTC))
    say(app, slack, "alerts", who=VIC)
    said = "Team web costs $900.00 a day · acknowledged by <@ULEAD> · snoozed until 3 Dec 2099"
    assert said in slack.wait("respond", 2)[-1]["blocks"][-1]["elements"][0]["text"].splitlines()
    with transaction() as session:
        draft = ask(session, "alerts")
    assert "(acknowledged by ULEAD, snoozed until 3 Dec 2099)" in shown(draft)


def test_rules_are_listed_muted_and_ended_by_who_may(app: App, slack: FakeSlack) -> None:
    """Not by who may only look, and none of another workspace."""
    chosen = fired()
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
    assert rules()[0].muted_until is not None
    assert rules("T9")[0].muted_until is None
    say(app, slack, "alert off web", who=LEAD)
    slack.wait("respond", 5)
    assert (rules(), alert(chosen).state) == ([], AlertState.OVER)
    assert "1 alert that it opened is over, too" in str(slack.of("respond")[-1])
    assert announcements.redraw_asked({"redraw_cost_alert": str(chosen)})
    assert "because the rule was removed" in str(slack.of("chat.update")[-1])
