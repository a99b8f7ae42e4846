"""The database emptied after a test, though a bot that some tests started may still read and write in it."""

from __future__ import annotations

import stamina
from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage.database import engine
from storage.models import Base

QUEUE = ("procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers")
GIVE_WAY = "200ms"
"""Well below PostgreSQL's deadlock_timeout of a second: who empties lets go first, and a bot's work goes on."""
MONTHS = "select inhrelid::regclass::text from pg_inherits where inhparent = 'cost_records'::regclass"


def _held(error: Exception) -> bool:
    return isinstance(error, OperationalError) and isinstance(error.orig, LockNotAvailable)


@stamina.retry(on=_held, attempts=None, timeout=30, wait_initial=0.02, wait_max=0.5)
def empty() -> None:
    """Take every row out, and the partitions of the charges. Tables that are in use are waited for."""
    names = ", ".join([*(table.name for table in Base.metadata.sorted_tables), *QUEUE])
    with engine().begin() as connection:
        connection.execute(text(f"set local lock_timeout = '{GIVE_WAY}'"))
        connection.execute(text(f"truncate {names} restart identity cascade"))
        for month in connection.scalars(text(MONTHS)).all():
            connection.execute(text(f"drop table {month}"))
