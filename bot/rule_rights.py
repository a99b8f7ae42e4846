"""Who may keep, change, mute and end alert rules: analysts any, everybody those that tell nobody but themselves.

An anomaly has one message for all: a rule that takes it elsewhere is no matter of one's own, whomever it tells.
"""

from __future__ import annotations

from slack_sdk import WebClient

from bot import permissions, workspaces
from bot.asker import Asker
from bot.questions import CostQuestion, Manage
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.people import Person
from finops.roles import Act
from storage import alert_rules
from storage.database import transaction

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


def allow_managing(client: WebClient, question: CostQuestion, who: Asker) -> None:
    """Raise Refused for who may not mute or end the rule that a question names. Raises UnknownWordError."""
    said = question.rule
    if said is None or said.manage is None:
        return
    with transaction() as session:
        row = alert_rules.named(session, said.name or "", workspace=who.workspace)
        rules, made_by = [rule for _, rule in alert_rules.sound([row])], row.created_by
    diverts = said.manage is not Manage.OFF and any(one.kind is RuleKind.ANOMALY for one in rules)
    own = [one.to for one in rules] == [made_by] == [who.person.user] and not diverts
    permissions.check(client, who.person, Act.LOOK if own else Act.RULE)
