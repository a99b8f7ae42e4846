"""The least that could do the work: a hand-written script that checks nothing and remembers nothing."""

from __future__ import annotations

import re
from pathlib import Path

from bench.bills import CHARGES, filled
from finops.focus import COLUMNS, Kind

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingQuantity", "ConsumedQuantity")
INSTANTS = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
CASTS = ", ".join(
    [f"{name}::decimal(38, 18) as {name}" for name in COSTS] + [f"{name}::timestamptz as {name}" for name in INSTANTS]
)
KINDS = {Kind.DECIMAL: "decimal(38, 18)", Kind.INSTANT: "timestamptz"}
BARE = """
set TimeZone = 'UTC'; set preserve_insertion_order = false; set enable_progress_bar = false;
copy (select * replace ($casts)$others from $file) to '$folder/lake.parquet' (format parquet, compression zstd);
create view charges as from '$folder/lake.parquet';
copy (
    select ChargePeriodStart::date, BillingAccountId, SubAccountId, ServiceName, ServiceCategory, RegionId, ResourceId,
        ChargeCategory, PricingCategory, SkuId, PricingUnit, Tags, BillingCurrency, sum(BilledCost), sum(EffectiveCost),
        sum(ListCost), sum(ContractedCost), sum(PricingQuantity), count(*)
    from charges group by all
) to '$folder/daily.csv' (format csv, header true);
"""
TABLE = """
create table bare (day date, billing_account text, sub_account text, service text, service_category text,
    region text, resource text, category text, pricing text, sku text, unit text,
    tags text, currency text, billed numeric(38, 18),
    effective numeric(38, 18), list numeric(38, 18), contracted numeric(38, 18), quantity numeric, charges bigint)
"""


def reading(file: Path) -> str:
    """Return how DuckDB reads it."""
    return (
        f"read_parquet('{file}')"
        if file.suffix == ".parquet"
        else f"read_csv('{file}', header = true, all_varchar = true)"
    )


def others() -> str:
    """Return FOCUS's columns that the generated bill has not: the same Parquet has them, empty."""
    lacking = {name: kind for name, kind in COLUMNS.items() if not re.search(rf"\b{name}\b", CHARGES)}
    return "".join(f", null::{KINDS.get(kind, 'varchar')} as {name}" for name, kind in lacking.items())


def load(file: Path, folder: Path, *, same: bool = True) -> None:
    """Read, cast, write Parquet, roll up, copy, make queryable: nothing else.

    The Parquet has the columns of ours, or, if it is not the `same`, those of the bill alone.
    """
    import duckdb  # noqa: PLC0415
    import psycopg  # noqa: PLC0415

    from storage.database import libpq, url  # noqa: PLC0415

    script = filled(BARE, casts=CASTS, others=others() if same else "", file=reading(file), folder=folder)
    duckdb.connect(config={"threads": 2}).execute(script)
    with psycopg.connect(libpq(url())) as connection, connection.cursor() as cursor:
        cursor.execute("drop table if exists bare")
        cursor.execute(TABLE)
        with cursor.copy("copy bare from stdin (format csv, header true)") as into:
            into.write((folder / "daily.csv").read_bytes())
        cursor.execute("create index on bare (day)")
        cursor.execute("analyze bare")


def read(file: Path) -> int:
    """Read a CSV file, every cell, and keep nothing but a sum."""
    import duckdb  # noqa: PLC0415

    connection = duckdb.connect(config={"threads": 2})
    connection.execute(f"create table kept as from {reading(file)}")
    return int(connection.execute("select count(*) from kept").fetchall()[0][0])
