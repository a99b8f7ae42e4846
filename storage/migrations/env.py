"""Alembic's entry: run the migrations in one transaction, under a lock, on the project's own engine."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text
from sqlalchemy.schema import SchemaItem

from storage.database import engine
from storage.models import Base

LOCK = 0x636F737473  # "costs"


def ours(item: SchemaItem, name: str | None, kind: str, reflected: bool, _: SchemaItem | None) -> bool:  # noqa: FBT001
    """Leave out what other hands keep: the queue's tables and the ledger's partitions."""
    del item
    foreign = name is not None and name.startswith(("procrastinate_", "cost_records_"))
    return not (reflected and kind == "table" and foreign)


with engine().connect() as connection:
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
