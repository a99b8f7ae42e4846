"""Models of forecasts: a row a version, how it was trained and judged, and whether it is in use."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Instant, Json, Now


class ModelState(StrEnum):
    """Where a version stands: `candidate` while it is trained and judged."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    RETIRED = "retired"


class ForecastModel(Base):
    """One version of the model that answers one question. At most one of them is in use."""

    __tablename__ = "forecast_models"
    __table_args__ = (
        UniqueConstraint("question", "version"),
        Index("ix_forecast_models_active", "question", unique=True, postgresql_where=text("state = 'active'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[str]
    """`finops.forecasting.questions.Question.written()`."""
    version: Mapped[int]
    """Counted from 1, a question each."""
    state: Mapped[ModelState]
    members: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    """What the median is taken of; of a candidate none yet."""
    parameters: Mapped[Json]
    """What it was trained with: allowed members, days ahead."""
    trained_at: Mapped[Now]
    through: Mapped[date]
    """The last day that it knew."""
    fingerprint: Mapped[str]
    """Of the deliveries that it was trained on (SHA-256)."""
    error: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    """Of later past forecasts: miss over the seasonal naive forecast's; below 1 is better."""
    compared_with: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    """The same of the version in use before, on the same days."""
    backtest: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """`finops.forecasting.values.Backtest` of the forecast that it was trained with."""
    reason: Mapped[str | None]
    """Why it is in use, or is not."""
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id"))
    """The run of the notebook that trained and judged it: its evidence."""
    retired_at: Mapped[Instant | None]
