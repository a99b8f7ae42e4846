"""What cards show: an offer is a row, so that a click can be held against what stood there when it was made."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finops.errors import NotOpenError
from finops.money import Money
from finops.recommendations.offers import Offer
from storage.models import CloudResource, Recommendation, RecommendationOffer


def find(session: Session, value: uuid.UUID, *, workspace: str) -> RecommendationOffer:
    """Return the offer of a button; a button from before there were offers names a recommendation.

    Raises NotOpenError for one that was deleted, or is another workspace's.
    """
    found = session.get(RecommendationOffer, value)
    if found is None:
        old = select(RecommendationOffer).where(RecommendationOffer.recommendation_id == value)
        found = session.scalar(old.order_by(RecommendationOffer.at, RecommendationOffer.id).limit(1))
    if found is None or found.workspace not in ("", workspace):
        message = "This recommendation is not there any more: `/cost recommendations` lists those there are."
        raise NotOpenError(message)
    return found


def value(row: RecommendationOffer) -> Offer:
    """Return it as the rules see it."""
    return Offer(Money(row.saving, row.currency), {name: str(each) for name, each in row.resource.items()})


def current(session: Session, row: Recommendation) -> Offer | None:
    """Return what the cards of a recommendation show, if anything was offered yet."""
    last = session.get(RecommendationOffer, row.offer_id) if row.offer_id else None
    return value(last) if last else None


def newest(session: Session, row: Recommendation) -> Offer:
    """Return what the cards of a recommendation show, once there is something."""
    return value(session.get_one(RecommendationOffer, row.offer_id))


def renew(session: Session, row: Recommendation, resource: dict[str, str] | None = None) -> bool:
    """Make a new offer of a recommendation if its figures or its resource changed; returns whether it did."""
    seen = resource if resource is not None else fingerprint(session.get(CloudResource, row.resource_id))
    now = Offer(Money(row.potential_savings, row.currency), seen)
    if now == current(session, row):
        return False
    offer = RecommendationOffer(
        workspace=row.workspace, recommendation_id=row.id, saving=now.saving.amount, currency=now.saving.currency,
        resource=dict(seen),
        at=func.clock_timestamp(),
    )  # fmt: skip
    session.add(offer)
    session.flush()
    row.offer_id = offer.id
    session.flush()
    return True


def fingerprint(row: CloudResource | None) -> dict[str, str]:
    """Return what of a resource must not change between a card and its approval."""
    if row is None:
        return {}
    parts = {"state": row.state, "size": row.size, "region": row.region, "attached to": row.attached_to}
    tags = {f"tag {name}": str(each) for name, each in row.tags.items()}
    return {name: each for name, each in {**parts, **tags}.items() if each}
