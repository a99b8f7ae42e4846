"""Alerts and rules as people and scripts read them at the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from finops.alerting import durations
from finops.alerting.replaying import Replay
from finops.errors import BadSettingError
from storage import alert_missed, alert_rules, alerting, rule_names
from storage.alert_missed import Missed
from storage.database import transaction
from storage.models import AlertRuleRow, CostAlert

INSTANTS = ("first_at", "last_at", "over_at", "acknowledged_at", "snoozed_until", "escalated_at", "told_at")
TEXTS = ("scope", "currency", "sentence", "acknowledged_by", "assigned_to", "provisional")


def alerts(*, everything: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return the open alerts, or all, the newest first: each as a line and as values for scripts."""
    with transaction() as session:
        missed = alert_missed.of_alerts(session)
        return [
            _alert(session, one, missed.get(str(one.id))) for one in alerting.listed(session, everything=everything)
        ]


def _alert(session: Session, one: CostAlert, missed: Missed | None) -> tuple[str, dict[str, Any]]:
    rule = session.get_one(AlertRuleRow, one.rule_id)
    said = f", {one.verdict.value}" if one.verdict else ""
    by = f" by {one.acknowledged_by}" if one.acknowledged_by else ""
    line = f"{str(one.id)[:8]}  {rule.severity}  {one.state}{by}{said}  {rule.name}: {one.sentence}"
    line += f" {missed.sentence()}" if missed else ""
    return line, {
        "id": str(one.id),
        "rule": rule.name,
        "severity": rule.severity.value,
        "state": one.state.value,
        **{name: getattr(one, name) for name in TEXTS},
        **{name: _told(getattr(one, name)) for name in INSTANTS},
        "first_day": str(one.first_day),
        "end_day": str(one.end_day),
        **{name: _number(getattr(one, name)) for name in ("value", "expected", "worst")},
        "verdict": one.verdict.value if one.verdict else None,
        "missed": {"to": missed.to, "why": missed.why} if missed else None,
    }


def _number(value: object) -> str | None:
    return None if value is None else f"{value:f}"


def _told(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def rules() -> list[tuple[str, dict[str, Any]]]:
    """Return the rules of all workspaces, each as a line and as values for scripts."""
    with transaction() as session:
        rows = alert_rules.listed(session)
        sound = alert_rules.sound(rows)
        missed = alert_missed.of_rules(session, sound)
        unknown = {row.id: rule_names.unknown(session, value) for row, value in sound}
        return [
            rule(row, [one for whose, one in missed if whose is row], unknown=unknown.get(row.id, "")) for row in rows
        ]


def rule(row: AlertRuleRow, missed: Sequence[Missed] = (), *, unknown: str = "") -> tuple[str, dict[str, Any]]:
    """Return one rule as a line and as values for scripts."""
    value = next((rule for _, rule in alert_rules.sound([row])), None)
    where = f" ({row.workspace})" if row.workspace else " (alerts.yaml)" if row.from_yaml else ""
    sentence = value.sentence() if value else "It does not hold any more."
    fails = f" It cannot be judged: {row.failure}" if row.failure else ""
    fails += "".join(f" {one.sentence()}" for one in missed)
    return f"{row.name}{where}  {row.severity}: {sentence}{fails} {unknown}".rstrip(), {
        "name": row.name,
        "workspace": row.workspace,
        "sentence": sentence,
        "failing_since": _told(row.failing_since),
        "failure": row.failure,
        "unknown": unknown or None,
        "missed": [{"to": one.to, "why": one.why} for one in missed],
        "rule": row.rule,
        "muted_until": _told(row.muted_until),
        "created_by": row.created_by,
        "created_at": _told(row.created_at),
        "from_yaml": row.from_yaml,
    }


def replayed(name: str, found: Replay) -> dict[str, Any]:
    """Return what a replay told, for scripts."""
    return {
        "rule": name,
        "count": found.count,
        "days": [str(day) for day in found.days],
        "start": str(found.period.start) if found.period else None,
        "end": str(found.period.end) if found.period else None,
        "sentence": found.sentence,
    }


def moment(text: str, *, now: datetime) -> datetime:
    """Read until when: 2d, 2026-12-24, 2026-12-24T08:00, or now. Raises BadSettingError."""
    if text.strip().lower() == "now":
        return now
    try:
        return now + durations.read(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = now - timedelta(days=1)
    at = found if found.tzinfo else found.replace(tzinfo=UTC)
    if at <= now:
        message = f"“{text}” is no moment to come: write 2d, 8h, 2026-12-24 or 2026-12-24T08:00 (UTC), or now."
        raise BadSettingError(message)
    return at
