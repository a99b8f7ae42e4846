"""Who may keep, change, mute and end alert rules: analysts any, everybody those that tell nobody but themselves."""

from __future__ import annotations

from slack_sdk import WebClient

from bot import permissions
from bot.asker import Asker
from bot.questions import CostQuestion
from finops.alerting.rules import AlertRule
from finops.people import Person
from finops.roles import Act
from storage import alert_rules
from storage.database import transaction


def allow(client: WebClient, person: Person, rule: AlertRule) -> None:
    """Raise Refused for who may not keep a rule: it tells others."""
    own = rule.to == person.user and (rule.escalation is None or rule.escalation.to == person.user)
    permissions.check(client, person, Act.LOOK if own else Act.RULE)


def allow_managing(client: WebClient, question: CostQuestion, who: Asker) -> None:
    """Raise Refused for who may not mute or end the rule that a question names. Raises UnknownWordError."""
    said = question.rule
    if said is None or said.manage is None:
        return
    with transaction() as session:
        row = alert_rules.named(session, said.name or "", workspace=who.workspace)
        whom, made_by = [rule.to for _, rule in alert_rules.sound([row])], row.created_by
    own = whom == [made_by] == [who.person.user]
    permissions.check(client, who.person, Act.LOOK if own else Act.RULE)
