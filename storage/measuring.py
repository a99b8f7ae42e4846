"""Carried-out savings held against the bill: which are due, what the ledger says, and what is written down and told."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from finops.money import Money
from finops.periods import Period
from finops.recommendations import measuring, track
from finops.recommendations.lifecycle import Happened, State
from finops.recommendations.measuring import HORIZONS, Asked, Known, Line, Saved, Unmeasured, Why
from finops.recommendations.track import Record
from storage import posted, spent, transitions
from storage.models import CloudResource, ExecutionRequest, Recommendation, SavingsMeasurement, SavingsResult

RETRIED = timedelta(days=60)
"""So long after its last day a window is tried again: no provider restates later, and late bills have come."""


@dataclass(frozen=True, slots=True)
class Due:
    """One window of one carried-out saving whose days are over and that has no number yet."""

    measurement_id: int
    recommendation_id: uuid.UUID
    resource_id: uuid.UUID
    asked: Asked


def due(session: Session, *, today: date) -> list[Due]:
    """Return what can be looked at on that day (UTC), the shortest windows first."""
    measured = {(one.measurement_id, one.days) for one in session.scalars(select(SavingsResult)) if one.why is None}
    found = []
    for row, about, resource, approved in session.execute(_started()):
        done = row.started_at.astimezone(UTC).date()
        first = approved.astimezone(UTC).date() if approved else done
        for days in HORIZONS:
            windows = measuring.windows(days, approved=first, done=done)
            if (row.id, days) not in measured and windows.after.end <= today <= windows.after.end + RETRIED:
                promise = Money(row.expected, row.currency)
                asked = Asked(about.recommendation_type, resource.provider, promise, windows)
                found.append(Due(row.id, about.id, resource.id, asked))
    return sorted(found, key=lambda one: (one.asked.windows.days, one.measurement_id))


def _started() -> Select[*tuple[Any, ...]]:
    request = (ExecutionRequest.recommendation_id == SavingsMeasurement.recommendation_id) & (
        ExecutionRequest.round == SavingsMeasurement.round
    )
    return (
        select(SavingsMeasurement, Recommendation, CloudResource, ExecutionRequest.requested_at)
        .join(Recommendation, Recommendation.id == SavingsMeasurement.recommendation_id)
        .join(CloudResource, CloudResource.id == Recommendation.resource_id)
        .outerjoin(ExecutionRequest, request)
        .order_by(SavingsMeasurement.id)
    )


def look(session: Session, chosen: Sequence[Due]) -> list[Saved | Unmeasured]:
    """Judge each of them by the ledger, which is read once for all."""
    if not chosen:
        return []
    every = [one.asked.windows for one in chosen]
    period = Period(min(one.before.start for one in every), max(one.after.end for one in every))
    lines = spent.lines(session, {one.resource_id for one in chosen}, period)
    covering = {line.commitment for each in lines.values() for line in each if line.commitment}
    waste, days = spent.waste(session, covering, period), spent.collected(session, period)
    found = []
    for one in chosen:
        mine = lines.get(one.resource_id, ())
        through = _sources(session, mine, one.asked)
        missing = {day for day in period for source in through if day not in days.get(source, ())}
        ends = [day for day in through.values() if day]
        settled = min(ends) if ends and len(ends) == len(through) else None
        found.append(measuring.judge(one.asked, Known(mine, waste, settled, missing)))
    return found


def _sources(session: Session, lines: Iterable[Line], asked: Asked) -> Mapping[int, date | None]:
    """Return the last settled days of the sources that bill a resource; of all of its provider's if none does."""
    known = spent.settled(session, asked.provider)
    used = {line.source for line in lines}
    return {source: day for source, day in known.items() if source in used} or known


