"""The ledger's own affairs: replacing a source's billing period by a fresh partition, in the caller's transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from psycopg import Connection
from psycopg.errors import CheckViolation, LockNotAvailable
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from finops.errors import CostsError, UnavailableError
from storage import rolling
from storage.models import CostRecord

PIECE = 1 << 20
CSV = "from stdin (format csv, header true, null '\\N')"
COLUMNS = """id, date, provider, billing_account_id, sub_account_id, sub_account_name, service_name, service_category,
region_id, charge_category, charge_class, pricing_category, sku_id, pricing_unit, commitment_discount_id,
commitment_discount_status, invoice_id, currency, resource_id, tag_set_id, cost, billed_cost, list_cost,
contracted_cost, pricing_quantity, charges"""
DAYS = "days_that_people_ask_for"
"""A day like 9999-12-31 has none after it, and every question of the ledger's span would end there."""
PATIENCE = 60
"""Seconds to wait for those who read; longer than any question takes."""
TRY = 200
"""Milliseconds of one try; PostgreSQL looks for deadlocks after a second."""
STUBS = {
    "cloud_resources": "id, provider, resource_id, resource_type, name, region, sub_account_id, created_at",
    "tag_sets": "id, tags",
}


def lock(session: Session, source: str) -> None:
    """Let one ingest of a source happen at a time; held until the transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('ingest ' || :source, 0))"), {"source": source})


def _alone(session: Session) -> None:
    """Keep everybody from the ledger until the transaction ends. Raises UnavailableError.

    A reader may hold one of these tables and ask for another. Waiting for long would then be a deadlock, and might end
    the reader; so each try is short, and lets go of all of them before the next.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with session.begin_nested():
                session.execute(text(f"set local lock_timeout = '{TRY}ms'"))
                session.execute(
                    text("lock table only cost_records, cloud_resources, tag_sets in access exclusive mode")
                )
                session.execute(text(f"set local lock_timeout = '{PATIENCE}s'"))
                return
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            if time.monotonic() > deadline:
                message = f"Something has used the ledger for over {PATIENCE} s, and nothing was loaded: try again."
                raise UnavailableError(message) from error
        time.sleep(TRY / 1000)


def _copy(session: Session, statement: str, file: Path) -> None:
    connection = cast("Connection[Any]", session.connection().connection.driver_connection)
    with connection.cursor() as cursor, cursor.copy(statement) as into, file.open("rb") as rows:
        while piece := rows.read(PIECE):
            into.write(piece)


def stage(session: Session, files: Mapping[str, Path]) -> None:
    """Bring CSV files of resources and sets of tags (`cloud_resources`, `tag_sets`) to the database's side.

    From here to the end of the transaction one ingest happens at a time, of whatever source.
    """
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('ledger', 0))"))
    for table, columns in STUBS.items():
        session.execute(
            text(f"create temp table if not exists new_{table} (like {table} including defaults) on commit drop")
        )
        session.execute(text(f"truncate new_{table}"))
        _copy(session, f"copy new_{table} ({columns}) {CSV}", files[table])
    rolling.catch_up(session)


def fill(
    session: Session, *, source_id: int, month: date, version: int, rows: Iterable[Path], summed: Path | None = None
) -> None:
    """Load the rows of these CSV files into a table of their own, ready to become a partition; no reader waits for it.

    `summed` has the same rows, summed to what roll-ups are made of, where those are far fewer. Raises CostsError if one
    is of a day far off.
    """
    fresh = fresh_table(month, source_id, version)
    statements = (
        f"create table {fresh} (like cost_records including defaults)",
        f"""alter table {fresh} alter column billing_period set default '{month}',
            alter column source_id set default {source_id},
            add check (billing_period = '{month}' and source_id = {source_id}),
            add constraint {DAYS} check (date between '2000-01-01' and '2099-12-31')""",
    )
    for statement in statements:
        session.execute(text(statement))
    try:
        for file in rows:
            _copy(session, f"copy {fresh} ({COLUMNS}) {CSV}", file)
    except CheckViolation as error:
        message = (
            f"The delivery of {month:%Y-%m} has a charge of a day that is not between 2000 and 2099, and nothing was "
            "loaded: correct its ChargePeriodStart, or export it anew."
        )
        raise CostsError(message) from error
    # Made here, after the load and before anybody waits: attaching then takes them as they are.
    session.execute(text(f"alter table {fresh} add primary key (billing_period, source_id, id)"))
    session.execute(text(f"create index on {fresh} (date)"))
    session.execute(text(f"analyze {fresh}"))
    sets = ("tag_sets", "new_tag_sets")  # those that came with it stand beside the others until it is published
    few = _few(session, fresh, summed) if summed else fresh
    rolling.replace(session, source_id=source_id, month=month, version=version, rows=few, tag_sets=sets)


