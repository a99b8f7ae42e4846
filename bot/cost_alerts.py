"""Alerts of people's rules as messages: what is known of one, put together for its blocks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.models.blocks import Block, SectionBlock
from sqlalchemy.orm import Session

from bot import folded, members
from bot.blocks import cost_alert
from bot.blocks.cost_alert import Told
from bot.blocks.text import cut, escape, markdown
from bot.questions import CostQuestion, Kind, When
from finops.alerting.kinds import Grain, RuleKind
from finops.alerting.lifecycle import AlertAct, AlertState
from finops.alerting.rules import AlertRule
from finops.alerting.sentences import whose
from finops.focus import DIMENSIONS
from finops.money import EXACT, Money
from finops.periods import ONE_DAY, Period
from finops.tables import moment
from finops.trend import WEEK, month_to_date
from storage import alert_caps, alert_posts, alert_rules, alerting, owners, runs
from storage.artifacts import link
from storage.models import AlertRuleRow, CostAlert, CostAlertEvent

KEYS = frozenset({alert_posts.ALERT, alert_posts.MANY, alert_posts.HAPPENED, alert_caps.FOLDED})
"""In a payload of the outbox: what is drawn here."""
STEPS = {
    RuleKind.FORECAST_OVER_BUDGET: "Next: see what will cost most until the end of the month, and what of it can wait.",
    RuleKind.ANOMALY: "Next: see its cause with Why, then say whether it is expected.",
    RuleKind.NEW_SERVICE: "Next: ask who began to use it, and what it may cost.",
    RuleKind.NEW_REGION: "Next: ask who began to use it, and whether it should be allowed there.",
    RuleKind.COMMITMENT_EXPIRING: "Next: commit again to what is used now, or decide not to.",
    RuleKind.COMMITMENT_UNDERUSED: "Next: move usage under it, or sell or exchange what is left.",
    RuleKind.UNTAGGED: "Next: have the largest of it tagged, or claimed by a rule of allocation.",
    RuleKind.STALE_DATA: "Next: see with `costs doctor` whether the bill can still be read.",
    RuleKind.FAILED_COLLECTION: "Next: see with `costs doctor` what is missing.",
}
STEP = "Next: see with Why what it is made of, and ask its owner what changed."
DAYS = {Grain.DAILY: 7, Grain.WEEKLY: 14, Grain.MONTHLY: 30}
OF_DAYS = frozenset({RuleKind.THRESHOLD, RuleKind.CHANGE, RuleKind.UNTAGGED, RuleKind.NEW_SERVICE, RuleKind.NEW_REGION})
"""What tells of costs of its own days; a commitment's days are those until it ends."""
OWNED = ("tag:owner", "tag:team")


def draw(session: Session, payload: Mapping[str, Any]) -> tuple[str, list[Block]]:
    """Return the message of an alert, of many, of what was too much for a day, or of what happened in a thread."""
    if alert_caps.FOLDED in payload:
        return folded.draw(session, payload)
    if alert_posts.HAPPENED in payload:
        return _happened(session, session.get_one(CostAlertEvent, payload[alert_posts.HAPPENED]), payload)
    if alert_posts.MANY in payload:
        rows = [session.get_one(CostAlert, uuid.UUID(one)) for one in payload[alert_posts.MANY]]
        escalated = bool(payload.get(alert_posts.ESCALATED))
        all_told = [told(session, row, escalated=escalated) for row in rows]
        return escape(cost_alert.many_sentence(all_told[0].rule, all_told)), cost_alert.many(all_told[0].rule, all_told)
    row = session.get_one(CostAlert, uuid.UUID(payload[alert_posts.ALERT]))
    one = told(session, row, escalated=bool(payload.get(alert_posts.ESCALATED)))
    return cost_alert.sentence(one), cost_alert.build(one)


def told(session: Session, row: CostAlert, *, escalated: bool = False) -> Told:
    """Return an alert as people read it."""
    held = session.get_one(AlertRuleRow, row.rule_id)
    rule = alert_rules.value(held)
    return Told(
        id=row.id, severity=held.severity, state=row.state, sentence=row.sentence, amounts=amounts(row, rule.kind),
        course=course(rule, row, alerting.history(session, row.id)), scope=scope(rule, row), rule=held.name,
        step=STEPS.get(rule.kind, STEP) if row.state is not AlertState.OVER else "", owner=_owner(session, rule, row),
        evidence=_evidence(session, row), verdict=row.verdict, acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at, snoozed_until=row.snoozed_until, assigned_to=row.assigned_to,
        escalated=escalated,
    )  # fmt: skip


HELD = {
    RuleKind.THRESHOLD: "the limit",
    RuleKind.FORECAST_OVER_BUDGET: "the limit",
    RuleKind.UNTAGGED: "the limit",
    RuleKind.COMMITMENT_UNDERUSED: "the limit",
    RuleKind.CHANGE: "what was usual",
}
"""What an amount is held against, where that is no expectation."""


def amounts(row: CostAlert, kind: RuleKind) -> str:
    """Tell how much above what it is held against in all of its days, and a day; nothing where it is about no money."""
    if row.currency is None or row.expected is None:
        return ""
    excess = row.value - row.expected
    days = max((row.end_day - row.first_day).days, 1)
    way = "above" if excess >= 0 else "below"
    daily = f", {Money(EXACT.divide(abs(excess), days), row.currency)} a day" if days > 1 else " a day"
    still = " Its days are not complete yet, so it may become more." if row.provisional else ""
    held = HELD.get(kind, "expected")
    return f"{Money(abs(excess), row.currency)}{daily} {way} {held} so far.{still}"


