"""How fast bills are read: a million charges through our ingest, and through a bare DuckDB script, side by side.

`make bench`, or `python bench/ingest.py [CHARGES]`. Both read the same CSV file in the same process, one after the
`make bench`, or `python bench/ingest.py [CHARGES]`. Both read the same CSV file in the same process, one after the
checks with file, row and column, fingerprints, resources, tag sets, foreign keys, a swap in one transaction.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

SEED = 20260101
ROUNDS = 3
GENERATE = """
copy (
    select
        '5551234567' as BillingAccountId, 'USD' as BillingCurrency,
        timestamptz '2026-09-01 00:00:00Z' as BillingPeriodStart,
        timestamptz '2026-10-01 00:00:00Z' as BillingPeriodEnd,
        timestamptz '2026-09-01 00:00:00Z' + interval 1 hour * (n // 1400 % 720) as ChargePeriodStart,
        ChargePeriodStart + interval 1 hour as ChargePeriodEnd,
        'Usage' as ChargeCategory, 'Usage-Based' as ChargeFrequency,
        (cost + 1) / 1000000000000 as BilledCost, BilledCost as EffectiveCost,
        BilledCost * 1.25 as ListCost, BilledCost as ContractedCost,
        1 as PricingQuantity, 'Hours' as PricingUnit, 1 as ConsumedQuantity, 'Hours' as ConsumedUnit,
        'Standard' as PricingCategory, 'AWS' as ProviderName, 'AWS' as PublisherName, 'AWS' as InvoiceIssuerName,
        ['us-east-1', 'eu-central-1', 'ap-south-1'][1 + which % 3] as RegionId,
        ['Amazon EC2', 'Amazon RDS', 'Amazon S3', 'AWS Lambda', 'Amazon EKS'][1 + which % 5] as ServiceName,
        ['Compute', 'Databases', 'Storage', 'Compute', 'Compute'][1 + which % 5] as ServiceCategory,
        'arn:aws:ec2:us-east-1:5551234567:instance/i-' || md5(which::varchar)[:17] as ResourceId,
        lpad((which % 12)::varchar, 12, '0') as SubAccountId, 'SKU' || which % 40 as SkuId,
        format('{{"team":"team-{}","env":"{}"}}', which % 25, ['prod', 'test'][1 + which % 2]) as Tags
    from (select n, n % 1400 as which, hash(n, $seed) % 2000000000000 as cost from range($charges) as _(n))
) to '$file' (format csv, header true)
"""
BARE = """
create table charges as
select * replace (
    BilledCost::decimal(38, 18) as BilledCost, EffectiveCost::decimal(38, 18) as EffectiveCost,
    ListCost::decimal(38, 18) as ListCost, ContractedCost::decimal(38, 18) as ContractedCost,
    PricingQuantity::decimal(38, 18) as PricingQuantity, ConsumedQuantity::decimal(38, 18) as ConsumedQuantity,
    ChargePeriodStart::timestamptz as ChargePeriodStart, ChargePeriodEnd::timestamptz as ChargePeriodEnd,
    BillingPeriodStart::timestamptz as BillingPeriodStart, BillingPeriodEnd::timestamptz as BillingPeriodEnd)
from read_csv('$file', header = true, all_varchar = true);
copy charges to '$folder/lake.parquet' (format parquet, compression zstd);
copy (
    select ChargePeriodStart::date, BillingAccountId, SubAccountId, ServiceName, ServiceCategory, RegionId, ResourceId,
        ChargeCategory, PricingCategory, SkuId, PricingUnit, Tags, BillingCurrency, sum(BilledCost), sum(EffectiveCost),
        sum(ListCost), sum(ContractedCost), sum(PricingQuantity), count(*)
    from charges group by all
) to '$folder/daily.csv' (format csv, header true);
"""
TABLE = """
create temp table bare (day date, billing_account text, sub_account text, service text, service_category text,
    region text, resource text, category text, pricing text, sku text, unit text,
    tags text, currency text, billed numeric(38, 18),
    effective numeric(38, 18), list numeric(38, 18), contracted numeric(38, 18), quantity numeric, charges bigint)
"""


def filled(sql: str, **values: object) -> str:
    """Put values into a script."""
    for name, value in values.items():
        sql = sql.replace(f"${name}", str(value))
    return sql


def generate(file: Path, charges: int) -> None:
    """Write the same charges every time."""
    import duckdb  # noqa: PLC0415

    duckdb.connect(config={"threads": 2}).execute(
        filled("set TimeZone = 'UTC';" + GENERATE, seed=SEED, charges=charges, file=file)
    )


def bare(file: Path, folder: Path) -> None:
    """Read, cast, write Parquet, roll up, copy: nothing else."""
    import duckdb  # noqa: PLC0415
    import psycopg  # noqa: PLC0415

    from storage.database import libpq, url  # noqa: PLC0415

    duckdb.connect(config={"threads": 2}).execute(filled("set TimeZone = 'UTC';" + BARE, file=file, folder=folder))
    with psycopg.connect(libpq(url())) as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
        with cursor.copy("copy bare from stdin (format csv, header true)") as into:
            into.write((folder / "daily.csv").read_bytes())


def ours(file: Path, source: str) -> Decimal:
    """Read it as the product does."""
    from jobs.bills.ingest import ingest  # noqa: PLC0415

    (period,) = ingest("auto", [file], source=source).periods
    assert period.status == "loaded", period.reason  # noqa: S101  a benchmark of nothing would be fast
    return period.billed_cost["USD"]


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print the ratio."""
    charges = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="costs-bench-") as place:
        os.environ["COSTS_HOME"] = place
        os.environ.pop("DATABASE_URL", None)
        from storage import migrate, postgres  # noqa: PLC0415  the settings are read when it is first used

        folder = Path(place)
        file = folder / "charges.csv"
        generate(file, charges)
        migrate.ensure()
        print(f"{charges:,} charges, {file.stat().st_size / 1e6:.0f} MB of CSV, {os.cpu_count()} cores")
        first = timed(lambda: ours(file, "bench"))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before the bare script, which takes more
        pairs = [
            (timed(lambda: bare(file, folder)), timed(partial(ours, file, f"bench-{number}")))
            for number in range(ROUNDS)
        ]
        plain, full = (min(each) for each in zip(*pairs, strict=True))
        postgres.release(folder)
    print(f"bare DuckDB script  {plain:6.2f} s  {charges / plain:12,.0f} charges/s")
    print(f"costs ingest        {full:6.2f} s  {charges / full:12,.0f} charges/s")
    print(f"ratio               {full / plain:6.2f}; the first, cold ingest took {first:.2f} s and {memory:,.0f} MB")


if __name__ == "__main__":
    main()