def _few(session: Session, fresh: str, summed: Path) -> str:
    """Load what roll-ups are made of into a table that goes with the transaction; returns its name."""
    columns = ", ".join((*rolling.SUMMED, *rolling.SUMMED_UP))
    session.execute(text("drop table if exists summed"))
    session.execute(text(f"create temp table summed on commit drop as select {columns} from {fresh} with no data"))
    _copy(session, f"copy summed ({columns}) {CSV}", summed)
    return "summed"


def publish(session: Session, *, source_id: int, versions: Mapping[date, int]) -> None:
    """Put the filled tables in the place of what the ledger holds of these months; needs `stage` and `fill` before.

    Readers see the old rows until the transaction ends, and wait only while this runs.
    """
    _alone(session)
    for table, columns in STUBS.items():
        rows = f"select {columns} from new_{table}"
        session.execute(text(f"insert into {table} ({columns}) {rows} on conflict do nothing"))
    for month, version in versions.items():
        parent = _name(month)
        session.execute(
            text(f"create table if not exists {parent} partition of cost_records for values in ('{month}') "
                 "partition by list (source_id)")
        )  # fmt: skip
        drop(session, source_id=source_id, month=month)
        fresh = fresh_table(month, source_id, version)
        session.execute(text(f"alter table {parent} attach partition {fresh} for values in ({source_id})"))


def fresh_table(month: date, source_id: int, version: int) -> str:
    """Return the name of the table that `fill` makes."""
    return f"{_name(month)}_s{source_id}_v{version}"


def _name(month: date) -> str:
    return f"cost_records_{month:%Y_%m}"


def drop(session: Session, *, source_id: int, month: date) -> None:
    """Remove what the ledger holds of (source, month), if anything."""
    pattern = f"{_name(month)}\\_s{source_id}\\_v%"
    held = text(
        "select relid::regclass::text from pg_partition_tree('cost_records') where relid::regclass::text like :name"
    )
    for name in session.scalars(held, {"name": pattern}).all():
        session.execute(text(f"drop table {name}"))


def totals(session: Session, *, source_id: int, month: date) -> dict[str, tuple[Decimal, Decimal]]:
    """Return billed and effective cost by currency of what the ledger holds of (source, month)."""
    found = session.execute(
        select(CostRecord.billing_currency, func.sum(CostRecord.billed_cost), func.sum(CostRecord.effective_cost))
        .where(CostRecord.source_id == source_id, CostRecord.billing_period == month)
        .group_by(CostRecord.billing_currency)
    )
    return {currency: (billed, effective) for currency, billed, effective in found}


def billing_accounts(session: Session, *, source_id: int, month: date) -> frozenset[str]:
    """Return the billing accounts of what the ledger holds of (source, month)."""
    here = (CostRecord.source_id == source_id, CostRecord.billing_period == month)
    found = session.scalars(select(CostRecord.billing_account_id).where(*here).distinct())
    return frozenset(name for name in found if name)


def last_usage_day(session: Session, *, source_id: int) -> date | None:
    """Return the last day on which a source has usage; of one that names no usage, the last day that it charges for.

    A day after its billing period says nothing about how far the bill is complete: it is prepaid, or mistyped.
    """
    day, usage = func.max(CostRecord.date), CostRecord.charge_category == "Usage"
    due = CostRecord.date < CostRecord.billing_period + text("interval '1 month'")
    found = select(func.coalesce(day.filter(usage), day)).where(CostRecord.source_id == source_id, due)
    return session.scalar(found)
