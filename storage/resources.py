"""What the clouds' inventories listed, how much of it was used, and what it cost lately."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.money import total
from finops.periods import Period
from finops.recommendations.findings import RecentCost
from finops.resources import DailyUtilization, Resource, resource_key
from storage import profiles
from storage.models import CloudResource, CostRecord, ResourceUtilization

BATCH = 1000
NUMBERS = ("minimum", "mean", "p95", "maximum", "samples", "p50", "p99", "p995")
USED = "Used"
BY_THE_HOUR = "hour|hrs"
"""How AWS (Hrs), Azure (1 Hour) and Google (hour, gibibyte hour) write that unit."""
SINCE, SEEN = "state_since", "seen_since"
"""When a resource came into its state: said by the provider or watched; and when it was first seen in it."""

Asked = tuple[str, str | None] | tuple[str, str | None, str]
"""A sub account, its region where regions are asked one by one, and a kind of resource where kinds are."""


def save_inventory(
    session: Session, provider: str, asked: Iterable[Asked], resources: Iterable[Resource], *, at: datetime
) -> int:
    """Save what an inventory listed; what it asked for and no longer lists is closed, never deleted.

    Returns how many were closed. An inventory older than what is known changes nothing.
    """
    listed = {resource.key: resource for resource in resources}
    keys = sorted(listed)  # one order, so that two inventories cannot deadlock
    for start in range(0, len(keys), BATCH):
        _upsert(session, [listed[key] for key in keys[start : start + BATCH]], at)
    gone = (
        update(CloudResource)
        .where(CloudResource.provider == provider, or_(false(), *_within(asked)))
        .where(CloudResource.inventoried_at < at, CloudResource.closed_at.is_(None))
        .values(closed_at=at)
        .returning(CloudResource.id)
    )
    return len(session.scalars(gone, execution_options={"synchronize_session": False}).all())


def _within(asked: Iterable[Asked]) -> Iterator[ColumnElement[bool]]:
    places: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for account, region, *kind in asked:
        places[account, region] += kind
    for (account, region), kinds in places.items():
        here = (CloudResource.sub_account_id == account) & (CloudResource.region == region if region else true())
        yield here & CloudResource.resource_type.in_(kinds) if kinds else here


def _upsert(session: Session, resources: Sequence[Resource], at: datetime) -> None:
    before = select(CloudResource.id, CloudResource.state, CloudResource.details).where(
        CloudResource.id.in_([one.key for one in resources]), CloudResource.inventoried_at.is_not(None)
    )
    known = {key: (state, details) for key, state, details in session.execute(before)}
    statement = insert(CloudResource).values([_row(one, known.get(one.key), at) for one in resources])
    fresh, old = statement.excluded, CloudResource
    same = ("resource_type", "name", "region", "sub_account_id", "state", "size", "attached_to", "tags", "metadata")
    changes: dict[str, Any] = {name: fresh[name] for name in (*same, "inventoried_at", "closed_at")}
    changes["created_at"] = func.least(old.created_at, fresh.created_at)
    newer = or_(old.inventoried_at.is_(None), old.inventoried_at <= fresh.inventoried_at)
    session.execute(statement.on_conflict_do_update(index_elements=[old.id], set_=changes, where=newer))
    session.expire_all()


def _row(resource: Resource, before: tuple[str | None, dict[str, Any]] | None, at: datetime) -> dict[Any, Any]:
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
        CloudResource.details: {SEEN: at.isoformat()} | resource.metadata | _since(resource, before, at),
        CloudResource.created_at: min(resource.created_at, at),
        CloudResource.inventoried_at: at,
        CloudResource.closed_at: None,
    }


def _since(resource: Resource, before: tuple[str | None, dict[str, Any]] | None, at: datetime) -> dict[str, str]:
    """Return since when the state holds, of all that is known: what a provider says reaches only so far back."""
    said = resource.metadata.get(SINCE)
    if before is None:
        return {}
    state, details = before
    if state != resource.state:
        return {SINCE: said or at.isoformat()}
    earliest = min((str(one) for one in (said, details.get(SINCE)) if one), default=None)
    seen = {SEEN: details[SEEN]} if SEEN in details else {}
    return seen | ({SINCE: earliest} if earliest else {})


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
            "p50": row.p50,
            "p99": row.p99,
            "p995": row.p995,
        }
        for (key, metric, day), row in sorted(by_key.items())
        if key in known
    ]
    for start in range(0, len(values), BATCH):
        statement = insert(ResourceUtilization).values(values[start : start + BATCH])
        columns = {name: statement.excluded[name] for name in NUMBERS}
        session.execute(statement.on_conflict_do_update(index_elements=["resource_id", "metric", "day"], set_=columns))
    profiles.add(session, {at: row for at, row in by_key.items() if at[0] in known})
    return len(values)


def load(
    session: Session, *, provider: str | None = None, include_closed: bool = False, only: uuid.UUID | None = None
) -> list[Resource]:
    """Return what inventories listed, in a stable order. Resources known only from a bill are not among them."""
    statement = select(CloudResource).where(CloudResource.inventoried_at.is_not(None)).order_by(CloudResource.id)
    if only:
        statement = statement.where(CloudResource.id == only)
    if provider:
        statement = statement.where(CloudResource.provider == provider)
    if not include_closed:
        statement = statement.where(CloudResource.closed_at.is_(None))
    return [of_row(row) for row in session.scalars(statement)]


def of_row(row: CloudResource) -> Resource:
    """Return the resource that a row is about."""
    return Resource(
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


def utilization(
    session: Session, period: Period, keys: Collection[uuid.UUID] | None = None
) -> dict[uuid.UUID, list[DailyUtilization]]:
    """Return every measurement of the period by the resource's key, of all or these, in order of days."""
    statement = (
        select(ResourceUtilization, CloudResource.resource_id)
        .join(CloudResource, CloudResource.id == ResourceUtilization.resource_id)
        .where(ResourceUtilization.day >= period.start, ResourceUtilization.day < period.end)
        .order_by(ResourceUtilization.resource_id, ResourceUtilization.metric, ResourceUtilization.day)
    )
    if keys is not None:
        statement = statement.where(ResourceUtilization.resource_id.in_(keys))
    found: dict[uuid.UUID, list[DailyUtilization]] = defaultdict(list)
    for row, resource_id in session.execute(statement):
        numbers = [getattr(row, name) for name in NUMBERS]
        found[row.resource_id].append(DailyUtilization(resource_id, row.metric, row.day, *numbers))
    return dict(found)


