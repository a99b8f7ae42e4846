"""The database emptied after a test, though a bot that some tests started may still read and write in it."""

from __future__ import annotations

import stamina
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import engine
from storage.models import Base

QUEUE = ("procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers")
GIVE_WAY = "200ms"
"""Well below PostgreSQL's deadlock_timeout of a second: who empties lets go first, and a bot's work goes on."""
MONTHS = "select inhrelid::regclass::text from pg_inherits where inhparent = 'cost_records'::regclass"


def empty() -> None:
    """Take every row out, and the partitions of the charges. Tables that are in use are waited for."""
    try:
        _giving_way()
    except DBAPIError:  # what holds a table for so long lets go only of who waits: autovacuum, after a second
        _empty()


@stamina.retry(on=DBAPIError, attempts=None, timeout=20, wait_initial=0.02, wait_max=0.5)
def _giving_way() -> None:
    _empty(GIVE_WAY)


def _empty(wait: str = "0") -> None:
    names = ", ".join([*(table.name for table in Base.metadata.sorted_tables), *QUEUE])
    with engine().begin() as connection:
        connection.execute(text(f"set local lock_timeout = '{wait}'"))
        connection.execute(text(f"truncate {names} restart identity cascade"))
        for month in connection.scalars(text(MONTHS)).all():
            connection.execute(text(f"drop table {month}"))
