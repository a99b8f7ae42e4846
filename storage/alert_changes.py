"""Changes to alert rules: proposed by somebody, and saved once, unless the rule was changed meanwhile."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from finops.alerting.changing import Effect, effect
from finops.alerting.rules import AlertRule
from finops.errors import CostsError, UnknownWordError
from finops.foreign import plain
from finops.people import Person
from storage import alert_rules, alerting
from storage.alert_rules import RuleExistsError
from storage.models import AlertRuleChange, AlertRuleRow

CHANGED = "the rule was changed"
"""Why an alert is over that was about what the rule watches no more."""


class ChangedMeanwhileError(CostsError):
    """The rule is not as it was when somebody began to change it."""

    def __init__(self, name: str, *, ended: bool) -> None:
        """Say what to do: a rule that is no more can only be made anew."""
        told = plain(name)
        happened, then = (
            ("ended", "`/cost alerts` lists the rules that there are.")
            if ended
            else ("changed by somebody else", f"`/cost alert edit {told}` shows how it stands.")
        )
        super().__init__(f"“{told}” was {happened} meanwhile, so nothing was saved: {then}")


def meanwhile(session: Session, row: AlertRuleRow) -> ChangedMeanwhileError:
    """Return what is told of a rule that is another one now, or no more."""
    there = any(one.name == row.name for one in alert_rules.listed(session, workspace=row.workspace))
    return ChangedMeanwhileError(row.name, ended=not there)


@dataclass(frozen=True, slots=True)
class Saved:
    """A change that is saved now, or was by an earlier press."""

    row: AlertRuleRow
    effect: Effect
    open: int
    """Alerts that were open."""
    again: bool = False


def fingerprint(row: AlertRuleRow) -> str:
    """Return what tells whether a rule is still as somebody saw it; a mute changes nothing of it."""
    held = json.dumps([row.name, row.rule], sort_keys=True)
    return hashlib.sha256(held.encode()).hexdigest()[:16]


def propose(session: Session, row: AlertRuleRow, rule: AlertRule, *, seen: str, by: Person) -> AlertRuleChange:
    """Write down what somebody would change. Raises ChangedMeanwhileError, RuleExistsError for another one's name."""
    _check(session, row, rule, seen)
    held = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"muted_until"})
    change = AlertRuleChange(rule_id=row.id, workspace=by.workspace, rule=held, seen=seen, proposed_by=by.user)
    session.add(change)
    session.flush()
    return change


def forget(session: Session, *, before: datetime) -> None:
    """Let go of what was proposed before an instant and never saved; what was saved is the rule's history."""
    old = delete(AlertRuleChange).where(AlertRuleChange.saved_at.is_(None), AlertRuleChange.proposed_at < before)
    session.execute(old)


def get(session: Session, chosen: uuid.UUID, *, workspace: str) -> AlertRuleChange:
    """Return one; until the transaction ends nobody else saves it. Raises UnknownWordError, also for a stranger."""
    found = session.get(AlertRuleChange, chosen, with_for_update=True, populate_existing=True)
    if found is None or found.workspace != workspace:
        raise UnknownWordError(str(chosen), None, "`/cost alerts` lists the rules.")
    return found


def wanted(change: AlertRuleChange, row: AlertRuleRow) -> AlertRule:
    """Return the rule as it would be."""
    return AlertRule.model_validate({**change.rule, "muted_until": row.muted_until})


def save(session: Session, chosen: uuid.UUID, *, by: Person, at: datetime) -> Saved:
    """Change the rule, once; what watches something else then begins anew under the same name.

    Raises ChangedMeanwhileError, RuleExistsError, UnknownWordError; then nothing is changed.
    """
    change = get(session, chosen, workspace=by.workspace)
    row = session.get_one(AlertRuleRow, change.rule_id, with_for_update=True, populate_existing=True)
    if change.saved_at is not None:
        return Saved(row, Effect.KEPT, 0, again=True)
    rule, before = wanted(change, row), alert_rules.value(row)
    _check(session, row, rule, change.seen)
    done, many = effect(before, rule), len(alerting.of_rule(session, row.id))
    change.saved_at, change.saved_by = at, by.user
    try:
        with session.begin_nested():
            row = _changed(session, row, rule, done, at=at)
    except IntegrityError as error:
        raise _taken(rule) from error
    return Saved(row, done, many)


def _changed(session: Session, row: AlertRuleRow, rule: AlertRule, done: Effect, *, at: datetime) -> AlertRuleRow:
    if done is not Effect.CLOSED:
        alert_rules.replace(session, row, rule)
        return row
    alert_rules.gone(session, row, at=at, why=CHANGED)
    return alert_rules.add(session, rule, by=Person(row.workspace, row.created_by))


def _check(session: Session, row: AlertRuleRow, rule: AlertRule, seen: str) -> None:
    if row.deleted_at is not None or fingerprint(row) != seen:
        raise meanwhile(session, row)
    if rule.name != row.name and any(
        one.name == rule.name for one in alert_rules.listed(session, workspace=row.workspace)
    ):
        raise _taken(rule)


def _taken(rule: AlertRule) -> RuleExistsError:
    return RuleExistsError(f"There is a rule “{plain(rule.name)}” already: choose another name.")
