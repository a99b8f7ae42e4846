"""Recommendations and the record of every decision."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from finops.recommendations.lifecycle import Happened, State
from storage.models.base import Base, Cost, Instant, Json, Now, RandomKey


class Recommendation(Base):
    """Something that could be saved, with the notebook run that found it."""

    __tablename__ = "optimization_recommendations"
    __table_args__ = (
        Index(
            "ix_optimization_recommendations_one_alive",
            "resource_id",
            "recommendation_type",
            unique=True,
            postgresql_where=text("state IN ('open', 'approved', 'snoozed', 'applying', 'unknown')"),
        ),
    )

    id: Mapped[RandomKey]
    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cloud_resources.id"))
    recommendation_type: Mapped[str]
    potential_savings: Mapped[Cost]
    """A month, in `currency`."""
    currency: Mapped[str]
    confidence_score: Mapped[float]
    title: Mapped[str]
    reason: Mapped[str]
    details: Mapped[Json]
    """`command`, `undo`, `console_url`, the service its resource is billed as, and the numbers the reason rests on."""
    state: Mapped[State]
    decided_by: Mapped[str | None]
    decided_at: Mapped[Instant | None]
    workspace: Mapped[str] = mapped_column(server_default="")
    """Whose it is; '' for what the analysis found, which every workspace of this installation sees."""
    requested_by: Mapped[str | None]
    """Who asked for it; empty for what the analysis found, whose approval is everybody's."""
    assigned_to: Mapped[str | None]
    until: Mapped[Instant | None]
    """When a snooze or a dismissal ends, if it does."""
    round: Mapped[int] = mapped_column(server_default="1")
    """Counts how often it was opened: an approval counts in its round only."""
    offer_id: Mapped[uuid.UUID | None]
    """The newest `RecommendationOffer`: what its cards show."""
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id"))
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class RecommendationEvent(Base):
    """One thing that happened to it: who, when, from which state to which, often the same. Rows are only ever added."""

    __tablename__ = "recommendation_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("optimization_recommendations.id"), index=True)
    at: Mapped[Now]
    workspace: Mapped[str] = mapped_column(server_default="")
    who: Mapped[str]
    act: Mapped[Happened]
    before: Mapped[State | None]
    after: Mapped[State]
    note: Mapped[str | None]
