"""What the command line does to alert rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from finops.alerting.rules import AlertRule
from finops.people import Person
from jobs.alerting import listed
from storage import alert_replay, alert_rules, rule_names
from storage.alert_rules import COMMAND_LINE
from storage.database import transaction


def add(rules: Sequence[AlertRule], *, by: str, dry_run: bool = False) -> list[tuple[str, dict[str, Any]]]:
    """Keep all of these rules, or none of them, and tell how often each would have fired. Raises RuleExistsError."""
    told = []
    with transaction() as session:
        for rule in rules:
            replay = alert_replay.would_have_fired(session, rule, datetime.now(UTC).date())
            if not dry_run:
                alert_rules.add(session, rule, by=Person(COMMAND_LINE, by))
            done = "Nothing is kept" if dry_run else "Kept"
            unknown = rule_names.unknown(session, rule)
            line = f"{rule.name}: {rule.sentence()} {replay.sentence} {done}. {unknown}".rstrip()
            values = {"rule_sentence": rule.sentence(), "kept": not dry_run, "unknown": unknown or None}
            told.append((line, {**listed.replayed(rule.name, replay), **values}))
    return told


def replayed(name: str) -> dict[str, Any]:
    """Tell on which days a rule would have fired. Raises UnknownWordError."""
    with transaction() as session:
        rule = alert_rules.value(alert_rules.named(session, name, workspace=COMMAND_LINE))
        return listed.replayed(rule.name, alert_replay.would_have_fired(session, rule, datetime.now(UTC).date()))


def mute(name: str, until: str) -> tuple[str, dict[str, Any]]:
    """Tell nothing of a rule until then. Raises UnknownWordError, BadSettingError."""
    now = datetime.now(UTC)
    end = listed.moment(until, now=now)
    with transaction() as session:
        row = alert_rules.named(session, name, workspace=COMMAND_LINE)
        alert_rules.mute(session, row, until=end if end > now else None)
        return listed.rule(row)


def remove(name: str) -> int:
    """Take a rule out; returns how many open alerts that closes.

    Raises UnknownWordError, and CostsError for one of the file.
    """
    with transaction() as session:
        row = alert_rules.named(session, name, workspace=COMMAND_LINE)
        return alert_rules.remove(session, row, at=datetime.now(UTC))
