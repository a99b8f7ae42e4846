"""Time that passes: what was to be waited for is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from bot import deliver
from storage.database import transaction
from storage.models import Outbox, SlackPace


def due() -> None:
    """Let the time pass that was to be waited."""
    with transaction() as session:
        before = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(Outbox).values(next_attempt_at=before))
        session.execute(update(SlackPace).values(free_at=before))


def posted() -> None:
    """Let it pass, and all be posted that is due."""
    due()
    while deliver.once():
        due()
