"""Anomalies: events that detectors found, and what people say of them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from finops.anomalies.feedback import Verdict
from storage.models.base import Base, Cost, Instant, Now, RandomKey


class Anomaly(Base):
    """One event: costs of one scope that were out of order from a day on. Amounts in `currency`."""

    __tablename__ = "anomalies"
    __table_args__ = (
        Index(
            "ix_anomalies_one_a_day",
            "scope",
            "currency",
            "rising",
            "first_day",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_anomalies_end_day", "end_day"),
    )

    id: Mapped[RandomKey]
    scope: Mapped[str]
    """`finops.anomalies.scopes.Scope.written()`."""
    currency: Mapped[str]
    kind: Mapped[str]
    """`finops.anomalies.detectors.Kind`."""
    rising: Mapped[bool]
    first_day: Mapped[date]
    end_day: Mapped[date]
    """The first day in order again; of an event that lasts, the day after the last one known."""
    expected: Mapped[Cost]
    """A day, as the following two."""
    actual: Mapped[Cost]
    excess: Mapped[Cost]
    """Below nothing where less was spent."""
    excess_so_far: Mapped[Cost]
    """In all its days."""
    monthly: Mapped[Cost]
    """What it costs a month if it stays as it was in its last week."""
    months: Mapped[float]
    """In so many months of the scope's past its like comes once."""
    lasts: Mapped[bool]
    rule: Mapped[str]
    """The rule that it is judged by."""
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("anomalies.id"), index=True)
    """The event whose other side it is: a team's, of a service's."""
    sentence: Mapped[str | None]
    """Why, in one sentence, once its notebook has run."""
    causes: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id"))
    """The run of the notebook that is its evidence."""
    found_at: Mapped[Now]
    withdrawn_at: Mapped[Instant | None]
    """When bills were restated and it was no event any more."""


class AnomalyFeedback(Base):
    """What somebody said of an event. Rows are only ever added; the last one counts."""

    __tablename__ = "anomaly_feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    anomaly_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("anomalies.id"), index=True)
    at: Mapped[Now]
    who: Mapped[str]
    verdict: Mapped[Verdict]
    note: Mapped[str | None]
