"""Alert rules that there are, changed in Slack: shown before they are saved, saved once, by who may."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from slack_bolt import App

from bot.actions import Action
from finops.alerting.kinds import RuleKind, Severity
from finops.alerting.lifecycle import AlertState
from finops.alerting.rules import AlertRule
from finops.people import Person
from storage import alert_rules, alerting, roles
from storage.alerting import Found
from storage.database import transaction
from storage.models import AlertRuleRow, CostAlert
from tests.bot.fake_slack import FakeSlack
from tests.bot.pressing import CHANNEL, hand_in, opened, press, say

LEAD, VIC = "ULEAD", "UVIC"
AT = datetime.now(UTC)
FORM = {
    "kind": "threshold", "grain": "daily", "severity": "warning", "size": "> 500 USD", "where": "team=web",
    "name": "web", "channel": CHANNEL,
}  # fmt: skip
"""As it is filled in with the rule."""


def _keep(*, workspace: str = "T0", by: str = LEAD, from_yaml: bool = False, **fields: Any) -> uuid.UUID:  # noqa: ANN401  a rule's
    given = {"name": "web", "kind": RuleKind.THRESHOLD, "where": {"team": ("web",)}, "amount": Decimal(500)}
    rule = AlertRule.model_validate({**given, "currency": "USD", "to": CHANNEL, **fields})
    with transaction() as session:
        return alert_rules.add(session, rule, by=Person(workspace, by), from_yaml=from_yaml).id


def _rule(name: str = "web") -> AlertRule:
    with transaction() as session:
        return alert_rules.value(alert_rules.named(session, name, workspace="T0"))


def _fire(rule: uuid.UUID) -> uuid.UUID:
    found = Found("", Decimal(900), Decimal(500), "USD", date(2026, 11, 20), date(2026, 11, 22), "Web costs more")
    with transaction() as session:
        alert = alerting.fire(session, session.get_one(AlertRuleRow, rule), found, at=AT)
        assert alert is not None
        return alert.id


def _state(alert: uuid.UUID) -> AlertState:
    with transaction() as session:
        return session.get_one(CostAlert, alert).state


def _form(app: App, slack: FakeSlack, rule: uuid.UUID, times: int = 1, who: str = LEAD) -> dict[str, Any]:
    press(app, slack, Action.RULE_EDIT, rule, who=who)
    return opened(slack, times)


def _tried(app: App, slack: FakeSlack, view: dict[str, Any], times: int = 1, **given: str) -> str:
    """Hand the form in, and return what is shown then."""
    assert hand_in(app, view, who=LEAD, **{**FORM, **given}) == {}
    return str(slack.wait("chat.postEphemeral", times)[-1])


def _save_of(shown: str) -> str:
    """Return the change that its buttons save, take up again and forget."""
    [found] = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", shown))
    return found


def test_a_rule_is_changed_in_its_place_after_it_was_shown(app: App, slack: FakeSlack) -> None:
    """What the form does not show stays: the mute, the days; an open alert is judged anew; twice saved is once."""
    until = AT + timedelta(days=3)
    chosen = _keep(muted_until=until, owner="ada")
    alert = _fire(chosen)
    view = _form(app, slack, chosen)
    assert (view["callback_id"], view["submit"]["text"]) == ("form_rule_edit", "Try it")
    assert all(said in str(view) for said in ("> 500 USD", "team=web", CHANNEL))
    shown = _tried(app, slack, view, size="> 8 USD", name="web team")
    assert "usage of team web costs more than $8.00" in shown
    assert "· warning" in shown
    assert "web team (until now web)" in shown
    assert "would have been open on" in shown
    assert "1 alert is open, judged anew within the hour" in shown
    assert "Nothing is saved yet" in shown
    assert _rule().amount == Decimal(500)
    for number in (1, 2):
        press(app, slack, Action.RULE_EDIT_SAVE, _save_of(shown), who=LEAD)
        slack.wait("respond", number)
    first, second = map(str, slack.of("respond"))
    assert "Saved: web team" in first
    assert "saved already" in second
    rule = _rule("web team")
    assert (rule.amount, rule.owner, rule.muted_until) == (Decimal(8), "ada", until)
    assert _state(alert) is AlertState.FIRING


def test_what_watches_something_else_closes_what_is_open(app: App, slack: FakeSlack) -> None:
    """It is about other costs; the rule keeps its name and who made it."""
    chosen = _keep(by="UMAKER")
    alert = _fire(chosen)
    shown = _tried(app, slack, _form(app, slack, chosen), where="service=S3")
    assert "1 alert is open, and closed when this is saved" in shown
    press(app, slack, Action.RULE_EDIT_SAVE, _save_of(shown), who=LEAD)
    assert "1 alert was closed" in str(slack.wait("respond"))
    assert (_rule().where, _state(alert)) == ({"service": ("S3",)}, AlertState.OVER)
    with transaction() as session:
        [row] = alert_rules.listed(session, workspace="T0")
        assert row.created_by == "UMAKER"


def test_what_somebody_else_changed_meanwhile_is_not_changed_over(app: App, slack: FakeSlack) -> None:
    """Neither from the form nor from what was shown; a mute is no such change."""
    chosen = _keep()
    view = _form(app, slack, chosen)
    first, second = (_tried(app, slack, view, number, size=f"> {number}00 USD") for number in (1, 2))
    with transaction() as session:
        alert_rules.mute(session, session.get_one(AlertRuleRow, chosen), until=AT + timedelta(days=1))
    press(app, slack, Action.RULE_EDIT_SAVE, _save_of(second), who=LEAD)
    slack.wait("respond")
    press(app, slack, Action.RULE_EDIT_SAVE, _save_of(first), who=LEAD)
    assert "changed by somebody else meanwhile" in str(slack.wait("respond", 2)[-1])
    assert "changed by somebody else meanwhile" in _tried(app, slack, view, 3, size="> 3 USD")
    assert _rule().amount == Decimal(200)
    assert _rule().muted_until is not None


def test_a_rule_that_was_ended_is_not_sought_by_its_name(app: App, slack: FakeSlack) -> None:
    """Neither by its button nor by its form: the list tells what there is."""
    chosen = _keep()
    view = _form(app, slack, chosen)
    with transaction() as session:
        alert_rules.remove(session, session.get_one(AlertRuleRow, chosen), at=AT)
    press(app, slack, Action.RULE_EDIT, chosen, who=LEAD)
    for told in (str(slack.wait("respond")[-1]), _tried(app, slack, view, size="> 3 USD")):
        assert "“web” was ended meanwhile" in told
        assert "`/cost alerts` lists" in told
        assert "alert edit" not in told


def test_nothing_different_is_said_to_be_so_and_a_taken_name_refused(app: App, slack: FakeSlack) -> None:
    """Before anything could be saved."""
    chosen = _keep()
    _keep(name="other")
    view = _form(app, slack, chosen)
    assert "web is so already" in _tried(app, slack, view)
    assert "There is a rule “other” already" in _tried(app, slack, view, 2, name="other")
    assert "size" in hand_in(app, view, who=LEAD, **{**FORM, "size": "a lot"})["errors"]
    assert "where" in hand_in(app, view, who=LEAD, **{**FORM, "where": "team=nobody"})["errors"]


def test_what_was_shown_is_changed_further(app: App, slack: FakeSlack) -> None:
    """The form is filled in with that, and what it proposes takes its place."""
    chosen = _keep()
    shown = _tried(app, slack, _form(app, slack, chosen), size="> 800 USD", severity="critical")
    press(app, slack, Action.RULE_EDIT_CHANGE, _save_of(shown), who=LEAD)
    view = opened(slack, 2)
    assert "> 800 USD" in str(view)
    assert hand_in(app, view, who=LEAD, **{**FORM, "size": "> 900 USD", "severity": "critical"}) == {}
    [proposed] = slack.wait("respond")
    assert proposed["replace_original"] is True
    press(app, slack, Action.RULE_EDIT_SAVE, _save_of(str(proposed)), who=LEAD)
    slack.wait("respond", 2)
    assert (_rule().amount, _rule().severity) == (Decimal(900), Severity.CRITICAL)


def test_who_may_only_look_changes_what_tells_them_alone(app: App, slack: FakeSlack) -> None:
    """And cannot have it tell others; the rights are asked again when it is saved."""
    others, own = _keep(), _keep(name="mine", by=VIC, to=VIC)
    press(app, slack, Action.RULE_EDIT, others, who=VIC)
    assert "Only analysts may" in str(slack.wait("respond"))
    view = _form(app, slack, own, who=VIC)
    assert hand_in(app, view, who=VIC, **{**FORM, "name": "mine", "person": VIC}) == {}
    assert "Only analysts may" in str(slack.wait("chat.postEphemeral"))
    with transaction() as session:
        roles.grant(session, VIC, roles.Role.ANALYST, by=Person("T0", LEAD))
    hand_in(app, view, who=VIC, **{**FORM, "name": "mine", "person": VIC})
    shown = str(slack.wait("chat.postEphemeral", 2)[-1])
    with transaction() as session:
        roles.revoke(session, VIC, by=Person("T0", LEAD))
    press(app, slack, Action.RULE_EDIT_SAVE, _save_of(shown), who=VIC)
    assert "Only analysts may" in str(slack.wait("respond", 2)[-1])
    assert _rule("mine").to == VIC


def test_each_rule_is_listed_with_its_button_and_one_of_the_file_says_where_it_is_changed(
    app: App, slack: FakeSlack
) -> None:
    """By its name, too; of another workspace there is none."""
    chosen = _keep()
    _keep(workspace="", name="filed", from_yaml=True)
    _keep(workspace="", name="served")
    _keep(workspace="T9", name="theirs")
    say(app, slack, "alerts", who=LEAD)
    listed = str(slack.wait("respond"))
    assert listed.count("'text': 'Edit'") + listed.count('"text": "Edit"') == 1
    assert str(chosen) in listed
    assert "in alerts.yaml" in listed
    assert f"Tells <#{CHANNEL}> when" in listed
    for number, name in enumerate(("web", "filed", "served", "theirs"), 2):
        say(app, slack, f"alert edit {name}", who=LEAD)
        slack.wait("respond", number)
    web, filed, served, theirs = map(str, slack.of("respond")[1:])
    assert str(chosen) in web
    assert "stands in alerts.yaml on the server" in filed
    assert "was set up on the server" in served
    assert "I don't know “theirs”" in theirs