def note(session: Session, one: Due, found: Saved | Unmeasured, *, at: datetime) -> bool:
    """Write down what was found, and have it told where the card is shown. Returns whether it is news.

    What waits for its bills to settle is shown on the card alone. The last window ends the recommendation.
    """
    row = transitions.locked(session, one.recommendation_id)
    mine = (SavingsResult.measurement_id == one.measurement_id) & (SavingsResult.days == one.asked.windows.days)
    before = session.scalar(select(SavingsResult).where(mine).with_for_update())
    said = track.sentence(one.asked.windows, found)
    why = found.why if isinstance(found, Unmeasured) else None
    if before is not None and (before.why is None or before.said == said):
        return False
    news = before is None or before.why is not why
    result = before or SavingsResult(measurement_id=one.measurement_id, days=one.asked.windows.days)
    _fill(result, one.asked, found, said, at)
    session.add(result)
    session.flush()
    _tell(session, row, result, news=news)
    return news


def _fill(result: SavingsResult, asked: Asked, found: Saved | Unmeasured, said: str, at: datetime) -> None:
    windows = asked.windows
    result.before_start, result.after_start = windows.before.start, windows.after.start
    result.promised, result.said, result.measured_at = measuring.promised(asked.promised, windows.days).amount, said, at
    if isinstance(found, Unmeasured):
        result.why = found.why
        return
    result.why = None
    result.cost_before, result.cost_after = found.before.amount, found.after.amount
    result.unused, result.saved = found.unused.amount, found.saved.amount


def _tell(session: Session, row: Recommendation, result: SavingsResult, *, news: bool) -> None:
    name = f"measurement {result.measurement_id} after {result.days} days at {result.measured_at:%Y-%m-%d %H:%M}"
    if result.why is Why.NOT_SETTLED or not news:
        if posted.showing(session, row.id):
            posted.redraw(session, key=name, payload={posted.REDRAW: str(row.id)})
    elif result.why is not None:
        transitions.remark(session, row, Happened.UNMEASURED, by=transitions.FINDER, note=result.said)
    elif result.days == HORIZONS[-1] and row.state is State.APPLIED:
        transitions.move(session, row, State.MEASURED, Happened.MEASURED, note=result.said)
    else:
        transitions.remark(session, row, Happened.MEASURED, by=transitions.FINDER, note=result.said)


def newest(session: Session, row: Recommendation) -> SavingsResult | None:
    """Return what was found last of a carried-out recommendation: the longest window that is known."""
    asked = (
        select(SavingsResult)
        .join(SavingsMeasurement, SavingsMeasurement.id == SavingsResult.measurement_id)
        .where(SavingsMeasurement.recommendation_id == row.id, SavingsMeasurement.round == row.round)
    )
    return session.scalar(asked.order_by(SavingsResult.days.desc()).limit(1))


def carried_out(session: Session) -> list[tuple[Recommendation, list[SavingsResult]]]:
    """Return what was carried out, the last first, each with all that is known of what it saved."""
    asked = (
        select(SavingsMeasurement, Recommendation)
        .join(Recommendation, Recommendation.id == SavingsMeasurement.recommendation_id)
        .where(Recommendation.round == SavingsMeasurement.round)
        .order_by(SavingsMeasurement.started_at.desc(), SavingsMeasurement.id.desc())
    )
    known: dict[int, list[SavingsResult]] = defaultdict(list)
    for result in session.scalars(select(SavingsResult).order_by(SavingsResult.days)):
        known[result.measurement_id].append(result)
    return [(row, known[started.id]) for started, row in session.execute(asked)]


def records(session: Session, *, workspace: str | None = None) -> list[Record]:
    """Return what became of everything that was carried out: of each the longest window with a number.

    `workspace`: only of what may be seen there.
    """
    started = select(SavingsMeasurement).order_by(SavingsMeasurement.id)
    if workspace is not None:
        started = started.join(Recommendation, Recommendation.id == SavingsMeasurement.recommendation_id)
        started = started.where(Recommendation.workspace.in_(["", workspace]))
    best: dict[int, SavingsResult] = {}
    known = select(SavingsResult).where(SavingsResult.why.is_(None)).order_by(SavingsResult.days)
    for result in session.scalars(known):
        best[result.measurement_id] = result
    return [_record(one, best.get(one.id)) for one in session.scalars(started)]


def _record(one: SavingsMeasurement, result: SavingsResult | None) -> Record:
    monthly = Money(one.expected, one.currency)
    if result is None or result.saved is None:
        return Record(monthly)
    return Record(monthly, result.days, Money(result.saved, one.currency), Money(result.promised, one.currency))
