"""Bills for measuring: the same charges every time, as many as wanted."""

from __future__ import annotations

from pathlib import Path

SEED = 20260101
RESOURCES_A_MILLION = 1400
"""So that a million charges are a month of hours."""
CHARGES = """
select
    '5551234567' as BillingAccountId, 'USD' as BillingCurrency,
    timestamptz '2026-09-01 00:00:00Z' as BillingPeriodStart,
    timestamptz '2026-10-01 00:00:00Z' as BillingPeriodEnd,
    timestamptz '2026-09-01 00:00:00Z' + interval 1 hour * (n // $resources % 720) as ChargePeriodStart,
    ChargePeriodStart + interval 1 hour as ChargePeriodEnd,
    'Usage' as ChargeCategory, 'Usage-Based' as ChargeFrequency,
    ((cost + 1) / 1000000000000)::decimal(28, 12) as BilledCost, BilledCost as EffectiveCost,
    (BilledCost * 1.25)::decimal(28, 14) as ListCost, BilledCost as ContractedCost,
    1::decimal(18, 6) as PricingQuantity, 'Hours' as PricingUnit, 1::decimal(18, 6) as ConsumedQuantity,
    'Hours' as ConsumedUnit,
    'Standard' as PricingCategory, 'AWS' as ProviderName, 'AWS' as PublisherName, 'AWS' as InvoiceIssuerName,
    ['us-east-1', 'eu-central-1', 'ap-south-1'][1 + which % 3] as RegionId,
    ['Amazon EC2', 'Amazon RDS', 'Amazon S3', 'AWS Lambda', 'Amazon EKS'][1 + which % 5] as ServiceName,
    ['Compute', 'Databases', 'Storage', 'Compute', 'Compute'][1 + which % 5] as ServiceCategory,
    'arn:aws:ec2:us-east-1:5551234567:instance/i-' || md5(which::varchar)[:17] as ResourceId,
    lpad((which % 12)::varchar, 12, '0') as SubAccountId, 'SKU' || which % 40 as SkuId,
    format('{{"team":"team-{}","env":"{}"}}', which % 25, ['prod', 'test'][1 + which % 2]) as Tags
from (select n, n % $resources as which, hash(n, $seed) % 2000000000000 as cost from range($charges) as _(n))
"""
FORMS = {
    ".parquet": "format parquet, compression zstd",
    ".csv": "format csv, header true",
    ".gz": "format csv, header true, compression gzip",
}


def filled(sql: str, **values: object) -> str:
    """Put values into a script."""
    for name, value in values.items():
        sql = sql.replace(f"${name}", str(value))
    return sql


def generate(file: Path, charges: int, *, seed: int = SEED) -> None:
    """Write that many charges of one month, in FOCUS's columns, in the form that the file's ending says."""
    import duckdb  # noqa: PLC0415

    resources = max(RESOURCES_A_MILLION * charges // 1_000_000, RESOURCES_A_MILLION)
    rows = filled(CHARGES, seed=seed, charges=charges, resources=resources)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB", "temp_directory": str(file.parent)})
    connection.execute(f"set TimeZone = 'UTC'; copy ({rows}) to '{file}' ({FORMS[file.suffix]})")
