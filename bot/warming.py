"""The first question of a process costs ten times the second: this asks it before a person does."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from bot import workspaces
from bot.blocks import draft as drawn
from bot.drafts import cost
from bot.questions import parse
from finops.errors import CostsError
from storage.database import transaction


def warm() -> None:
    """Ask and draw a question, for the sake of connections, compiled statements and cached pages."""
    # Nothing to answer yet, or no database: whoever asks first is told.
    with suppress(CostsError):
        workspaces.home()
    with suppress(CostsError, SQLAlchemyError), transaction() as session:
        for text in ("", "last 7 days by service"):
            drawn.build(cost.draft(session, parse(text, today=datetime.now(UTC).date())))


def in_background() -> threading.Thread:
    """Start it; nobody waits for it."""
    thread = threading.Thread(target=warm, name="warming", daemon=True)
    thread.start()
    return thread
