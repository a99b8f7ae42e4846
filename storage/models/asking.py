"""What was asked where: a channel's scope, and the question above a thread."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Json, Now


class ChannelScope(Base):
    """What a channel asks about unless it says otherwise."""

    __tablename__ = "channel_scopes"
    __table_args__ = (PrimaryKeyConstraint("workspace", "channel"),)

    workspace: Mapped[str]
    """Slack's team id; '' for the command line, whose channel is '', too."""
    channel: Mapped[str]
    filters: Mapped[Json]
    """Lists of values by the ledger's word for what they filter."""
    set_by: Mapped[str]
    set_at: Mapped[Now]


class AskedThread(Base):
    """The last question of a thread, which a reply refines."""

    __tablename__ = "asked_threads"
    __table_args__ = (PrimaryKeyConstraint("workspace", "channel", "thread"),)

    workspace: Mapped[str]
    channel: Mapped[str]
    thread: Mapped[str]
    """Slack's `ts` of the message that it hangs on; who asked, where that was in no thread and in no channel ('')."""
    question: Mapped[str]
    """As it is written in full, days included."""
    asked_by: Mapped[str]
    asked_at: Mapped[Now] = mapped_column(index=True)
