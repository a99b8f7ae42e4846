"""What an event's days were made of in the ledger, held against the usual days before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    Date,
    Integer,
    Row,
    Select,
    case,
    column,
    func,
    select,
    true,
    tuple_,
    values,
)
from sqlalchemy.orm import Session

from finops.allocation import Rule, assigned, needed
from finops.anomalies.causes import Part
from finops.anomalies.compared import Compared
from finops.anomalies.parts import Kept, Names, covering, told
from finops.anomalies.scopes import Of, Scope
from finops.focus import ChargeCategory, Dimension, Metric
from finops.periods import ONE_DAY, Period
from storage import accounts, charges, covered, selecting, skus
from storage.models import CloudResource, CostRecord, Source, TagSet

MOST = 1000
"""Combinations that are told apart, those whose cost moved most; the rest is told by its SKU, and then as one."""
COMMITTED, UNUSED = "Committed", "Unused"
BY = (
    CostRecord.provider,
    CostRecord.sub_account_id,
    CostRecord.service_name,
    CostRecord.region_id,
    CostRecord.sku_id,
    CostRecord.pricing_unit,
)
DEEP = (CostRecord.resource_id, CostRecord.tag_set_id)
SUMS = ("expected", "actual", "expected_quantity", "quantity", "expected_committed", "committed")


def parts(
    session: Session,
    scope: Scope,
    days: Compared,
    *,
    currency: str,
    teams: Sequence[Rule] = (),
    metric: Metric = Metric.EFFECTIVE,
) -> list[Part]:
    """Return every combination of region, resource, SKU and tags, for a team those of account and service, too.

    Amounts a day. Those expected add up to the whole's exactly, as the days are chosen so. What moved least is added up
    where there is too much of it, without a value. Usage alone, as it is watched. Raises UnknownWordError.
    """
    counted = {day: (days.expected.get(day, 0), days.actual.get(day, 0)) for day in {*days.expected, *days.actual}}
    if not counted:
        return []
    if scope.of is Of.COMMITMENT:
        return _committed(session, scope, days, currency)
    span = Period(min(counted), max(counted) + ONE_DAY)
    rows = session.execute(_told_apart(_summed(_of(session, scope, span, currency, teams), counted, currency, metric)))
    found = rows.all()
    called = skus.names(session, {(row.provider, row.sku_id) for row in found[:MOST] if row.sku_id})
    return told([_kept(row, days, called) for row in found], accounts.labels(session), whole=scope.of is Of.TEAM)


def _committed(session: Session, scope: Scope, days: Compared, currency: str) -> list[Part]:
    """Return what a commitment covers by account, region and SKU, and what of it nobody used."""
    found = covered.one(session, scope, currency=currency)
    wanted = {(found.life.provider, group[-1]) for group in found.costs}
    names = {sku: name for (_, sku), name in skus.names(session, wanted).items()}
    tags = covered.tags(session, found, currency=currency)
    return covering(found.costs, days, Names(names, accounts.labels(session), tags), found.life.inside)


def _summed(rows: Select[Any], counted: Mapping[date, tuple[int, int]], currency: str, metric: Metric) -> CTE:
    """Sum rows of the ledger on these days by everything, each as often as its day counts."""
    times = values(column("day", Date), column("expected", Integer), column("actual", Integer), name="times")
    times = times.data([(day, *each) for day, each in sorted(counted.items())])
    cost, quantity = getattr(CostRecord, metric.value), CostRecord.pricing_quantity
    unused = func.coalesce(CostRecord.commitment_discount_status, "") == UNUSED
    used = case(((CostRecord.pricing_category == COMMITTED) & ~unused, cost), else_=0)
    sums = [func.sum(amount * side) for amount in (cost, quantity, used) for side in (times.c.expected, times.c.actual)]
    groups = [*BY, unused.label("unused"), *DEEP]
    return (
        rows.add_columns(*groups, *(one.label(name) for one, name in zip(sums, SUMS, strict=True)))
        .add_columns(
            (func.count() == func.count(quantity)).label("counted"),
            func.min(case((cost != 0, CostRecord.date))).label("since"),
        )
        .join(times, times.c.day == CostRecord.date)
        .where(
            CostRecord.date.in_(sorted(counted)),
            CostRecord.billing_currency == currency,
            CostRecord.charge_category == ChargeCategory.USAGE,
            CostRecord.charge_class.is_(None),
        )
        .group_by(*groups)
        .cte("summed")
    )


def _of(session: Session, scope: Scope, span: Period, currency: str, teams: Sequence[Rule]) -> Select[Any]:
    """Return the ledger's rows of a scope; those of a team are the ones that its rules leave it."""
    if scope.of is not Of.TEAM:
        narrowed = (
            selecting.narrowed(selecting.expression(word, CostRecord), each) for word, each in scope.where.items()
        )
        return selecting.of_ledger([], [span]).where(*narrowed)
    words = list(needed(teams))
    known = charges.sums(session, period=span, currency=currency, group_by=words)
    mine = [tuple(one.key[word] or "" for word in words) for one in known if assigned(teams, one.key)[0] == scope.team]
    rows = selecting.of_ledger(words, [span])
    if Dimension.SOURCE in words:
        rows = rows.outerjoin(Source, Source.id == CostRecord.source_id)
    keys = [func.coalesce(selecting.expression(word, CostRecord), "") for word in words]
    return rows.where(tuple_(*keys).in_(mine) if words else true())


def _told_apart(summed: CTE) -> Select[Any]:
    """Return the combinations that moved most, and of all others only what they are of."""
    moved = func.abs(summed.c.actual - summed.c.expected)
    order = (moved.desc(), *(summed.c[name.key] for name in DEEP))
    place = func.row_number().over(order_by=order).label("place")
    ranked = select(summed, place).cte("ranked")
    deep = [case((ranked.c.place <= MOST, ranked.c[name.key])).label(name.key) for name in DEEP]
    groups = [*(ranked.c[name.key] for name in BY), ranked.c.unused, *deep]
    each = (
        select(*groups, *(func.sum(ranked.c[name]).label(name) for name in SUMS))
        .add_columns(func.bool_and(ranked.c.counted).label("counted"), func.min(ranked.c.since).label("since"))
        .group_by(*groups)
        .cte("each")
    )
    return (
        select(
            each, CloudResource.resource_id.label("resource"), CloudResource.name.label("resource_name"), TagSet.tags
        )
        .outerjoin(CloudResource, CloudResource.id == each.c.resource_id)
        .outerjoin(TagSet, TagSet.id == each.c.tag_set_id)
        .order_by(func.abs(each.c.actual - each.c.expected).desc(), *(each.c[name.key] for name in (*BY, *DEEP)))
    )


def _kept(row: Row[Any], days: Compared, called: Mapping[tuple[str, str], str]) -> Kept:
    counted = row.counted and row.expected_quantity is not None
    sku = row.sku_id and called.get((row.provider, row.sku_id), f"{row.sku_id} ({row.pricing_unit})")
    return Kept(
        provider=row.provider,
        account=row.sub_account_id,
        service=row.service_name,
        region=row.region_id,
        sku=sku,
        resource=row.resource,
        resource_name=row.resource_name,
        unused=row.unused,
        tags=row.tags or {},
        part=Part(
            (),
            days.a_day(row.expected),
            days.a_day(row.actual),
            days.a_day(row.expected_quantity) if counted else None,
            days.a_day(row.quantity) if counted else None,
            (days.a_day(row.expected_committed), days.a_day(row.committed)),
            row.since,
        ),
    )
