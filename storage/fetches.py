"""Which versions of which deliveries were fetched and loaded, so that none is fetched twice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import FetchedVersion


def known(session: Session, source: str) -> set[str]:
    """Return the versions of a source that are loaded, or were once."""
    return set(session.scalars(select(FetchedVersion.version).where(FetchedVersion.source == source)))


def note(session: Session, source: str, version: str) -> None:
    """Note that a version was loaded."""
    session.execute(insert(FetchedVersion).values(source=source, version=version).on_conflict_do_nothing())
