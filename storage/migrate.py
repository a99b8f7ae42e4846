"""Bring the database to the newest schema, and say whether it is there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from storage.database import engine

ROOT = Path(__file__).resolve().parent.parent


def upgrade() -> None:
    """Run every migration that is missing. Two at once wait for each other."""
    from alembic import command  # noqa: PLC0415  slow to import, and most processes find nothing to do
    from alembic.config import Config  # noqa: PLC0415

    command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")


def _newest() -> str:
    return max((ROOT / "storage/migrations/versions").glob("[0-9]*.py")).name.split("_")[0]


def ensure() -> None:
    """Upgrade unless the schema is already the newest one; a look costs a millisecond."""
    with engine().connect() as connection:
        known = connection.execute(text("select to_regclass('alembic_version')")).scalar()
        if known and connection.execute(text("select version_num from alembic_version")).scalar() == _newest():
            return
    upgrade()
