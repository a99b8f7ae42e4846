"""What was too much for a channel's day, in one message: the most important first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from slack_sdk.models.blocks import Block, ContextBlock, SectionBlock
from sqlalchemy.orm import Session

from bot.blocks.cost_alert import LINE, LINES
from bot.blocks.text import cut, escape, markdown
from finops.alerting.kinds import Severity
from finops.alerting.lifecycle import AlertState
from storage import accounts, alert_caps, alerts, anomalies
from storage.alert_routes import RANK
from storage.models import AlertRuleRow, CostAlert, Outbox

Ranked = tuple[int, Decimal, str]


def sentences(session: Session, ids: Sequence[int]) -> list[str]:
    """Return what still holds of these messages of the outbox: the most severe first, then by the money in it."""
    rows = [row for one in ids if (row := session.get(Outbox, one)) is not None]
    found = [_alert(session, session.get_one(CostAlert, one)) for one in alert_caps.alerts(rows)]
    found += [_anomaly(session, row.payload) for row in rows if "anomaly" in row.payload]
    return [text for _, _, text in sorted(one for one in found if one is not None)]


def _alert(session: Session, row: CostAlert) -> Ranked | None:
    if row.state is AlertState.OVER:
        return None
    excess = abs(row.value - (row.expected or Decimal(0))) if row.currency else Decimal(0)
    rule = session.get_one(AlertRuleRow, row.rule_id)
    return RANK[rule.severity], -excess, f"{rule.severity.value.capitalize()}: {row.sentence}"


def _anomaly(session: Session, payload: Mapping[str, Any]) -> Ranked | None:
    row = anomalies.get(session, uuid.UUID(payload["anomaly"]))
    if row.withdrawn_at is not None:
        return None
    severity = Severity(payload.get("severity", Severity.WARNING))
    told = alerts.alert(row, accounts.labels(session), alerts.through(session))
    return RANK[severity], -abs(row.excess), f"{severity.value.capitalize()}: {told.title()}, {told.when()}."


def points(session: Session, ids: Sequence[int]) -> list[str]:
    """Return them as points of a digest."""
    found = sentences(session, ids)
    if not found:
        return []
    return [headline(found), *(cut(one, LINE) for one in found[:LINES]), *_left(found, ": /cost alerts lists each.")]


def headline(found: Sequence[str]) -> str:
    """Say how many there are."""
    return f"{len(found)} alert{'' if len(found) == 1 else 's'} beyond those that are told one by one a day:"


def _left(found: Sequence[str], where: str = ".") -> list[str]:
    return [f"… and {len(found) - LINES} more{where}"] if len(found) > LINES else []


def draw(session: Session, payload: Mapping[str, Any]) -> tuple[str, list[Block]]:
    """Return the message of a day's end."""
    found = sentences(session, payload[alert_caps.FOLDED])
    if not found:
        text = "What came beyond the alerts that are told one by one today is over already."
        return text, [SectionBlock(text=markdown(text))]
    head = headline(found)
    lines = [f"• {escape(cut(one, LINE))}" for one in found[:LINES]]
    shown = "\n".join([f"*{escape(head)}*", *lines, *map(escape, _left(found))])
    return escape(f"{head} {cut(found[0], LINE)}"), [
        SectionBlock(text=markdown(shown)),
        ContextBlock(elements=[markdown("`/cost alerts` lists each of them.")]),
    ]
