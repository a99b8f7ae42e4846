"""Waiting until somebody waits."""

from __future__ import annotations

import time

from sqlalchemy import text

from storage.database import transaction

WAITING = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")


def until_somebody_waits(within: float = 10.0) -> None:
    """Return once a transaction of the database waits for another one."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        with transaction() as session:
            if session.scalar(WAITING):
                return
    message = "nobody waits"
    raise AssertionError(message)
