"""What the ledger holds of one source and billing period, summed as reconciling asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, case, func, not_, select
from sqlalchemy.orm import Session

from finops.periods import ONE_DAY, Period
from finops.reconcile import Commitment
from finops.reconcile.parts import REFUNDS
from storage.models import CostRecord, Delivery, DeliveryStatus, Source


@dataclass(frozen=True, slots=True)
class Loaded:
    """The delivery that stands in the ledger for a source's billing period."""

    source_id: int
    source: str
    provider: str | None
    settled_through: date | None
    delivery: Delivery


def loaded(session: Session, period: Period, source: str | None) -> list[Loaded]:
    """Return what is loaded of a billing period, by source; of one source if it is named."""
    found = (
        select(Source, Delivery)
        .join(Delivery)
        .where(Delivery.billing_period == period.start, Delivery.status == DeliveryStatus.LOADED)
        .order_by(Source.name)
    )
    rows = session.execute(found.where(Source.name == source) if source else found)
    return [Loaded(one.id, one.name, one.provider, one.settled_through, delivery) for one, delivery in rows]


def totals(session: Session, source_id: int, month: date) -> dict[str, tuple[Decimal, Decimal, int]]:
    """Return billed cost, effective cost and number of charges by currency."""
    found = session.execute(
        select(
            CostRecord.billing_currency,
            func.sum(CostRecord.billed_cost),
            func.sum(CostRecord.effective_cost),
            func.sum(CostRecord.charges),
        )
        .where(CostRecord.source_id == source_id, CostRecord.billing_period == month)
        .group_by(CostRecord.billing_currency)
    )
    return {currency: (billed, effective, int(count)) for currency, billed, effective, count in found}


def by_day_and_service(
    session: Session, source_id: int, month: date, currency: str
) -> dict[tuple[date, str], tuple[Decimal, Decimal]]:
    """Return billed and effective cost by day and service: where a difference hides."""
    service = func.coalesce(CostRecord.service_name, "")
    found = session.execute(
        select(CostRecord.date, service, func.sum(CostRecord.billed_cost), func.sum(CostRecord.effective_cost))
        .where(
            CostRecord.source_id == source_id,
            CostRecord.billing_period == month,
            CostRecord.billing_currency == currency,
        )
        .group_by(CostRecord.date, service)
    )
    return {(day, name): (billed, effective) for day, name, billed, effective in found}


def span(session: Session, source_id: int, until: date) -> Period | None:
    """Return the days from a source's first billing period to `until` (exclusive); nothing if it has none."""
    first = select(func.min(CostRecord.billing_period)).where(CostRecord.source_id == source_id)
    start = session.scalar(first)
    return Period(start, max(start, until)) if start else None


def commitments(session: Session, source_id: int, until: date) -> Iterator[tuple[str, Commitment]]:
    """Return each commitment's purchases and use, by currency, over all billing periods before `until`."""
    status, billed = CostRecord.commitment_discount_status, CostRecord.billed_cost
    refund = and_(status.is_(None), billed < 0, CostRecord.charge_category.in_(REFUNDS))
    purchase = and_(CostRecord.charge_category == "Purchase", not_(refund))
    nothing = Decimal(0)
    found = session.execute(
        select(
            CostRecord.billing_currency,
            CostRecord.commitment_discount_id,
            func.sum(case((purchase, billed), else_=nothing)),
            func.sum(case((status == "Used", CostRecord.effective_cost), else_=nothing)),
            func.sum(case((status == "Unused", CostRecord.effective_cost), else_=nothing)),
            func.sum(CostRecord.charges),
            func.min(CostRecord.date),
            func.max(CostRecord.date).filter(status.is_not(None)),
            func.max(CostRecord.date),
            func.sum(case((refund, -billed), else_=nothing)),
            func.sum(case((refund, -CostRecord.effective_cost), else_=nothing)),
        )
        .where(
            CostRecord.source_id == source_id,
            CostRecord.billing_period < until,
            CostRecord.commitment_discount_id.is_not(None),
        )
        .group_by(CostRecord.billing_currency, CostRecord.commitment_discount_id)
        .order_by(CostRecord.billing_currency, CostRecord.commitment_discount_id)
    )
    for currency, name, bought, used, unused, charges, first, last_use, last, *refunds in found:
        yield currency, Commitment(name, bought, used, unused, int(charges), first, last_use or last, *refunds)


def last_day(period: Period, settled_through: date | None) -> date:
    """Return the last complete day of a billing period, or the day before it if none is."""
    return min(settled_through or period.start - ONE_DAY, period.end - ONE_DAY)
