"""A database that is not there, or that the settings misname, is told in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import storage.database
from finops.errors import UnavailableError
from storage import migrate
from storage.database import engine, libpq, statement, transaction, url
from storage.models import Source

Opened = Callable[[], AbstractContextManager[Session]]


def _costs(home: Path, address: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COSTS_HOME": str(home), "DATABASE_URL": address}
    command = [sys.executable, "-m", "costs", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "address",
    ["notaurl", "mysql://a/b", "sqlite:///x", "postgresql://u:se@cret@127.0.0.1:notaport/x"],
)
def test_an_address_that_is_none_of_a_postgresql_is_told_without_being_shown(tmp_path: Path, address: str) -> None:
    """It is a setting, so the sentence names the setting; and it may hold a password."""
    done = _costs(tmp_path, address, "db", "url")
    assert done.returncode == 1
    assert done.stderr.startswith("costs: The setting DATABASE_URL is no address of a PostgreSQL")
    assert address not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid"])
@pytest.mark.parametrize("words", [("jobs",), ("db", "upgrade"), ("clock",)])
def test_a_database_that_does_not_answer_is_told_in_a_sentence(
    tmp_path: Path, host: str, words: tuple[str, ...]
) -> None:
    """Whichever command asks it first."""
    done = _costs(tmp_path, f"postgresql://someone@{host}/costs", *words)
    assert done.returncode == 1
    assert done.stderr.startswith("costs: The database did not answer")
    assert done.stderr.count("\n") == 1


def test_a_database_of_a_newer_version_is_left_alone(database: Path) -> None:
    """An older checkout on a newer database would else tell of a revision that it cannot find."""
    del database
    with engine().begin() as connection:
        was = connection.execute(text("select version_num from alembic_version")).scalar_one()
        connection.execute(text("update alembic_version set version_num = '9999'"))
    try:
        with pytest.raises(UnavailableError, match="newer version of costs"):
            migrate.ensure()
    finally:
        with engine().begin() as connection:
            connection.execute(text("update alembic_version set version_num = :was"), {"was": was})


@pytest.mark.parametrize("opened", [transaction, statement])
def test_a_connection_that_died_while_nobody_used_it_is_replaced(
    database: Path, monkeypatch: pytest.MonkeyPatch, opened: Opened
) -> None:
    """As after a restart of the database."""
    del database
    monkeypatch.setattr(storage.database, "IDLE", 0.0)
    engine().dispose()  # the pool then holds the one connection that dies, and leaves no dead one to other tests
    with opened() as session:
        dead = session.scalar(text("select pg_backend_pid()"))
    with psycopg.connect(libpq(url())) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [dead])
    with opened() as session:
        assert session.scalar(text("select pg_backend_pid()")) != dead


def test_a_statement_is_kept_without_being_committed(database: Path) -> None:
    """It commits by itself, and what comes after it in the same connection is a transaction again."""
    del database
    source = insert(Source).values(format="focus")
    with statement() as session:
        session.execute(source.values(name="here"))
        with transaction() as other:
            assert other.scalar(select(Source.name)) == "here"
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(source, [{"name": "there"}, {"name": "here"}])
    with transaction() as session:
        assert list(session.scalars(select(Source.name))) == ["here"]


def test_an_address_that_will_not_answer_says_so(tmp_path: Path) -> None:
    """The embedded database stops after its last user, and `costs db url` is its only one."""
    done = _costs(tmp_path, "", "db", "url")
    assert done.stdout.startswith("postgresql://")
    assert "`costs db start`" in done.stderr
