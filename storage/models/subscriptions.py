"""Who is told regularly."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from finops.digests import Ended, Every
from storage.models.base import Base, Instant, Json, Now, RandomKey


class Subscription(Base):
    """A digest that a channel or a person gets, at an hour of their day; one that ended stays, with when."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index(
            "ix_subscriptions_one_alive",
            "workspace",
            "channel",
            "cadence",
            "filters",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[RandomKey]
    workspace: Mapped[str]
    """Slack's team id."""
    channel: Mapped[str]
    """Slack's id of where it is posted: a channel's, or that of somebody's direct messages with the bot."""
    person: Mapped[str | None]
    """Whose direct messages these are; None of a channel."""
    cadence: Mapped[Every]
    filters: Mapped[Json]
    """Whose costs: lists of values by the ledger's word for what they filter; empty for all."""
    timezone: Mapped[str]
    """A name of the tz database, whose days and weeks count."""
    hour: Mapped[int] = mapped_column(server_default="9")
    weekday: Mapped[int] = mapped_column(server_default="0")
    """Of a weekly one: the day on which it is posted, 0 for Monday."""
    created_by: Mapped[str]
    created_at: Mapped[Now]
    deleted_at: Mapped[Instant | None]
    ended_why: Mapped[Ended | None]
    """Where it ended without anybody's ending it."""
