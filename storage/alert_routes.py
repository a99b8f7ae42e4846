"""Rules about anomalies: they tell nothing of their own, but say where an event's message goes, and how it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from finops.alerting.kinds import RuleKind, Severity
from finops.alerting.rules import AlertRule
from finops.anomalies.rules import Rule
from finops.anomalies.scopes import Scope
from storage import accounts, alert_rules, anomaly_scopes, workspaces
from storage.models import Anomaly

RULE = "rule"
"""In a payload: the name of the rule that has a message go where it goes."""
RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Route:
    """Where an event's message goes, as which severity, by which rule, and not before when."""

    workspace: str
    to: str | None
    severity: Severity
    rule: str
    not_before: datetime | None


def fitting(session: Session, rule: AlertRule, rows: Sequence[Anomaly]) -> list[Anomaly]:
    """Return those of these events that are a rule's: they cost more, by the rule's amount a day, of its costs."""
    large = [row for row in rows if row.rising and (rule.amount is None or row.excess >= rule.amount)]
    asked = [row for row in large if rule.currency in {None, row.currency}]
    called, watched = accounts.labels(session), Rule(name="alert", where=_known(rule))
    inside = {row.id for row in anomaly_scopes.of(session, asked, rule.filters)}
    return [row for row in asked if row.id in inside or watched.fits(Scope.read(row.scope), called)]


def _known(rule: AlertRule) -> dict[str, tuple[str, ...]]:
    """Return its words as rules of anomalies have them: `tag:team` is the team."""
    return {word.removeprefix("tag:") if word == "tag:team" else word: values for word, values in rule.where.items()}


def routes(session: Session, rows: Sequence[Anomaly], *, at: datetime) -> dict[str, Route]:
    """Return by event's id where it goes: the rule that fits, of several the most severe, then the first by name.

    An event has one message. So rules of other workspaces than the deployment's own count as little as muted ones do:
    what only they fit goes where it would go without them.
    """
    whose = {alert_rules.COMMAND_LINE, workspaces.own(session)}
    sound = alert_rules.sound(alert_rules.listed(session))
    kept = [(row.workspace, rule) for row, rule in sound if row.workspace in whose]
    rules = [one for one in kept if one[1].kind is RuleKind.ANOMALY and not one[1].is_muted(at)]
    found: dict[str, Route] = {}
    for workspace, rule in sorted(rules, key=lambda one: (RANK[one[1].severity], one[1].name)):
        for row in fitting(session, rule, rows):
            route = Route(workspace, rule.to, rule.severity, rule.name, rule.silent_until(at))
            found.setdefault(str(row.id), route)
    return found
