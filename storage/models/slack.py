"""Slack's side: workspaces that may ask, what they sent, the pace at which they are written to, and what went wrong."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Instant, Now


class InboxState(StrEnum):
    """Where a delivery stands. `refused`: a form sent back to be mended, or a stranger's."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"


class WorkspaceState(StrEnum):
    """Where a workspace stands. `waiting`: installed, and not admitted yet; `ended`: uninstalled or sent away."""

    ADMITTED = "admitted"
    WAITING = "waiting"
    ENDED = "ended"


class Inbox(Base):
    """What Slack sent, kept before it is acknowledged, by a key that a replay repeats."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("workspace", "key"),
        Index("ix_inbox_due", "next_attempt_at", postgresql_where=text("state IN ('waiting', 'working')")),
        Index("ix_inbox_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    workspace: Mapped[str]
    key: Mapped[str]
    payload: Mapped[str | None]
    """JSON as text, as Slack may send what PostgreSQL's JSON refuses (a NUL); gone some days after the work is done."""
    state: Mapped[InboxState] = mapped_column(server_default=InboxState.WAITING.value)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[Now]
    received_at: Mapped[Now]
    ended_at: Mapped[Instant | None]
    error: Mapped[str | None]


class SlackPace(Base):
    """When a channel may be written to again, or a workspace's histories be read again: for all processes together."""

    __tablename__ = "slack_pace"
    __table_args__ = (PrimaryKeyConstraint("workspace", "what"),)

    workspace: Mapped[str]
    what: Mapped[str]
    """`post CHANNEL` or `history`."""
    free_at: Mapped[Instant]


class Workspace(Base):
    """A Slack workspace that installed the app; of its tokens only what the keys of COSTS_TOKEN_KEYS encrypted."""

    __tablename__ = "workspaces"

    workspace: Mapped[str] = mapped_column(primary_key=True)
    """Slack's team id; of an installation for a whole organization that one's id."""
    enterprise: Mapped[str | None]
    name: Mapped[str]
    state: Mapped[WorkspaceState]
    token: Mapped[bytes | None]
    refresh_token: Mapped[bytes | None]
    expires_at: Mapped[Instant | None]
    """When the token does; none of a token that lasts."""
    bot_id: Mapped[str | None]
    bot_user: Mapped[str | None]
    scopes: Mapped[str]
    installed_by: Mapped[str]
    installed_at: Mapped[Now]
    admitted_by: Mapped[str | None]
    admitted_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]

    @property
    def is_organization(self) -> bool:
        """Whether it is no workspace, but the installation of a whole organization."""
        return self.workspace == self.enterprise


class OwnWorkspace(Base):
    """The workspace of SLACK_BOT_TOKEN, as the bot learnt it: jobs hold no token to ask with. One row at most."""

    __tablename__ = "own_workspace"

    workspace: Mapped[str] = mapped_column(primary_key=True)
    noted_at: Mapped[Now]


class OAuthState(Base):
    """A ticket of `costs workspaces connect`, or a state that Slack has to bring back: each counts once."""

    __tablename__ = "oauth_states"

    state: Mapped[str] = mapped_column(primary_key=True)
    """Its SHA-256: who reads the table can use none of them."""
    made_by: Mapped[str | None]
    """Who made a ticket, and so admits what is installed with it; None of a state."""
    ticket: Mapped[str | None]
    """Of a state: the ticket it was begun with, if any."""
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class SurpriseError(Base):
    """Something that should not have happened, under the id that the person was told."""

    __tablename__ = "errors"
    __table_args__ = (Index("ix_errors_at", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace: Mapped[str]
    at: Mapped[Now]
    place: Mapped[str]
    """What was being done, such as `asking.cost`."""
    who: Mapped[str]
    asked: Mapped[str]
    summary: Mapped[str]
    traceback: Mapped[str]
