"""Rules about anomalies: they tell nothing of their own, but say where an event's message goes, and how it matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from finops.alerting.kinds import RuleKind, Severity
from finops.alerting.rules import AlertRule
from finops.anomalies.rules import Rule
from finops.anomalies.scopes import Scope
from storage import accounts, alert_rules, workspaces
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


def fits(session: Session, rule: AlertRule) -> Callable[[Anomaly], bool]:
    """Return what tells whether an event is one of a rule's: it costs more, by the rule's amount a day."""
    called, watched = accounts.labels(session), Rule(name="alert", where=_known(rule))
    currency = rule.currency

    def told(row: Anomaly) -> bool:
        large = rule.amount is None or row.excess >= rule.amount
        same = currency in {None, row.currency}
        return large and same and row.rising and watched.fits(Scope.read(row.scope), called)

    return told


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
    each = [
        (*one, fits(session, one[1])) for one in sorted(rules, key=lambda one: (RANK[one[1].severity], one[1].name))
    ]
    found: dict[str, Route] = {}
    for row in rows:
        chosen = next(((workspace, rule) for workspace, rule, told in each if told(row)), None)
        if chosen is not None:
            workspace, rule = chosen
            found[str(row.id)] = Route(workspace, rule.to, rule.severity, rule.name, rule.silent_until(at))
    return found
