"""Usual weeks of resources: how much of a metric is used at which hour of the week."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.resources import DailyUtilization
from finops.utilization import Profile, profile
from storage.models import CloudResource, UtilizationProfile

BATCH = 1000
Named = tuple[uuid.UUID, str]


def add(session: Session, rows: Mapping[tuple[uuid.UUID, str, date], DailyUtilization]) -> int:
    """Add days, by resource and metric, to the usual weeks; a day that is in one already changes nothing.

    The resources must be known. Returns how many weeks changed.
    """
    days: dict[Named, list[DailyUtilization]] = defaultdict(list)
    for (key, metric, _), row in rows.items():
        if row.hours:
            days[key, metric].append(row)
    before = _known(session, {key for key, _ in days})
    values = []
    for at, told in sorted(days.items()):
        found = profile(told, before.get(at))
        if found and found != before.get(at):
            values.append(_row(at, found))
    for start in range(0, len(values), BATCH):
        statement = insert(UtilizationProfile).values(values[start : start + BATCH])
        changes = {name: statement.excluded[name] for name in ("through", "means", "counts")}
        session.execute(statement.on_conflict_do_update(index_elements=["resource_id", "metric"], set_=changes))
    session.expire_all()
    return len(values)


def load(session: Session, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Profile]]:
    """Return the usual weeks of these resources, each in order of its metrics."""
    found: dict[uuid.UUID, list[Profile]] = defaultdict(list)
    for (key, _), one in sorted(_known(session, set(keys)).items()):
        found[key].append(one)
    return dict(found)


def _known(session: Session, keys: set[uuid.UUID]) -> dict[Named, Profile]:
    statement = (
        select(UtilizationProfile, CloudResource.resource_id)
        .join(CloudResource, CloudResource.id == UtilizationProfile.resource_id)
        .where(UtilizationProfile.resource_id.in_(keys))
    )
    return {
        (row.resource_id, row.metric): Profile(name, row.metric, row.through, tuple(row.means), tuple(row.counts))
        for row, name in session.execute(statement)
    }


def _row(at: Named, found: Profile) -> dict[str, Any]:
    key, metric = at
    means, counts = list(found.means), list(found.counts)
    return {"resource_id": key, "metric": metric, "through": found.through, "means": means, "counts": counts}
