"""The rules once more for one resource, at the moment somebody decides: what they say now, not what a card showed."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from finops import trend
from finops.money import Money
from finops.periods import ONE_DAY, Period
from finops.recommendations import idle
from finops.recommendations.findings import RecommendationType
from finops.recommendations.offers import Offer
from storage import charges, offers, resources
from storage.models import CloudResource, Recommendation

COST_DAYS, USE_DAYS = 30, 14
"""What the notebook `idle_resources` looks at."""
GONE = "the resource is gone: its cloud no longer lists it"
UNFOUND = "by what is known now this would save nothing any more"


def now(session: Session, row: Recommendation) -> Offer | str:
    """Return what an approval would save now and the resource as it is, or a sentence's half that says why nothing.

    Money and use are as of the last complete day, read anew.
    """
    resource = session.get(CloudResource, row.resource_id, populate_existing=True)
    if resource is None or resource.closed_at is not None:
        return GONE
    saving = _saving(session, row)
    return UNFOUND if saving is None else Offer(saving, offers.fingerprint(resource))


def _saving(session: Session, row: Recommendation) -> Money | None:
    if row.recommendation_type not in list(RecommendationType):  # another rule's: its last run is the newest there is
        return Money(row.potential_savings, row.currency)
    settled = charges.settled_through(session)
    if not settled:
        return None
    today = trend.complete_through(settled) + ONE_DAY
    costs = resources.recent_costs(session, Period.last_days(COST_DAYS, today), row.currency, only=row.resource_id)
    known, whole = costs.get(row.resource_id), None
    if known is not None and known.flexible:  # where freed coverage lands depends on everything else
        whole = resources.recent_costs(session, Period.last_days(COST_DAYS, today), row.currency)
    found = idle.find(
        resources.load(session, only=None if whole else row.resource_id),
        resources.utilization(session, Period.last_days(USE_DAYS, today), [row.resource_id]),
        whole or costs,
        today=today,
    )
    return next((one.monthly_saving for one in found if _is(one.resource_id, one.recommendation_type, row)), None)


def _is(resource: uuid.UUID, kind: str, row: Recommendation) -> bool:
    return (resource, str(kind)) == (row.resource_id, row.recommendation_type)
