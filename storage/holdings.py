"""What discovery found, as people look for it: by where it is, what it is, and how it is tagged; and what it costs."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from finops.focus import ChargeCategory
from finops.money import Money
from finops.periods import Period
from finops.used import Summary
from storage import recommendations
from storage.models import CloudResource, CostRecord, Recommendation, ResourceUtilization

FEW = 6
"""So many are looked at where one was meant."""
COLUMNS: Mapping[str, InstrumentedAttribute[str] | InstrumentedAttribute[str | None]] = {
    "provider": CloudResource.provider,
    "account": CloudResource.sub_account_id,
    "region": CloudResource.region,
    "type": CloudResource.resource_type,
    "state": CloudResource.state,
}
"""What resources are looked for by, beside tags."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which resources: of each of `columns` one of these values, letter case aside, and every one of the tags."""

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tags: Sequence[tuple[str, str | None]] = ()
    """A key with its value, or a key alone for any value."""
    closed: bool = False
    """Whether those that are gone count, too."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a bill charged one resource for one SKU: the effective rate is the cost of a unit."""

    sku: str
    unit: str
    currency: str
    quantity: Decimal
    cost: Decimal


def find(session: Session, wanted: Wanted) -> list[CloudResource]:
    """Return what inventories listed, in a stable order. Resources known only from a bill are not among them."""
    found = select(CloudResource).where(*_listed(closed=wanted.closed))
    for name, values in wanted.columns.items():
        if values:
            found = found.where(func.lower(COLUMNS[name]).in_([value.lower() for value in values]))
    for key, value in wanted.tags:
        tag = CloudResource.tags[key].astext
        found = found.where(tag.is_not(None) if value is None else tag == value)
    return list(session.scalars(found.order_by(CloudResource.id)))


def known(session: Session, name: str, *, closed: bool) -> list[str]:
    """Return the values that one of the columns has, or the keys of tags for `tag`."""
    if name == "tag":
        keys = select(func.jsonb_object_keys(CloudResource.tags)).where(*_listed(closed=closed))
        return sorted(set(session.scalars(keys)))
    found = session.scalars(select(COLUMNS[name]).where(*_listed(closed=closed)).distinct())
    return sorted(value for value in found if value)


def _listed(*, closed: bool) -> list[ColumnElement[bool]]:
    listed = CloudResource.inventoried_at.is_not(None)
    return [listed] if closed else [listed, CloudResource.closed_at.is_(None)]


def named(session: Session, text: str) -> list[CloudResource]:
    """Return the resources that a text may mean, some of them if they are many.

    An id, name or key that is the text, letter case aside, is meant before those that begin with it.
    """
    each = (func.lower(CloudResource.resource_id), func.lower(CloudResource.name), cast(CloudResource.id, Text))
    for alike in (
        [one == text.lower() for one in each],
        [one.startswith(text.lower(), autoescape=True) for one in each],
    ):
        order = (CloudResource.closed_at.is_not(None), CloudResource.resource_id, CloudResource.id)
        found = list(session.scalars(select(CloudResource).where(or_(*alike)).order_by(*order).limit(FEW)))
        if found:
            return found
    return []


def costs(session: Session, period: Period, keys: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, list[Money]]:
    """Return the effective cost of resources in a period, of all or these, in every currency, the largest first."""
    cost = func.sum(CostRecord.effective_cost)
    statement = (
        select(CostRecord.resource_id, CostRecord.billing_currency, cost)
        .where(CostRecord.date >= period.start, CostRecord.date < period.end, CostRecord.resource_id.is_not(None))
        .group_by(CostRecord.resource_id, CostRecord.billing_currency)
        .order_by(cost.desc(), CostRecord.billing_currency)
    )
    found: dict[uuid.UUID, list[Money]] = defaultdict(list)
    if keys is not None:
        statement = statement.where(CostRecord.resource_id.in_(keys))
    for key, currency, amount in session.execute(statement):
        if key is not None:
            found[key].append(Money(amount, currency))
    return dict(found)


def used(session: Session, days: int, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Summary]]:
    """Sum up the newest days that anything was measured on, so many at most, by resource and metric."""
    row = ResourceUtilization
    last = session.scalar(select(func.max(row.day)))
    if last is None:
        return {}
    median = func.percentile_cont(0.5).within_group(row.p50)
    found = session.execute(
        select(
            row.resource_id,
            row.metric,
            func.count(),
            func.avg(row.mean),
            median,
            func.max(row.p95),
            func.max(row.maximum),
        )
        .where(row.day > last - timedelta(days), row.day <= last, row.resource_id.in_(keys))
        .group_by(row.resource_id, row.metric)
        .order_by(row.metric)
    )
    each: dict[uuid.UUID, dict[str, Summary]] = defaultdict(dict)
    for key, metric, *numbers in found:
        each[key][metric] = Summary(metric, *numbers)
    return dict(each)


def rates(session: Session, key: uuid.UUID, period: Period) -> list[Rate]:
    """Return what the bill charged one resource in a period, by SKU, the dearest first; without corrections."""
    of = (func.coalesce(CostRecord.sku_id, ""), func.coalesce(CostRecord.pricing_unit, ""), CostRecord.billing_currency)
    quantity, cost = func.sum(CostRecord.pricing_quantity), func.sum(CostRecord.effective_cost)
    found = session.execute(
        select(*of, quantity, cost)
        .where(CostRecord.resource_id == key, CostRecord.date >= period.start, CostRecord.date < period.end)
        .where(CostRecord.charge_category == ChargeCategory.USAGE, CostRecord.charge_class.is_(None))
        .group_by(*of)
        .having(quantity > 0)
        .order_by(cost.desc(), *of)
    )
    return [
        Rate(sku, unit, currency, amount, money) for sku, unit, currency, amount, money in found if amount is not None
    ]


def advice(session: Session, keys: Collection[uuid.UUID]) -> list[Recommendation]:
    """Return what could still be saved on these resources, the largest first."""
    alive = select(Recommendation).where(Recommendation.state.in_(recommendations.ALIVE))
    order = (Recommendation.potential_savings.desc(), Recommendation.id)
    return list(session.scalars(alive.where(Recommendation.resource_id.in_(keys)).order_by(*order)))
