"""Which service a resource is billed as: resources do not say so themselves, their charges do."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finops.focus import Dimension
from finops.periods import Period
from storage import charges
from storage.models import CostRecord

RECENT = timedelta(days=14)
"""Whatever can still be saved was billed on one of the ledger's last days; more of them would take long to read."""
WORDS = (Dimension.SERVICE.value, Dimension.SERVICE_CATEGORY.value)


def of(session: Session, resources: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, str | None]]:
    """Return service and category of each resource, by its id: those it costs most under, as some have several."""
    span = charges.spans(session)
    if span is None or not resources:
        return {}
    known = (CostRecord.resource_id, CostRecord.service_name, CostRecord.service_category)
    recent = Period(span.end - RECENT, span.end)
    cost = func.sum(CostRecord.effective_cost)
    found = session.execute(
        select(*known)
        .where(CostRecord.date >= recent.start, CostRecord.date < recent.end, CostRecord.resource_id.in_(resources))
        .group_by(*known)
        .order_by(cost)
    )
    return {one: dict(zip(WORDS, named, strict=True)) for one, *named in found if one}
