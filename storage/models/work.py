"""Work: slots of the timetable, runs, what they left behind, and what goes out."""

from __future__ import annotations

import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Instant, Json, Now, RandomKey


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class OutboxState(StrEnum):
    """Where a message stands. `ambiguous`: handed over, but the answer was lost."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    AMBIGUOUS = "ambiguous"
    FAILED = "failed"


class RequestState(StrEnum):
    """Where a person's request stands."""

    PENDING = "pending"
    DEFERRED = "deferred"


class Run(Base):
    """One execution of a job or a notebook."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_job_started_at", "job", "started_at"),)

    id: Mapped[RandomKey]
    job: Mapped[str]
    """A job's name, or `notebook:NAME`."""
    slot: Mapped[Instant | None]
    parameters: Mapped[Json]
    started_at: Mapped[Now]
    ended_at: Mapped[Instant | None]
    outcome: Mapped[Outcome]
    error: Mapped[str | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """The validated result value of a notebook, or a job's summary."""


class Slot(Base):
    """A due instant of the timetable, taken once however many clocks tick."""

    __tablename__ = "slots"
    __table_args__ = (PrimaryKeyConstraint("job", "slot"),)

    job: Mapped[str]
    slot: Mapped[Instant]
    created_at: Mapped[Now]


class Artifact(Base):
    """A file that a run left: an executed notebook, its page, a picture. Its content never changes."""

    __tablename__ = "artifacts"

    id: Mapped[RandomKey]
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("runs.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    address: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[Now]


class Outbox(Base):
    """What leaves the system, written in the transaction of its cause, under a key that says what it is."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("workspace", "key"),
        Index("ix_outbox_due", "kind", "next_attempt_at", postgresql_where=text("state IN ('pending', 'sending')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace: Mapped[str] = mapped_column(server_default="")
    """Slack's team id of who is to see it; '' for the deployment's own workspace, and for mails."""
    key: Mapped[str]
    kind: Mapped[str]
    """`slack_message`, `slack_answer`, `slack_chart`, `slack_reply`, `slack_awaited`, `mail`, and for outlets."""
    payload: Mapped[Json]
    state: Mapped[OutboxState] = mapped_column(server_default=OutboxState.PENDING.value)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[Now]
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What the receiver answered: `channel` and `ts` of a Slack message."""
    error: Mapped[str | None]
    created_at: Mapped[Now]
    sent_at: Mapped[Instant | None]


class Request(Base):
    """What a person asked a worker to do."""

    __tablename__ = "requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    parameters: Mapped[Json]
    requested_by: Mapped[str]
    state: Mapped[RequestState] = mapped_column(server_default=RequestState.PENDING.value)
    created_at: Mapped[Now]
