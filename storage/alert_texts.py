"""Alerts as plain text, for outlets and mails; names in it are foreign, and stay names where it is written down."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from storage import runs
from storage.alert_ways import Text
from storage.artifacts import link
from storage.models import AlertRuleRow, CostAlert

MOST = 20
WHERE = "/cost alerts in Slack, or costs alerts at the command line, lists it."


def one(session: Session, alert: CostAlert, opening: str | None = None) -> Text:
    """Tell one; `opening` says what became of it, else it is told how bad it is."""
    rule = session.get_one(AlertRuleRow, alert.rule_id)
    page = runs.page(session, alert.run_id) if alert.run_id else None
    said = str(rule.severity).capitalize()
    return Text(
        title=f"{opening or said}: {alert.sentence}",
        lines=[alert.sentence, f"{said}, by the rule {rule.name}. {WHERE}"],
        link=link(page) if page else None,
    )


def many(session: Session, alerts: Sequence[CostAlert], opening: str | None = None) -> Text:
    """Tell many of a rule; `opening` as above."""
    rule = session.get_one(AlertRuleRow, alerts[0].rule_id)
    left = [f"… and {len(alerts) - MOST} more."] if len(alerts) > MOST else []
    return Text(
        title=f"{opening or str(rule.severity).capitalize()}: the rule {rule.name} found {len(alerts)} at once.",
        lines=[*(each.sentence for each in alerts[:MOST]), *left],
    )
