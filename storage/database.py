"""The way to the database: its address, one engine a process, and the transaction at the edge."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial

from pydantic import SecretStr
from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from finops.errors import BadSettingError, UnavailableError
from storage import postgres
from storage.settings import settings

READER = "costs_reader"
SCHEMES = ("postgres", "postgresql")
IDLE = 1.0
"""Seconds after which a connection is asked whether it is still alive: at every use that costs more than most uses."""
_USED = "costs_used"


def url() -> str:
    """Return the database's SQLAlchemy address; starts the embedded one if DATABASE_URL is unset."""
    given = settings().database_url
    if given is None:
        return postgres.start(settings().home)
    return _address("DATABASE_URL", given).render_as_string(hide_password=False)


def _address(name: str, given: SecretStr) -> URL:
    """Read a setting. Raises BadSettingError, which does not show it: it may hold a password."""
    try:
        found = make_url(given.get_secret_value())
    except (ArgumentError, ValueError):  # no address at all, or a port that is no number
        found = None
    if found is None or found.get_backend_name() not in SCHEMES:
        message = (
            f"The setting {name} is no address of a PostgreSQL: write postgresql://user:password@host:5432/name, "
            "the special characters of a password as %40 and the like."
        )
        raise BadSettingError(message)
    return found.set(drivername="postgresql+psycopg")


def reader_url() -> str:
    """Return the address with which notebooks connect: a role that can only read."""
    given = settings().database_reader_url
    if given is not None:
        return _address("DATABASE_READER_URL", given).render_as_string(hide_password=False)
    address = make_url(url())
    if settings().database_url is None:  # the embedded one trusts its socket, so the role needs no password
        return address.set(username=READER, password=None).render_as_string(hide_password=False)
    query = {**address.query, "options": f"-c role={READER} -c default_transaction_read_only=on"}
    return address.set(query=query).render_as_string(hide_password=False)


def libpq(address: str) -> str:
    """Return the same address as libpq and psycopg read it."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


@cache
def engine() -> Engine:
    """One pool a process. It survives a restart of the database."""
    made = create_engine(url(), pool_size=10, max_overflow=10)
    event.listen(made, "checkin", _note_use)
    event.listen(made, "checkout", partial(_look_whether_alive, made))
    return made


def _note_use(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    del connection
    entry.info[_USED] = time.monotonic()


def _look_whether_alive(made: Engine, connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
    """Have a dead connection replaced, as the pool's own `pre_ping` does."""
    if time.monotonic() - entry.info.get(_USED, float("inf")) < IDLE:
        return
    try:
        made.dialect.do_ping(connection)
    except made.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session that commits when the block ends well and rolls back when it does not."""
    session = Session(engine(), expire_on_commit=False)
    with answering(), session, session.begin():
        yield session


@contextmanager
def statement() -> Iterator[Session]:
    """Open a session for one statement, which commits by itself: beginning and ending are round trips of their own."""
    with answering(), Session(_committing(), expire_on_commit=False) as session, session.begin():
        yield session


@cache
def _committing() -> Engine:
    return engine().execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def answering() -> Iterator[None]:
    """Tell in a sentence that there is no database. Raises UnavailableError."""
    try:
        yield
    except OperationalError as error:
        if error.connection_invalidated or "connection" in str(error.orig) or _refused(error):
            said = str(error.orig).partition("\n")[0]
            message = f"The database did not answer ({said}): is it running and reachable?"
            raise UnavailableError(message) from error
        raise


def _refused(error: OperationalError) -> bool:
    """Whether no connection came about: what fails within one has a number of PostgreSQL's."""
    return getattr(error.orig, "sqlstate", None) is None


def data_directory() -> str:
    """Say which data folder the server really uses; tests check it before they change anything."""
    with engine().connect() as connection:
        return str(connection.execute(text("show data_directory")).scalar_one())