def recent_costs(
    session: Session, period: Period, currency: str, *, only: uuid.UUID | None = None
) -> Mapping[uuid.UUID, RecentCost]:
    """Return each resource's effective cost in the period: what which commitment covered, and what was by the hour."""
    covering = case(
        (CostRecord.commitment_discount_status == USED, CostRecord.commitment_discount_id), else_=None
    ).label("covering")
    timed = func.coalesce(CostRecord.pricing_unit.op("~*")(BY_THE_HOUR), false()).label("timed")
    cost = func.sum(CostRecord.effective_cost)
    statement = (
        select(CostRecord.resource_id, covering, timed, cost)
        .where(CostRecord.date >= period.start, CostRecord.date < period.end)
        .where(CostRecord.billing_currency == currency, CostRecord.resource_id.is_not(None))
        .group_by(CostRecord.resource_id, covering, timed)
    )
    if only:
        statement = statement.where(CostRecord.resource_id == only)
    parts: dict[uuid.UUID, list[tuple[str | None, bool, Decimal]]] = defaultdict(list)
    for key, commitment, by_the_hour, amount in session.execute(statement):
        parts[key].append((commitment, by_the_hour, amount))
    return {key: _recent(currency, each) for key, each in parts.items()}


def _recent(currency: str, parts: Sequence[tuple[str | None, bool, Decimal]]) -> RecentCost:
    covered = {
        name: total(amount for commitment, _, amount in parts if commitment == name) for name, _, _ in parts if name
    }
    return RecentCost(
        currency,
        effective=total(amount for _, _, amount in parts),
        covered=covered,
        timed=total(amount for _, by_the_hour, amount in parts if by_the_hour),
    )
