"""What empties the database between tests gives way to a bot that still works in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import text

from storage.database import engine
from tests.emptied import empty


def test_a_transaction_that_goes_on_reading_is_waited_for_and_none_is_broken_off(database: Path) -> None:
    """It reads a table, and then one that comes before it: whoever locks them in their order meets it crosswise."""
    del database
    with ThreadPoolExecutor(1) as other, engine().begin() as working:
        working.execute(text("select count(*) from outbox"))
        emptied = other.submit(empty)
        while not working.scalar(text("select count(*) from pg_locks where not granted")):
            assert not emptied.done()
        working.execute(text("select count(*) from alert_days"))
        working.commit()
        emptied.result(timeout=30)
