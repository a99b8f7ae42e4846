"""Whom alert rules could not tell, and why: as the outbox remembers it, until they are reached again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from finops.alerting import whom
from finops.alerting.rules import AlertRule
from finops.errors import CostsError
from storage import alert_posts, outlets
from storage.models import AlertRuleRow, Outbox, OutboxState
from storage.posted import MISSED


@dataclass(frozen=True, slots=True)
class Missed:
    """One whom a rule names, and why a message did not go there. Both hold foreign text."""

    to: str
    why: str
    at: datetime | None = None
    """When that was seen; None for what is known without trying."""

    def sentence(self) -> str:
        """Tell it."""
        since = f" on {self.at:%-d %b %Y}, so the channel of announcements was" if self.at else ""
        return f"{self.to} could not be told{since}: {self.why}"


def of_rules(session: Session, rules: Sequence[tuple[AlertRuleRow, AlertRule]]) -> list[tuple[AlertRuleRow, Missed]]:
    """Return those of these rules that tell somebody who was not reached when it mattered last, or cannot be."""
    seen, known = _latest(session), _outlets()
    found = []
    for row, rule in rules:
        for to in dict.fromkeys(one for one in (rule.to, rule.escalation and rule.escalation.to) if one):
            wrong = whom.problem(to, outlets=known) if row.workspace == "" else None
            missed = Missed(to, f"{wrong}.") if wrong else seen.get((row.workspace, to))
            found += [(row, missed)] if missed else []
    return found


def of_alerts(session: Session) -> dict[str, Missed]:
    """Return by the id of an alert whom its message did not reach."""
    rows = session.scalars(select(Outbox).where(Outbox.payload.has_key(MISSED)).order_by(Outbox.id))
    return {name: _missed(row) for row in rows for name in alert_posts.told_in(row.payload)}


def _latest(session: Session) -> dict[tuple[str, str], Missed]:
    """Return by workspace and place what was missed last, if nothing arrived there since."""
    to, later = Outbox.payload[MISSED]["to"].astext, aliased(Outbox)
    reached = exists().where(
        later.id > Outbox.id,
        later.workspace == Outbox.workspace,
        later.state == OutboxState.SENT,
        or_(later.payload["channel"].astext == to, later.payload["outlet"].astext == to),
    )
    rows = session.scalars(
        select(Outbox)
        .where(Outbox.payload.has_key(MISSED), ~reached)
        .ext(distinct_on(Outbox.workspace, to))
        .order_by(Outbox.workspace, to, Outbox.id.desc())
    )
    return {(row.workspace, row.payload[MISSED]["to"]): _missed(row) for row in rows}


def _missed(row: Outbox) -> Missed:
    missed = row.payload[MISSED]
    return Missed(str(missed["to"]), str(missed["why"]), row.created_at)


def _outlets() -> list[str]:
    try:
        return outlets.names()
    except CostsError:  # told where outlets are listed
        return []
