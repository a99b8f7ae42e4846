"""What bills charged for the use of resources, day by day, and what nobody used of what covered them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import case, false, func, select
from sqlalchemy.orm import Session

from finops.commitments import Kind
from finops.focus import ChargeCategory
from finops.periods import Period
from finops.recommendations.measuring import Line, Waste
from storage import daily
from storage.models import CostRecord, Source
from storage.resources import BY_THE_HOUR

USAGE = (CostRecord.charge_category == ChargeCategory.USAGE) & CostRecord.charge_class.is_(None)


def lines(session: Session, keys: Collection[uuid.UUID], period: Period) -> Mapping[uuid.UUID, Sequence[Line]]:
    """Return the usage of these resources, in one reading of the ledger however many they are.

    A quantity is None where any row of its day has none.
    """
    covering = case((CostRecord.commitment_discount_status == Kind.USED.value, CostRecord.commitment_discount_id))
    timed = func.coalesce(CostRecord.pricing_unit.op("~*")(BY_THE_HOUR), false())
    groups = (
        CostRecord.resource_id, CostRecord.date, CostRecord.source_id, CostRecord.billing_currency,
        timed.label("timed"), covering.label("covering"),
    )  # fmt: skip
    whole = func.count() == func.count(CostRecord.pricing_quantity)
    asked = (
        select(*groups, func.sum(CostRecord.effective_cost), whole, func.sum(CostRecord.pricing_quantity))
        .where(CostRecord.date >= period.start, CostRecord.date < period.end)
        .where(CostRecord.resource_id.in_(keys), USAGE)
        .group_by(*groups)
        .order_by(CostRecord.date, CostRecord.source_id)
    )
    found: dict[uuid.UUID, list[Line]] = defaultdict(list)
    for key, day, source, currency, by_the_hour, commitment, cost, known, quantity in session.execute(asked):
        line = Line(day, source, currency, cost, by_the_hour, quantity if known else None, commitment)
        found[key].append(line)
    return found


def waste(session: Session, commitments: Collection[str], period: Period) -> list[Waste]:
    """Return what nobody used of these commitments."""
    if not commitments:
        return []
    groups = (CostRecord.commitment_discount_id, CostRecord.date, CostRecord.billing_currency)
    asked = (
        select(*groups, func.sum(CostRecord.effective_cost))
        .where(CostRecord.date >= period.start, CostRecord.date < period.end)
        .where(CostRecord.commitment_discount_id.in_(commitments))
        .where(CostRecord.commitment_discount_status == Kind.UNUSED.value)
        .group_by(*groups)
    )
    return [Waste(str(name), day, currency, cost) for name, day, currency, cost in session.execute(asked)]


def settled(session: Session, provider: str) -> dict[int, date | None]:
    """Return the last settled day of each source of a provider."""
    asked = select(Source.id, Source.settled_through).where(Source.provider == provider)
    return dict(session.execute(asked).all())


def collected(session: Session, period: Period) -> Mapping[int, set[date]]:
    """Return the days on which each source has usage."""
    return daily.collected(session, period=period)
