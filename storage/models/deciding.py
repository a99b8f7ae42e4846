"""What decisions rest on: what was shown, who approved it, and what follows from it."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from finops.recommendations.measuring import Why
from storage.models.base import Base, Cost, Instant, Json, Now, RandomKey

ONCE = "uq_recommendation_approvals_once"
_ABOUT = "optimization_recommendations.id"


class RecommendationOffer(Base):
    """What a card shows, and what its buttons are about: a new row whenever the figures or the resource change."""

    __tablename__ = "recommendation_offers"

    id: Mapped[RandomKey]
    workspace: Mapped[str] = mapped_column(server_default="")
    recommendation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_ABOUT), index=True)
    saving: Mapped[Cost]
    """A month, in `currency`."""
    currency: Mapped[str]
    resource: Mapped[Json]
    """Its fingerprint: state, size, place, attachment and tags as texts."""
    at: Mapped[Now]


class RecommendationApproval(Base):
    """Somebody's approval of an offer, one a person and round. It counts as long as what was offered holds."""

    __tablename__ = "recommendation_approvals"
    __table_args__ = (
        UniqueConstraint(
            "recommendation_id", "round", "enterprise", "workspace", "who", name=ONCE
        ),  # the usual is too long
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_ABOUT))
    round: Mapped[int]
    enterprise: Mapped[str]
    workspace: Mapped[str]
    who: Mapped[str]
    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recommendation_offers.id"))
    quorum: Mapped[int]
    """How many were needed for what was decided at once: many small savings are judged by their sum."""
    at: Mapped[Instant]


class ExecutionRequest(Base):
    """What was approved and waits to be carried out, once a round: by a later version's executor, or by hand."""

    __tablename__ = "execution_requests"
    __table_args__ = (UniqueConstraint("recommendation_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace: Mapped[str]
    recommendation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_ABOUT))
    round: Mapped[int]
    requested_by: Mapped[str]
    requested_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
    """When somebody said that it was done by hand."""


class SavingsMeasurement(Base):
    """From when a carried-out saving is held against the bill, and what was expected of it."""

    __tablename__ = "savings_measurements"
    __table_args__ = (UniqueConstraint("recommendation_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace: Mapped[str]
    recommendation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(_ABOUT))
    round: Mapped[int]
    started_at: Mapped[Instant]
    expected: Mapped[Cost]
    """A month, in `currency`."""
    currency: Mapped[str]


class SavingsResult(Base):
    """What a carried-out saving saved after some days, in its promise's currency, or why that cannot be said (yet)."""

    __tablename__ = "savings_results"
    __table_args__ = (UniqueConstraint("measurement_id", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    measurement_id: Mapped[int] = mapped_column(ForeignKey("savings_measurements.id"))
    days: Mapped[int]
    """7, 14 or 30: how long both windows are; their ends are exclusive."""
    before_start: Mapped[date]
    after_start: Mapped[date]
    why: Mapped[Why | None]
    """Why there are no amounts; it is tried again."""
    cost_before: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    cost_after: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    unused: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    """Coverage that was freed and that nothing else used."""
    saved: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    promised: Mapped[Cost]
    """Of these days."""
    said: Mapped[str]
    """As a sentence."""
    measured_at: Mapped[Instant]


class ResourceOwner(Base):
    """Whom a name in the tags `owner` and `team` stands for."""

    __tablename__ = "resource_owners"

    workspace: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    """As the tag has it, in lower case."""
    subject: Mapped[str]
    """Slack's id of a person or of a user group."""
    set_by: Mapped[str]
    set_at: Mapped[Now]
