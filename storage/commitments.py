"""How commitments were used, as the ledger knows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from finops.commitments import Kind, Use
from finops.focus import ChargeCategory
from finops.periods import Period
from storage.models import CostRecord

STANDARD, COMMITTED = "Standard", "Committed"


def used(session: Session, *, period: Period, currency: str) -> list[Use]:
    """Return use by commitment, waste, and use at standard prices, of providers whose bills tell them apart."""
    return [use for _, use in _uses(session, period, currency)]


def daily(session: Session, *, period: Period, currency: str) -> list[tuple[date, Use]]:
    """Return the same by day."""
    return [(row[0], use) for row, use in _uses(session, period, currency, CostRecord.date)]


def _uses(
    session: Session, period: Period, currency: str, *by: InstrumentedAttribute[Any]
) -> list[tuple[Sequence[Any], Use]]:
    kind = case(
        (CostRecord.commitment_discount_status.is_not(None), CostRecord.commitment_discount_status),
        else_=Kind.OPEN.value,
    )
    groups = (CostRecord.provider, func.coalesce(CostRecord.service_name, ""), kind, CostRecord.commitment_discount_id)
    about = or_(CostRecord.commitment_discount_status.is_not(None), CostRecord.pricing_category == STANDARD)
    # Some bills write what is covered at a contracted cost of nothing.
    on_demand = case((CostRecord.contracted_cost != 0, CostRecord.contracted_cost), else_=CostRecord.list_cost)
    rows = session.execute(
        select(*by, *groups, func.sum(CostRecord.effective_cost), func.sum(on_demand))
        .where(*_of(period, currency), CostRecord.charge_category == ChargeCategory.USAGE, about)
        .group_by(*by, *groups)
    )
    silent = set(untold(session, period=period, currency=currency))
    found: list[tuple[Sequence[Any], Use]] = []
    for *when, provider, service, what, commitment, effective, worth in rows:
        if provider not in silent:
            found.append((when, Use(provider, service, Kind(what), commitment, effective, worth)))
    return found


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
