"""Anomalies: one row an event while it lasts, whatever bills are restated meanwhile; and what people say of it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from finops.anomalies.events import Event
from finops.anomalies.feedback import Verdict
from finops.anomalies.merging import Reach, Side, parents
from finops.anomalies.scopes import Scope
from finops.errors import UnknownWordError
from finops.money import EXACT
from finops.periods import Period
from storage.models import Anomaly, AnomalyFeedback

DEFAULT = "default"
"""The rule that needs no file."""
EMPTY: Mapping[Scope, Any] = {}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the events that were found."""

    new: list[Anomaly]
    going: list[Anomaly]
    """Known before."""
    withdrawn: list[Anomaly]
    """Known before, and no events any more."""


def record(
    session: Session,
    found: Sequence[tuple[Scope, Event]],
    *,
    currency: str,
    judged: Collection[Scope],
    rules: Mapping[Scope, str] = EMPTY,
    reach: Mapping[Scope, Reach] = EMPTY,
) -> Recorded:
    """Write down the events of the scopes that were judged over all their days; `reach` tells what commitments covered.

    An event is the known one of its scope and direction that has most days in common with it, or that it adjoins. What
    is not found any more is withdrawn, never deleted: somebody may have been told of it.
    """
    keys = {scope.written() for scope in judged}
    held = select(Anomaly).where(Anomaly.currency == currency, Anomaly.withdrawn_at.is_(None))
    known = [row for row in session.scalars(held.with_for_update()) if row.scope in keys]
    new, going = [], []
    for scope, event in sorted(found, key=lambda one: one[1].days):
        row = _nearest(known, scope.written(), event)
        if row is None:
            row = Anomaly(scope=scope.written(), currency=currency, rising=event.excess > 0)
            new.append(row)
        else:
            known.remove(row)
            going.append(row)
        _renew(row, event, rules.get(scope, DEFAULT))
    for row in known:
        row.withdrawn_at = datetime.now(UTC)
    session.flush()  # those withdrawn first, whose days may be taken
    session.add_all(new)
    session.flush()
    _merge(session, [*new, *going], known, reach)
    return Recorded(new, going, known)


def _nearest(known: Iterable[Anomaly], scope: str, event: Event) -> Anomaly | None:
    rising = event.excess > 0
    near = [
        row
        for row in known
        if (row.scope, row.rising) == (scope, rising)
        and row.first_day <= event.days.end
        and event.days.start <= row.end_day
    ]
    return max(
        near, key=lambda row: min(row.end_day, event.days.end) - max(row.first_day, event.days.start), default=None
    )


def _renew(row: Anomaly, event: Event, rule: str) -> None:
    row.kind, row.lasts, row.rule, row.months = event.kind.value, event.lasts, rule, float(event.months)
    row.first_day, row.end_day = event.days.start, event.days.end
    row.expected, row.actual, row.excess, row.monthly = event.expected, event.actual, event.excess, event.monthly
    row.excess_so_far = EXACT.multiply(event.excess, Decimal(event.days.days))


def _merge(
    session: Session, rows: Sequence[Anomaly], withdrawn: Sequence[Anomaly], reach: Mapping[Scope, Reach]
) -> None:
    scopes = [Scope.read(row.scope) for row in rows]
    sides = [
        Side(scope, Period(row.first_day, row.end_day), row.excess, reach.get(scope))
        for scope, row in zip(scopes, rows, strict=True)
    ]
    merged = parents(sides)
    for place, row in enumerate(rows):
        row.merged_into = rows[merged[place]].id if place in merged else None
    for row in withdrawn:
        row.merged_into = None
    session.flush()


def explain(
    session: Session, row: Anomaly, *, run_id: uuid.UUID | None, sentence: str, causes: list[dict[str, Any]]
) -> None:
    """Keep why it is, and the run of the notebook that says so, if one does."""
    row.run_id, row.sentence, row.causes = run_id, sentence, causes
    session.flush()


def get(session: Session, anomaly_id: uuid.UUID) -> Anomaly:
    """Return one. Raises UnknownWordError."""
    found = session.get(Anomaly, anomaly_id)
    if found is None:
        raise UnknownWordError(str(anomaly_id), None, "costs anomalies --all lists those there are.")
    return found


def named(session: Session, text: str) -> Anomaly:
    """Return the one whose id begins so. Raises UnknownWordError, also where several do."""
    found = session.scalars(select(Anomaly).where(cast(Anomaly.id, Text).startswith(text, autoescape=True)).limit(2))
    rows = found.all() if text else []
    if len(rows) != 1:
        raise UnknownWordError(text, None, "costs anomalies --all lists the ids of those there are.")
    return rows[0]


def listed(session: Session, *, since: date | None = None) -> list[Anomaly]:
    """Return the events, without those merged into others and those withdrawn, the newest first.

    With `since` those that last, or ended after that day.
    """
    shown = select(Anomaly).where(Anomaly.withdrawn_at.is_(None), Anomaly.merged_into.is_(None))
    if since:
        shown = shown.where(or_(Anomaly.lasts, Anomaly.end_day > since))
    return list(session.scalars(shown.order_by(Anomaly.first_day.desc(), Anomaly.monthly.desc(), Anomaly.id)))


def sides(session: Session, row: Anomaly) -> list[Anomaly]:
    """Return the events that were merged into this one, the largest first."""
    merged = select(Anomaly).where(Anomaly.merged_into == row.id)
    return sorted(session.scalars(merged), key=lambda one: (-abs(one.excess), one.scope))


def any_known(session: Session) -> bool:
    """Whether events were ever written down."""
    return session.scalar(select(Anomaly.id).limit(1)) is not None


def say(session: Session, row: Anomaly, verdict: Verdict, *, who: str, note: str | None = None) -> AnomalyFeedback:
    """Write down what somebody says of an event; what was said before stays, and the last one counts."""
    said = AnomalyFeedback(anomaly_id=row.id, who=who, verdict=verdict, note=note)
    session.add(said)
    session.flush()
    session.refresh(said)
    return said


def said(session: Session, rows: Iterable[Anomaly]) -> dict[uuid.UUID, AnomalyFeedback]:
    """Return what was said last of each of these events, by its id."""
    found = select(AnomalyFeedback).where(AnomalyFeedback.anomaly_id.in_([row.id for row in rows]))
    return {one.anomaly_id: one for one in session.scalars(found.order_by(AnomalyFeedback.id))}
