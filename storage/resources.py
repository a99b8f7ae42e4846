"""What the clouds' inventories listed, how much of it was used, and what it cost lately."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.money import EXACT
from finops.periods import Period
from finops.recommendations.findings import RecentCost
from finops.resources import DailyUtilization, Resource, resource_key
from storage.models import CloudResource, CostRecord, ResourceUtilization

BATCH = 1000
USED = "Used"
SINCE = "state_since"


def _row(resource: Resource, at: datetime) -> dict[Any, Any]:
    return {
        CloudResource.id: resource.key,
        CloudResource.provider: resource.provider,
        CloudResource.resource_id: resource.resource_id,
        CloudResource.resource_type: resource.resource_type,
        CloudResource.name: resource.name,
        CloudResource.region: resource.region,
        CloudResource.sub_account_id: resource.sub_account_id,
        CloudResource.state: resource.state,
        CloudResource.size: resource.size,
        CloudResource.attached_to: resource.attached_to,
        CloudResource.tags: resource.tags,
        # A provider that does not say since when is watched: the first inventory that saw the state counts.
        CloudResource.details: {SINCE: at.isoformat()} | resource.metadata | {"said_since": SINCE in resource.metadata},
        CloudResource.created_at: min(resource.created_at, at),
        CloudResource.inventoried_at: at,
        CloudResource.closed_at: None,
    }


def save_inventory(
    session: Session, provider: str, sub_accounts: Sequence[str], resources: Iterable[Resource], *, at: datetime
) -> int:
    """Save what an inventory of these sub accounts listed; what it no longer lists is closed, never deleted.

    Returns how many were closed. An inventory older than what is known changes nothing.
    """
    known = {resource.key: resource for resource in resources}
    rows = [_row(known[key], at) for key in sorted(known)]  # one order, so that two inventories cannot deadlock
    for start in range(0, len(rows), BATCH):
        _upsert(session, rows[start : start + BATCH])
    gone = (
        update(CloudResource)
        .where(CloudResource.provider == provider, CloudResource.sub_account_id.in_(list(sub_accounts)))
        .where(CloudResource.inventoried_at < at, CloudResource.closed_at.is_(None))
        .values(closed_at=at)
        .returning(CloudResource.id)
    )
    return len(session.scalars(gone, execution_options={"synchronize_session": False}).all())


def _upsert(session: Session, rows: list[dict[Any, Any]]) -> None:
    statement = insert(CloudResource).values(rows)
    fresh, old = statement.excluded, CloudResource
    unchanged = (old.state == fresh.state) & ~func.coalesce(fresh["metadata"]["said_since"].as_boolean(), False)
    kept = func.jsonb_build_object(SINCE, old.details[SINCE])
    changes: dict[str, Any] = {
        name: fresh[name]
        for name in ("resource_type", "name", "region", "sub_account_id", "state", "size", "attached_to", "tags")
    }
    changes |= {
        "metadata": case(
            (unchanged & old.details.has_key(SINCE), fresh["metadata"].op("||")(kept)), else_=fresh["metadata"]
        ),
        "created_at": func.least(old.created_at, fresh.created_at),
        "inventoried_at": fresh.inventoried_at,
        "closed_at": None,
    }
    newer = or_(old.inventoried_at.is_(None), old.inventoried_at <= fresh.inventoried_at)
    session.execute(statement.on_conflict_do_update(index_elements=[old.id], set_=changes, where=newer))


def save_utilization(session: Session, provider: str, rows: Iterable[DailyUtilization]) -> int:
    """Save measurements; a day that is told again replaces what was known. Unknown resources are left out."""
    by_key = {(resource_key(provider, row.resource_id), row.metric, row.day): row for row in rows}
    named = {key for key, _, _ in by_key}
    known = set(session.scalars(select(CloudResource.id).where(CloudResource.id.in_(named))))
    values = [
        {
            "resource_id": key,
            "metric": metric,
            "day": day,
            "minimum": row.minimum,
            "mean": row.mean,
            "p95": row.p95,
            "maximum": row.maximum,
            "samples": row.samples,
        }
        for (key, metric, day), row in sorted(by_key.items())
        if key in known
    ]
    for start in range(0, len(values), BATCH):
        statement = insert(ResourceUtilization).values(values[start : start + BATCH])
        columns = {name: statement.excluded[name] for name in ("minimum", "mean", "p95", "maximum", "samples")}
        session.execute(statement.on_conflict_do_update(index_elements=["resource_id", "metric", "day"], set_=columns))
    return len(values)


def load(session: Session, *, provider: str | None = None, include_closed: bool = False) -> list[Resource]:
    """Return what inventories listed, in a stable order. Resources known only from a bill are not among them."""
    statement = select(CloudResource).where(CloudResource.inventoried_at.is_not(None)).order_by(CloudResource.id)
    if provider:
        statement = statement.where(CloudResource.provider == provider)
    if not include_closed:
        statement = statement.where(CloudResource.closed_at.is_(None))
    return [
        Resource(
            provider=row.provider,
            resource_id=row.resource_id,
            resource_type=row.resource_type,
            name=row.name or "",
            region=row.region,
            sub_account_id=row.sub_account_id or "",
            state=row.state or "",
            size=row.size or "",
            created_at=row.created_at,
            attached_to=row.attached_to,
            tags=row.tags,
            metadata=row.details,
        )
        for row in session.scalars(statement)
    ]


def utilization(session: Session, period: Period) -> dict[uuid.UUID, list[DailyUtilization]]:
    """Return every measurement of the period by the resource's key, in order of days."""
    statement = (
        select(ResourceUtilization, CloudResource.resource_id)
        .join(CloudResource, CloudResource.id == ResourceUtilization.resource_id)
        .where(ResourceUtilization.day >= period.start, ResourceUtilization.day < period.end)
        .order_by(ResourceUtilization.resource_id, ResourceUtilization.metric, ResourceUtilization.day)
    )
    found: dict[uuid.UUID, list[DailyUtilization]] = defaultdict(list)
    for row, resource_id in session.execute(statement):
        numbers = (row.minimum, row.mean, row.p95, row.maximum, row.samples)
        found[row.resource_id].append(DailyUtilization(resource_id, row.metric, row.day, *numbers))
    return dict(found)


def recent_costs(session: Session, period: Period, currency: str) -> Mapping[uuid.UUID, RecentCost]:
    """Return each resource's effective cost in the period, and how much of it which commitment covered."""
    covering = case(
        (CostRecord.commitment_discount_status == USED, CostRecord.commitment_discount_id), else_=None
    ).label("covering")
    cost = func.sum(CostRecord.effective_cost)
    statement = (
        select(CostRecord.resource_id, covering, cost)
        .where(CostRecord.date >= period.start, CostRecord.date < period.end)
        .where(CostRecord.billing_currency == currency, CostRecord.resource_id.is_not(None))
        .group_by(CostRecord.resource_id, covering)
    )
    parts: dict[uuid.UUID, dict[str | None, Decimal]] = defaultdict(dict)
    for key, commitment, amount in session.execute(statement):
        parts[key][commitment] = amount
    return {key: _recent(currency, each) for key, each in parts.items()}


def _recent(currency: str, parts: Mapping[str | None, Decimal]) -> RecentCost:
    whole = Decimal(0)
    for amount in parts.values():
        whole = EXACT.add(whole, amount)
    return RecentCost(currency, whole, {name: amount for name, amount in parts.items() if name})