def course(rule: AlertRule, row: CostAlert, events: Any) -> str:  # noqa: ANN401  a sequence of events
    """Tell whether it goes on, and which way."""
    if row.state is AlertState.OVER:
        why = next((f" because {one.note}" for one in events if one.act is AlertAct.OVER and one.note), "")
        return f"It was over on {row.over_at:%-d %b %Y}{why}." if row.over_at else "It is over."
    if rule.kind is RuleKind.COMMITMENT_EXPIRING:  # its sentence names the day, to which it comes nearer anyway
        return ""
    worse = any(one.act is AlertAct.WORSE for one in events)
    if worse and row.value == row.worst:
        return "It is still rising." if row.expected is None or row.value >= row.expected else "It is still falling."
    if row.value != row.worst:
        was = f": it was {Money(row.worst, row.currency)} at its worst" if row.currency else ""
        return f"It is getting better{was}."
    return "It goes on, and is not rising."


def scope(rule: AlertRule, row: CostAlert) -> str:
    """Tell what it is about."""
    return f"{row.scope} within {whose(rule)}" if row.scope and rule.where else row.scope or whose(rule)


def _owner(session: Session, rule: AlertRule, row: CostAlert) -> str | None:
    """Return Slack's id of whom the names in the rule stand for: its owner, then the owner or team that it watches."""
    names = [rule.owner, *(value for tag in OWNED for value in rule.filters.get(tag, ())), row.scope]
    return owners.of(session, names, workspace=row.workspace)


def _evidence(session: Session, row: CostAlert) -> str | None:
    """Return the alert's own page: one of other days would prove nothing of it."""
    page = runs.page(session, row.run_id) if row.run_id else None
    return link(page) if page else None


def why(rule: AlertRule, row: CostAlert) -> CostQuestion:
    """Return the question that tells what is behind an alert."""
    if rule.kind in {RuleKind.STALE_DATA, RuleKind.FAILED_COLLECTION}:
        return CostQuestion(kind=Kind.FRESHNESS)
    if rule.kind is RuleKind.FORECAST_OVER_BUDGET:
        return CostQuestion(kind=Kind.BUDGET)
    where = rule.filters
    if rule.kind is RuleKind.ANOMALY:
        return CostQuestion(kind=Kind.ANOMALIES, where=where)
    named = {RuleKind.NEW_SERVICE: "service", RuleKind.NEW_REGION: "region"}.get(rule.kind)
    if named and row.scope:
        provider, _, name = row.scope.partition(" ")
        where = where | {DIMENSIONS["provider"]: (provider,), DIMENSIONS[named]: (name,)}
    by = "region" if DIMENSIONS["service"] in where else "service"
    question = CostQuestion(where=where, group_by=(DIMENSIONS[by],))
    if rule.kind not in OF_DAYS:
        return question.changed(when=When(days=DAYS[rule.grain]))
    own = Period(row.first_day, row.end_day)
    if rule.kind is RuleKind.CHANGE:
        return question.changed(kind=Kind.COMPARE, when=When.of(own), against=When.of(_held_against(rule.grain, own)))
    return question.changed(when=When.of(own))


def _held_against(grain: Grain, own: Period) -> Period:
    """Return the days that a change is told against; of a day's usual weekdays the last, as the ledger compares two."""
    if grain is Grain.MONTHLY:
        return month_to_date(own.end - ONE_DAY)[1]
    week = timedelta(days=WEEK)
    return Period(own.start - week, own.end - week)


SAID = {
    AlertAct.WORSE: "Worse",
    AlertAct.OVER: "Over",
    AlertAct.WOKEN: "It was snoozed until now, and still holds",
    AlertAct.ACKNOWLEDGED: "Acknowledged",
    AlertAct.SNOOZED: "Snoozed",
    AlertAct.ASSIGNED: "Assigned",
    AlertAct.EXPECTED: "Said to be expected",
    AlertAct.REAL: "Said to be real",
    AlertAct.ESCALATED: "Nobody acknowledged it, so it was escalated",
}
PEOPLE = frozenset({AlertAct.ASSIGNED, AlertAct.ESCALATED})
"""Of these the note is who."""


def _happened(session: Session, event: CostAlertEvent, payload: Mapping[str, Any]) -> tuple[str, list[Block]]:
    """Tell in the thread what happened; where many share a thread, of which one."""
    row = session.get_one(CostAlert, event.alert_id)
    by = f" by {members.mention(event.who)}" if event.workspace else ""
    named = payload.get(alert_posts.NAMED) or event.act in {AlertAct.WORSE, AlertAct.WOKEN}
    figures = f": {escape(cut(row.sentence, cost_alert.TITLE))}" if named else "."
    said = _said(session, event, row)
    if count := payload.get(alert_posts.COUNT):
        said = f"Nobody acknowledged {count} of these, so they were escalated"
    text = f"{said}{_note(event)}{by}{figures}"
    return text, [SectionBlock(text=markdown(text))]


def _said(session: Session, event: CostAlertEvent, row: CostAlert) -> str:
    """Tell in a word what happened."""
    kind = alert_rules.value(session.get_one(AlertRuleRow, row.rule_id)).kind
    if event.act is AlertAct.WORSE and kind is RuleKind.COMMITMENT_EXPIRING and event.value is not None:
        return "1 day is left" if event.value == 1 else f"{event.value:.0f} days are left"
    return SAID.get(event.act, str(event.act).capitalize())


def _note(event: CostAlertEvent) -> str:
    """Tell to whom, until when or why."""
    if not event.note:
        return ""
    if event.act in PEOPLE:
        return f" to {members.mention(event.note) if members.is_id(event.note) else escape(event.note)}"
    if event.act is AlertAct.SNOOZED:
        return f" until {moment(datetime.fromisoformat(event.note))}"
    return f" because {escape(event.note)}" if event.act is AlertAct.OVER else ""
