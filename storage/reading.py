"""How a notebook reads: one snapshot of the database, through a role that can only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from finops.errors import UnavailableError
from storage.database import reader_url


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session that sees one moment of the database, however many questions it asks, and changes nothing.

    A notebook that a job runs is told the reader's address in DATABASE_READER_URL, so it neither starts nor stops the
    embedded database; one that a person opens in an editor finds it as every other process does.
    """
    engine = create_engine(
        reader_url(),
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )
    try:
        with Session(engine) as session:
            yield session
    except OperationalError as error:
        message = f"The database did not answer ({str(error.orig).splitlines()[0]}): is it running and reachable?"
        raise UnavailableError(message) from error
