"""Who was granted which role, and the record of every grant."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from finops.roles import Role
from storage.models.base import Base, Now


class RoleGrant(Base):
    """The role of a person or of a user group in a workspace."""

    __tablename__ = "role_grants"

    enterprise: Mapped[str] = mapped_column(primary_key=True)
    workspace: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    """Slack's id: U… or W… of a person, S… of a user group."""
    role: Mapped[Role]
    granted_by: Mapped[str]
    granted_at: Mapped[Now]


class RoleEvent(Base):
    """One grant or revocation: who, when, of whom, from what to what. Rows are only ever added."""

    __tablename__ = "role_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise: Mapped[str]
    workspace: Mapped[str]
    at: Mapped[Now]
    who: Mapped[str]
    """Slack's user id, or at the command line `name (command line)`."""
    subject: Mapped[str]
    before: Mapped[Role | None]
    after: Mapped[Role | None]
