"""Known events: releases, holidays, migrations, as people recorded them or files brought them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from finops.known_events import Kind
from storage.models.base import Base, Now, RandomKey


class KnownEventRow(Base):
    """One known event of one workspace."""

    __tablename__ = "known_events"
    __table_args__ = (
        Index("ix_known_events_workspace_first_day", "workspace", "first_day"),
        Index("ix_known_events_workspace_source", "workspace", "source"),
    )

    id: Mapped[RandomKey]
    workspace: Mapped[str] = mapped_column(server_default=text("''"))
    """Slack's team id; empty for what the command line recorded."""
    title: Mapped[str]
    kind: Mapped[Kind]
    first_day: Mapped[date]
    end_day: Mapped[date]
    """The day after its last one."""
    scope: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """Whose costs it concerns: words of `/cost` with their values; nothing: all."""
    link: Mapped[str | None]
    source: Mapped[str | None]
    """The file or calendar that brought it, which brings all of its events anew; None: a person recorded it."""
    added_by: Mapped[str]
    added_at: Mapped[Now]
