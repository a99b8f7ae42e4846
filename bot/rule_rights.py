"""Who may keep, change, mute and end alert rules: analysts any, everybody those that tell nobody but themselves.

An anomaly has one message for all: a rule that takes it elsewhere is no matter of one's own, whomever it tells.
"""

from __future__ import annotations

from dataclasses import replace

from slack_sdk import WebClient

from bot import permissions, ruling, workspaces
from bot.answering import Understood
from bot.asker import Asker
from bot.questions import CostQuestion, Kind, Manage
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.people import Person
from finops.roles import Act
from storage import alert_rules
from storage.database import transaction
from storage.models import AlertRuleRow

ELSEWHERE = "Anomalies are told in the deployment's own workspace alone: set up there where their messages go."


def allow(client: WebClient, person: Person, rule: AlertRule) -> None:
    """Raise Refused for who may not keep a rule: it tells others, or says where the one message of anomalies goes."""
    if rule.kind is RuleKind.ANOMALY:
        permissions.check(client, person, Act.RULE)
        if workspaces.own() != person.workspace:
            raise permissions.Refused(ELSEWHERE)
        return
    own = rule.to == person.user and (rule.escalation is None or rule.escalation.to == person.user)
    permissions.check(client, person, Act.LOOK if own else Act.RULE)


def looked_at(client: WebClient, asked: Understood, who: Asker) -> Understood:
    """Return a rule that is shown with whether who sees it may keep it: that is told before anything is pressed."""
    question, kind = asked.question, ruling.kind_of(asked.question)
    shown = question.kind is Kind.ALERTS or (question.kind is Kind.ALERT and kind is not None)
    if not shown or not who.workspace:
        return asked
    if question.kind is Kind.ALERT and ruling.tells_only(question, who) and kind is not RuleKind.ANOMALY:
        return asked
    try:
        permissions.check(client, who.person, Act.RULE)
    except permissions.Refused:
        return replace(asked, may_keep=False)
    return asked


def allow_managing(client: WebClient, question: CostQuestion, who: Asker) -> None:
    """Raise Refused for who may not mute, edit or end the rule that a question names. Raises UnknownWordError."""
    said = question.rule
    if said is None or said.manage is None:
        return
    of = alert_rules.editable if said.manage is Manage.EDIT else alert_rules.named
    with transaction() as session:
        row = of(session, said.name or "", workspace=who.workspace)
    _allow_held(client, who.person, row, ending=said.manage is Manage.OFF)


def allow_editing(client: WebClient, person: Person, row: AlertRuleRow) -> None:
    """Raise Refused for who may not change a rule that there is, and CostsError for one that is changed elsewhere."""
    alert_rules.check_editable(row, workspace=person.workspace)
    _allow_held(client, person, row, ending=False)


def _allow_held(client: WebClient, person: Person, row: AlertRuleRow, *, ending: bool) -> None:
    permissions.check(client, person, Act.LOOK if is_own(person, row, ending=ending) else Act.RULE)


def is_own(person: Person, row: AlertRuleRow, *, ending: bool = False) -> bool:
    """Whether a rule is somebody's own, who made it and is alone told: everybody may change such a one, and end it."""
    rules, made_by = [rule for _, rule in alert_rules.sound([row])], row.created_by
    diverts = not ending and any(one.kind is RuleKind.ANOMALY for one in rules)
    return [one.to for one in rules] == [made_by] == [person.user] and not diverts
