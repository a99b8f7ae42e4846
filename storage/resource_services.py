"""Which service a resource is billed as: resources do not say so themselves, their charges do."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finops.focus import Dimension
from finops.money import EXACT
from storage import charges
from storage.models import CostRecord

RECENT = timedelta(days=62)
"""A bill by the month, of a source that is a month late, is among these days."""
WORDS = (Dimension.SERVICE.value, Dimension.SERVICE_CATEGORY.value)


def of(session: Session, resources: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """Return service and category of each resource, by its id: the service it costs most under, as some have several.

    One that was not billed of late is not told. Reads the ledger of two months: nothing for who waits for an answer.
    """
    span = charges.spans(session)
    if span is None or not resources:
        return {}
    key = (CostRecord.resource_id, CostRecord.service_name, CostRecord.service_category)
    recent = CostRecord.date >= span.end - RECENT, CostRecord.resource_id.is_not(None)
    costs: dict[uuid.UUID, dict[str, Decimal]] = defaultdict(dict)
    categories: dict[str, str] = {}
    for one, service, category, cost in session.execute(
        select(*key, func.sum(CostRecord.effective_cost)).where(*recent).group_by(*key).order_by(*key)
    ):
        if one and one in resources and service:
            costs[one][service] = EXACT.add(costs[one].get(service, Decimal(0)), cost)
            categories[service] = category or categories.get(service, "")
    most = {one: max(each, key=lambda name: each[name]) for one, each in costs.items()}
    return {one: dict(zip(WORDS, (name, categories[name]), strict=True)) for one, name in most.items()}
