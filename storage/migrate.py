"""Bring the database to the newest schema, and say whether it is there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from finops.errors import UnavailableError
from storage.database import answering, engine

ROOT = Path(__file__).resolve().parent.parent


def upgrade() -> None:
    """Run every migration that is missing. Two at once wait for each other. Raises UnavailableError."""
    from alembic import command  # noqa: PLC0415  slow to import, and most processes find nothing to do
    from alembic.config import Config  # noqa: PLC0415

    with answering():
        _refuse_a_newer_one()
        command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")


def _refuse_a_newer_one() -> None:
    with engine().connect() as connection:
        found = _version(connection)
    if found and found > _newest():
        message = (
            f"The database is of a newer version of costs (schema {found}, this one knows {_newest()}): update costs."
        )
        raise UnavailableError(message)


def _version(connection: Connection) -> str | None:
    known = connection.execute(text("select to_regclass('alembic_version')")).scalar()
    return connection.execute(text("select version_num from alembic_version")).scalar() if known else None


def _newest() -> str:
    return max((ROOT / "storage/migrations/versions").glob("[0-9]*.py")).name.split("_")[0]


def ensure() -> None:
    """Upgrade unless the schema is already the newest one; a look costs a millisecond."""
    with answering(), engine().connect() as connection:
        if _version(connection) == _newest():
            return
    upgrade()
