"""The events that are known, as people and scripts read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from finops.anomalies.alerts import Alert
from finops.anomalies.words import CENTURY
from finops.foreign import plain
from finops.money import Money
from finops.tables import Change
from storage import accounts, alerts, anomalies, runs
from storage.artifacts import link
from storage.database import transaction
from storage.models import Anomaly, AnomalyFeedback

DAYS = 30
"""So long ago at most an event ended that is listed by default."""
SHORT = 8
"""Letters of an id that tell it apart from all others."""
AMOUNTS = ("expected", "actual", "excess", "excess_so_far", "monthly")


@dataclass(frozen=True, slots=True)
class Listed:
    """One event, with what belongs to it."""

    row: Anomaly
    alert: Alert
    said: AnomalyFeedback | None
    evidence: str | None
    sides: Sequence[str] = ()
    """Where it shows as well."""

    def line(self) -> str:
        """Tell it in two lines."""
        a_day, in_all = (
            str(Change(Money(amount, self.row.currency))) for amount in (self.alert.excess, self.alert.so_far)
        )
        what, so_far = f"{self.alert.what()}{self._verdict()}", "so far" if self.alert.lasts else "in all"
        return (
            f"{str(self.row.id)[:SHORT]}  {self.alert.name}\n"
            f"{'':>{SHORT + 2}}{self.alert.when()}: {a_day} a day, {in_all} {so_far}; {what}"
            + "".join(f"\n{'':>{SHORT + 2}}{text}" for text in (plain(self.row.sentence or ""), self.evidence) if text)
        )

    def told(self) -> str:
        """Tell all of it, a line for each thing."""
        rare = f"It is {'an' if self.row.kind[0] in 'aeiou' else 'a'} {self.alert.what()}, {self._rare()}."
        also = f"It shows in {', '.join(self.sides)} as well." if self.sides else ""
        judged = f"Said to be{self._verdict().removeprefix(',')} by {plain(self.said.who)}." if self.said else ""
        why = plain(self.row.sentence or "")
        page = f"Evidence: {self.evidence}" if self.evidence else ""
        lines = (self.alert.title() + ".", self.alert.amounts(), why, self.alert.course(), rare, also, judged, page)
        return "\n".join([*(line for line in lines if line), f"Rule: {plain(self.row.rule)}. Id: {self.row.id}"])

    def _rare(self) -> str:
        if not self.row.months:
            return "which stands in the bill"
        often = f"as comes about once in {self.row.months:,.0f} months there"
        return often if self.row.months < CENTURY else "and nothing like it is known there"

    def _verdict(self) -> str:
        return f", {self.said.verdict.value}" if self.said else ""

    def values(self) -> dict[str, Any]:
        """Return it for scripts; amounts are text, never floats."""
        return {
            "id": str(self.row.id),
            "scope": json.loads(self.row.scope),
            "name": self.alert.name,
            "kind": self.row.kind,
            "first_day": str(self.row.first_day),
            "end_day": str(self.row.end_day),
            "lasts": self.row.lasts,
            "currency": self.row.currency,
            **{name: f"{getattr(self.row, name):f}" for name in AMOUNTS},
            "once_in_months": round(self.row.months, 1),
            "rule": self.row.rule,
            "cause": self.row.sentence,
            "causes": self.row.causes,
            "evidence": self.evidence,
            "verdict": self.said.verdict.value if self.said else None,
            "shows_in": list(self.sides),
        }


def known(*, everything: bool = False) -> list[Listed]:
    """Return what lasts or ended lately, or all, the newest first."""
    with transaction() as session:
        since = None if everything else (datetime.now(UTC) - timedelta(days=DAYS)).date()
        found = _listed(session, anomalies.listed(session, since=since))
        return [each for each in found if since is None or not each.alert.silent or each.row.end_day > since]


def one(text: str) -> Listed:
    """Return the one whose id begins so. Raises UnknownWordError."""
    with transaction() as session:
        return _listed(session, [anomalies.named(session, text.strip().lower())])[0]


def _listed(session: Session, rows: Sequence[Anomaly]) -> list[Listed]:
    called, said, last = accounts.labels(session), anomalies.said(session, rows), alerts.through(session)
    return [
        Listed(
            row,
            alerts.alert(row, called, last),
            said.get(row.id),
            _evidence(session, row),
            _sides(session, row, called),
        )
        for row in rows
    ]


def _evidence(session: Session, row: Anomaly) -> str | None:
    page = runs.page(session, row.run_id) if row.run_id else None
    return link(page) if page else None


def _sides(session: Session, row: Anomaly, called: Mapping[str, str]) -> list[str]:
    return [alerts.alert(side, called, None).name for side in anomalies.sides(session, row)]
