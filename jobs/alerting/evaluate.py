"""Judges every alert rule on the ledger: opens alerts, follows them, closes what is over, and tells people."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from finops.errors import CostsError, was_stopped
from finops.trend import NoChargesError
from jobs.alerting import following
from storage import alert_failures, alert_files, alert_findings, alert_holding, alert_rules
from storage.alert_ledger import Ledger
from storage.database import transaction
from storage.models import AlertRuleRow
from storage.settings import settings

Counts = Counter[str]
log = logging.getLogger(__name__)


def run(at: str | None = None) -> dict[str, Any]:
    """Evaluate every rule; `at` is now, in ISO format, unless it is given.

    A rule that cannot be judged leaves the others be, and so does a file of rules that cannot be read: of that, what
    was read last holds. People are told once (`storage.alert_failures`); raises CostsError in the end, naming each.
    """
    moment = datetime.fromisoformat(at) if at else datetime.now(UTC)
    problems = _synced(moment)
    with transaction() as session:
        ids = [row.id for row in alert_rules.listed(session)]
        removed = alert_holding.rules(session) - {*ids}
        ledger = _ledger(session) if ids else None
    counts: Counts = Counter(rules=len(ids))
    for rule_id in (*ids, *removed):
        try:
            with transaction() as session:
                row = session.get_one(AlertRuleRow, rule_id, with_for_update=True)  # two at once take turns
                counts += _one(row, ledger and replace(ledger, session=session), session=session, at=moment)
                alert_failures.judged(row)
        except CostsError as error:
            problems.append(_failed(rule_id, error, at=moment))
        except Exception as error:  # the edge of one rule: whatever is wrong with it keeps none of the others
            if was_stopped(error):
                raise
            log.exception("an alert rule could not be judged")
            problems.append(_failed(rule_id, error, at=moment))
    if problems:
        raise CostsError(" ".join(problems))
    return {name: counts[name] for name in ("rules", *following.COUNTED)}


def _synced(at: datetime) -> list[str]:
    try:
        rules = alert_files.rules(settings().home)
        with transaction() as session:
            alert_rules.sync(session, rules, at=at)
    except CostsError as error:
        with transaction() as session:
            alert_failures.file(session, error, at=at)
        return [str(error)]
    return []


def _failed(rule_id: uuid.UUID, error: Exception, *, at: datetime) -> str:
    """Keep and tell that a rule could not be judged, in a transaction of its own: the rule's is undone."""
    with transaction() as session:
        return alert_failures.failed(
            session, session.get_one(AlertRuleRow, rule_id, with_for_update=True), error, at=at
        )


def _ledger(session: Session) -> Ledger | None:
    try:
        return Ledger.read(session)
    except NoChargesError:
        return None


def _one(row: AlertRuleRow, ledger: Ledger | None, *, session: Session, at: datetime) -> Counts:
    """Judge one rule, in a transaction of its own."""
    if row.deleted_at is not None:
        if alert_rules.silent_until(row, at) is None:
            alert_holding.release(session, row.id, at=at)
        return Counter()
    rule = alert_rules.value(row)
    try:
        found = alert_findings.now(session, rule, ledger, today=at.date())
    except CostsError as error:
        message = f"The alert rule “{rule.name}” could not be judged: {error}"
        raise CostsError(message) from error
    return following.follow(session, row, rule, found, at=at)
