"""From what a rule finds to alerts: opened once, told when people may be told, closed when they are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from finops.alerting import findings
from finops.alerting.findings import Found
from finops.alerting.lifecycle import AlertState
from finops.alerting.rules import AlertRule, Escalation
from storage import alert_caps, alert_holding, alerting
from storage.models import AlertRuleRow, CostAlert

COUNTED = ("fired", "told", "worse", "better", "over", "woken", "escalated")
MOST = 3
"""Alerts of one rule that are told one by one; more at once, as after a first bill, are one message."""
Counts = Counter[str]


def follow(session: Session, row: AlertRuleRow, rule: AlertRule, found: Sequence[Found], *, at: datetime) -> Counts:
    """Bring a rule's alerts in line with what it finds now; returns what happened, by `COUNTED`.

    While nobody may be told, messages are drawn anew, and all else waits.
    """
    counts: Counts = Counter()
    silent = rule.silent_until(at) is not None
    by_scope = {one.scope: one for one in found}
    known = alerting.of_rule(session, row.id)
    for alert in known:
        now = by_scope.pop(alert.scope, None)
        if now is None:
            counts["over"] += alerting.over(session, alert, at=at, silent=silent)
        else:
            _followed(session, alert, now, at, counts, silent=silent)
    cooling = alerting.ended(session, row.id, since=at - rule.cool_down) if rule.cool_down else set()
    for scope, now in by_scope.items():
        if now.opens and scope not in cooling:
            _opened(session, row, rule, now, at=at, counts=counts)
    if not silent:
        alert_holding.release(session, row.id, at=at)
        _tell(session, row, rule, at, counts)
    return counts


def _opened(
    session: Session, row: AlertRuleRow, rule: AlertRule, found: Found, *, at: datetime, counts: Counts
) -> None:
    alert = alerting.fire(session, row, found, at=at)
    if alert is None:  # another evaluation was faster
        return
    counts["fired"] += 1
    if found.announced and rule.to is None:  # the same channel knows: it is listed, and followed
        alerting.known(session, alert, at=at)


def _followed(session: Session, alert: CostAlert, found: Found, at: datetime, counts: Counts, *, silent: bool) -> None:
    """Keep what is found now of an open alert, and make it news if it changed much; a snoozed one may wake."""
    act = findings.course(alert.noted, found)
    if act is None or alert.state is AlertState.SNOOZED:
        alerting.refresh(session, alert, found, at=at)
    else:
        worst = findings.worse_of(alert.worst, found)
        counts[act.value] += alerting.changed(session, alert, act, found, worst=worst, at=at, silent=silent)
    if alert.state is AlertState.SNOOZED and alert.snoozed_until is not None and alert.snoozed_until <= at:
        counts["woken"] += alerting.wake(session, alert, at=at, silent=silent)


def _tell(session: Session, row: AlertRuleRow, rule: AlertRule, at: datetime, counts: Counts) -> None:
    """Tell of what was not told yet, and tell somebody else of what nobody took on for too long."""
    alerts = alerting.of_rule(session, row.id)
    kept = alert_caps.alerts(alert_caps.waiting(session))
    waits = {one.id for one in alerts if one.id in kept or one.state is not AlertState.FIRING}
    untold = [one for one in alerts if one.told_at is None and one.id not in waits]
    if len(untold) > MOST:
        counts["told"] += alerting.tell_many(session, untold, to=rule.to, at=at)
    else:
        counts["told"] += sum(alerting.tell(session, one, to=rule.to, at=at) for one in untold)
    if rule.escalation is not None:
        counts["escalated"] += _escalated(session, rule.escalation, alerts, at)


def _escalated(session: Session, escalation: Escalation, alerts: Sequence[CostAlert], at: datetime) -> int:
    """Tell somebody else of what nobody took on for too long, together what people were told of in one message."""
    waiting: dict[datetime, list[CostAlert]] = {}
    for one in alerts:
        unheard = one.state is AlertState.FIRING and one.escalated_at is None
        if unheard and one.told_at is not None and one.told_at <= at - escalation.after:
            waiting.setdefault(one.told_at, []).append(one)
    count = 0
    for each in waiting.values():
        if len(each) > 1 and alerting.told_together(session, each[0]) > MOST:
            count += alerting.escalate_many(session, each, to=escalation.to, at=at)
        else:
            count += sum(alerting.escalate(session, one, to=escalation.to, at=at) for one in each)
    return count
