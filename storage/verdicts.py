"""What people said of events: the last verdict on each counts, and for all whose costs it showed in."""

from __future__ import annotations

import uuid
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.anomalies.feedback import Opinion
from finops.anomalies.replay import Judged
from finops.anomalies.scopes import Scope
from finops.periods import Period
from storage.models import Anomaly, AnomalyFeedback


def opinions(session: Session) -> list[tuple[Opinion, list[str]]]:
    """Return the last verdict on each event, and whose costs it was: its series and those it showed in as well.

    A withdrawn event keeps its verdict: a raised threshold must not take back what raised it.
    """
    return [
        (Opinion(row.rule, said.verdict, said.at), [one.scope for one in (row, *sides)])
        for row, said, sides in _verdicts(session)
    ]


def judged(session: Session, currency: str) -> list[Judged]:
    """Return the events in a currency that people judged, and those that they showed in as well."""
    return [
        Judged(Scope.read(one.scope), one.rising, Period(one.first_day, one.end_day), said.verdict)
        for row, said, sides in _verdicts(session)
        for one in (row, *sides)
        if row.currency == currency
    ]


def _verdicts(session: Session) -> list[tuple[Anomaly, AnomalyFeedback, list[Anomaly]]]:
    """Return each event that people judged, what was said last, and its sides."""
    every = select(Anomaly, AnomalyFeedback).join(AnomalyFeedback, AnomalyFeedback.anomaly_id == Anomaly.id)
    last = {row.id: (row, said) for row, said in session.execute(every.order_by(AnomalyFeedback.id))}
    sides: dict[uuid.UUID | None, list[Anomaly]] = defaultdict(list)
    for side in session.scalars(select(Anomaly).where(Anomaly.merged_into.in_(last)).order_by(Anomaly.scope)):
        sides[side.merged_into].append(side)
    return [(row, said, sides[row.id]) for row, said in last.values()]
