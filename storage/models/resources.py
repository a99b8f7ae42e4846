"""Resources and their utilization."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, REAL, ForeignKey, PrimaryKeyConstraint, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Instant, Json, Now


class CloudResource(Base):
    """A resource that a bill or an inventory named. One that vanished is closed, never deleted."""

    __tablename__ = "cloud_resources"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """`finops.resources.resource_key(provider, resource_id)`."""
    provider: Mapped[str]
    resource_id: Mapped[str]
    """The provider's own id (FOCUS ResourceId)."""
    resource_type: Mapped[str]
    name: Mapped[str | None]
    region: Mapped[str]
    sub_account_id: Mapped[str | None]
    state: Mapped[str | None]
    size: Mapped[str | None]
    attached_to: Mapped[str | None]
    tags: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    details: Mapped[Json] = mapped_column("metadata")
    created_at: Mapped[Now]
    """When the cloud made it; for a resource only known from a bill, when it was first seen."""
    inventoried_at: Mapped[Instant | None]
    """When an inventory last listed it; empty for a resource only known from a bill."""
    closed_at: Mapped[Instant | None]


class ResourceUtilization(Base):
    """One metric of one resource on one day. CPU is a ratio, 0 to 1."""

    __tablename__ = "resource_utilization"
    __table_args__ = (PrimaryKeyConstraint("resource_id", "metric", "day"),)

    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cloud_resources.id"))
    metric: Mapped[str]
    day: Mapped[date]
    minimum: Mapped[float]
    mean: Mapped[float]
    p95: Mapped[float]
    maximum: Mapped[float]
    samples: Mapped[int]
    p50: Mapped[float | None]
    p99: Mapped[float | None]
    p995: Mapped[float | None]


class UtilizationProfile(Base):
    """A resource's usual week of one metric: `finops.utilization.Profile`."""

    __tablename__ = "utilization_profiles"
    __table_args__ = (PrimaryKeyConstraint("resource_id", "metric"),)

    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cloud_resources.id"))
    metric: Mapped[str]
    through: Mapped[date]
    means: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    """168 hours from Monday, 0:00 UTC, in four bytes each: seven digits are more than a mean of weeks knows."""
    counts: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
