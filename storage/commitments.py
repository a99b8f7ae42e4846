"""How commitments were used, as the ledger knows it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from finops.commitments import Kind, Use
from finops.focus import ChargeCategory
from finops.periods import Period
from storage.models import CostRecord

STANDARD, COMMITTED = "Standard", "Committed"


def daily(session: Session, *, period: Period, currency: str) -> list[tuple[date, Use]]:
    """Return use by day and commitment, waste, and use at standard prices, of providers whose bills tell them apart."""
    kind = case(
        (CostRecord.commitment_discount_status.is_not(None), CostRecord.commitment_discount_status),
        else_=Kind.OPEN.value,
    )
    groups = (CostRecord.provider, func.coalesce(CostRecord.service_name, ""), kind, CostRecord.commitment_discount_id)
    about = or_(CostRecord.commitment_discount_status.is_not(None), CostRecord.pricing_category == STANDARD)
    # Some bills write what is covered at a contracted cost of nothing.
    on_demand = case((CostRecord.contracted_cost != 0, CostRecord.contracted_cost), else_=CostRecord.list_cost)
    rows = session.execute(
        select(CostRecord.date, *groups, func.sum(CostRecord.effective_cost), func.sum(on_demand))
        .where(*_of(period, currency), CostRecord.charge_category == ChargeCategory.USAGE, about)
        .group_by(CostRecord.date, *groups)
    )
    silent = set(untold(session, period=period, currency=currency))
    return [
        (day, Use(provider, service, Kind(what), commitment, effective, worth))
        for day, provider, service, what, commitment, effective, worth in rows
        if provider not in silent
    ]


def untold(session: Session, *, period: Period, currency: str) -> list[str]:
    """Return providers that sold commitments and whose bills do not spread their cost over what used them."""
    spread = func.bool_and(CostRecord.effective_cost == CostRecord.billed_cost)
    bought = or_(CostRecord.commitment_discount_id.is_not(None), CostRecord.pricing_category == COMMITTED)
    purchases = select(CostRecord.provider).where(
        *_of(period, currency),
        CostRecord.charge_category == ChargeCategory.PURCHASE,
        bought,
        CostRecord.billed_cost != 0,
    )
    return list(session.scalars(purchases.group_by(CostRecord.provider).having(spread).order_by(CostRecord.provider)))


def _of(period: Period, currency: str) -> tuple[ColumnElement[bool], ...]:
    return CostRecord.date >= period.start, CostRecord.date < period.end, CostRecord.billing_currency == currency
