"""What Slack sent: each delivery is acted on once, however often it is sent."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import Inbox


def first_time(session: Session, key: str) -> bool:
    """Note that a delivery came; False if it came before."""
    new = insert(Inbox).values(key=key).on_conflict_do_nothing(index_elements=["key"])
    return session.scalar(new.returning(Inbox.key)) is not None
