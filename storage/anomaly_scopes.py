"""Which events are of the costs that somebody asks about."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.anomalies.belonging import belongs
from finops.anomalies.scopes import Scope
from storage import accounts, filters
from storage.models import Anomaly


def of(session: Session, rows: Sequence[Anomaly], where: Mapping[str, Sequence[str]]) -> list[Anomaly]:
    """Return those of these events that are of the costs that filters name, all of them without filters.

    An event is so by its series, by another side of it that was merged into it, or by most of its causes. These are
    read anew: they are found after the event is.
    """
    if not where or not rows:
        return list(rows)
    named, called, ids = filters.named(session, where), accounts.labels(session), [row.id for row in rows]
    asked = select(Anomaly.id, Anomaly.causes).where(Anomaly.id.in_(ids))
    causes = {key: found or [] for key, found in session.execute(asked)}
    sides = _sides(session, ids)
    return [
        row
        for row in rows
        if belongs(Scope.read(row.scope), causes.get(row.id, []), named, called)
        or any(side.fits(named) for side in sides[row.id])
    ]


def _sides(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, list[Scope]]:
    found: dict[uuid.UUID | None, list[Scope]] = defaultdict(list)
    merged = select(Anomaly.merged_into, Anomaly.scope).where(
        Anomaly.merged_into.in_(ids), Anomaly.withdrawn_at.is_(None)
    )
    for parent, scope in session.execute(merged):
        found[parent].append(Scope.read(scope))
    return found
