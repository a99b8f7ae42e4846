"""What it costs that rules are written in Ibis: the same rules, in SQL by hand, over the same report.

The report is a generated Cost and Usage Report 2.0 as Parquet, with every kind of line. Both sides make the same
charges of it, which is compared first, row by row; then each makes them in turn, and the median of the rounds counts.
The rules alone are measured, every column made and none written, and the rules with the Parquet that an ingest writes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.bills import filled
from bench.measure import Line, ratio

if TYPE_CHECKING:
    from jobs.bills.tables import Workbench

ROUNDS = 7
SQL = (Path(__file__).parent / "rules.sql").read_text(encoding="utf-8")
REPORT = """
copy (select
    'Anniversary' as bill_bill_type, if(n % 50 = 0, '1234567890', '') as bill_invoice_id,
    'Amazon Web Services, Inc.' as bill_invoicing_entity, '999999999999' as bill_payer_account_id,
    'payer' as bill_payer_account_name, timestamp '2026-09-01' as bill_billing_period_start_date,
    timestamp '2026-10-01' as bill_billing_period_end_date,
    timestamp '2026-09-01' + interval 1 hour * (n % 720) as line_item_usage_start_date,
    line_item_usage_start_date + interval 1 hour as line_item_usage_end_date,
    lpad((which % 12)::varchar, 12, '0') as line_item_usage_account_id,
    'account ' || which % 12 as line_item_usage_account_name,
    ['Usage', 'Usage', 'Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'Tax', 'Credit',
     'Refund', 'Fee', 'RIFee', 'SavingsPlanRecurringFee'][1 + (chance % 12)::int] as line_item_line_item_type,
    ['AmazonEC2', 'AmazonRDS', 'AmazonS3', 'AWSLambda', 'AmazonMQ'][1 + which % 5] as line_item_product_code,
    ['Amazon Elastic Compute Cloud', '', 'Amazon Simple Storage Service', 'AWS Lambda', 'NULL'][1 + which % 5]
        as product_product_name,
    if(which % 7 = 0, null, 'us-east-1' || ['a', 'b', 'c'][1 + which % 3]) as line_item_availability_zone,
    ['us-east-1', 'eu-central-1', '', 'global'][1 + which % 4] as product_region_code,
    'US East (N. Virginia)' as product_location, 'SKU' || which % 400 as product_sku,
    'BoxUsage:m5.' || which % 9 || 'xlarge' as line_item_usage_type,
    'USD ' || which % 90 || ' per hour' as line_item_line_item_description,
    if(which % 9 = 0, '', 'i-' || md5(which::varchar)[:17]) as line_item_resource_id,
    'USD' as line_item_currency_code, ['OnDemand', 'Spot', 'Reserved', ''][1 + which % 4] as pricing_term,
    'Hrs' as pricing_unit, which % 5000 || '.' || which % 7 as pricing_rate_id,
    (chance % 1000000007)::double / 1000000 as line_item_unblended_cost, (which % 977)::double / 1000 as
        line_item_unblended_rate, 1 + (n % 24)::double / 7 as line_item_usage_amount,
    if(which % 3 = 0, 0, line_item_unblended_cost * 1.25) as pricing_public_on_demand_cost,
    line_item_unblended_rate * 1.25 as pricing_public_on_demand_rate,
    if(line_item_line_item_type like 'SavingsPlan%', 'arn:aws:savingsplans::999999999999:savingsplan/' || which % 5, '')
        as savings_plan_savings_plan_a_r_n,
    if(line_item_line_item_type in ('DiscountedUsage', 'RIFee'),
       'arn:aws:ec2:us-east-1:999999999999:reserved-instances/' || which % 5, '') as reservation_reservation_a_r_n,
    (chance % 999983)::double / 1000000 as savings_plan_savings_plan_effective_cost,
    (chance % 999979)::double / 1000000 as reservation_effective_cost,
    720.5 as savings_plan_total_commitment_to_date, (chance % 720)::double as savings_plan_used_commitment,
    0.0 as reservation_unused_amortized_upfront_fee_for_billing_period,
    (chance % 999961)::double / 1000000 as reservation_unused_recurring_fee,
    map {'user_team': 'team-' || which % 25, 'user_env': ['prod', 'test'][1 + which % 2]} as resource_tags
from (select n, n % 1400 as which, hash(n, 20260101) % 1000000000000 as chance from range($charges) as _(n)))
to '$file' (format parquet, compression zstd)
"""
MACROS = """
create macro whole(cell) as split_part(cell, '.', 1)::bigint::decimal(38, 18)
    + try_cast(if(starts_with(cell, '-'), '-0.', '0.') || split_part(cell, '.', 2) as decimal(38, 18));
create macro small(cell) as if(starts_with(cell, '-'), '-0.', '0.') || repeat('0', split_part(cell, 'e-', 2)::int - 1)
    || replace(replace(split_part(cell, 'e-', 1), '-', ''), '.', '');
create macro read(cell) as case
    when regexp_matches(cell, '$plain') then whole(cell)::decimal(38, 18)
    when regexp_matches(cell, '$small') then try_cast(small(cell) as decimal(38, 18))
    else try_cast(cell as decimal(38, 18)) end;
create macro number(cell) as read(if(isnan(cell), null, cell)::varchar);
create macro wrong(name, cell, value) as
    if(cell is not null and value is null, 'amount' || chr(10) || name || chr(10) || cell, null);
"""


class DifferentError(Exception):
    """The two sides do not make the same charges, so nothing is compared."""


def measure(folder: Path, charges: int) -> Iterator[Line]:
    """Compare both sides, then measure them. Raises DifferentError."""
    from jobs.bills import tables  # noqa: PLC0415  the settings are read when it is first used

    file = folder / "report.parquet"
    with tables.workbench() as bench:
        bench.duck.execute(filled(REPORT, charges=charges, file=file))
        ours, theirs = _sides(bench, file)
        _alike(bench, ours, theirs)
        many = f"{charges / 1e6:g} million charges of a CUR 2.0"
        for what, form in (("rules alone", _made), ("rules and Parquet", _written)):
            times = [[_taken(bench, form(bench, side)) for side in (ours, theirs)] for _ in range(ROUNDS)]
            mine, other = (median(side) for side in zip(*times, strict=True))
            yield Line(f"{many}, {what}: SQL by hand", f"{other:.2f} s", "", None)
            yield ratio(f"{many}, {what}: Ibis / SQL by hand", mine / other, at_most=1.1)


def _sides(bench: Workbench, file: Path) -> tuple[str, str]:
    """Return a query for each side's charges of this file."""
    from jobs.bills import files, rules, tables  # noqa: PLC0415
    from jobs.bills.formats import recognize  # noqa: PLC0415
    from jobs.providers.aws.services import CATEGORIES  # noqa: PLC0415

    [opened] = files.open_all([file], bench.folder)
    form = recognize("aws-cur2", opened.headers, file=file.name)
    ours = tables.normalizing(bench, form, [opened], strict=True)
    categories = ", ".join(f"{tables.literal(code)}: {tables.literal(name)}" for code, name in CATEGORIES.items())
    bench.duck.execute(filled(MACROS, plain=rules.PLAIN, small=rules.SMALL))
    delivered = f"select *, 0 as x_file from read_parquet({tables.readable(file)})"  # noqa: S608  an escaped file name
    bench.duck.execute(f"create view delivered as {delivered}")
    return f"from {ours}", SQL.replace("categories[code]", f"map {{{categories}}}[code]")


def _alike(bench: Workbench, ours: str, theirs: str) -> None:
    bench.duck.execute(f"create temp table mine as {ours}")
    columns = ", ".join(name for name, *_ in bench.duck.execute("describe mine").fetchall())
    bench.duck.execute(f"create temp table other as select {columns} from ({theirs})")  # noqa: S608  our own
    for one, another in (("mine", "other"), ("other", "mine")):
        lacking = bench.duck.execute(f"from {one} except all from {another} limit 1").fetchall()
        if lacking:
            message = f"{one} has a charge that {another} has not: {lacking[0]}"
            raise DifferentError(message)
    bench.duck.execute("drop table mine; drop table other")


def _made(bench: Workbench, side: str) -> str:
    """Return a query that makes every column of every charge, and keeps nothing."""
    described = bench.duck.execute(f"describe {side}").fetchall()
    kept = ", ".join(f'max("{name}")' for name, *_ in described)
    return f"select {kept} from ({side})"  # noqa: S608  our own text


def _written(bench: Workbench, side: str) -> str:
    return f"copy ({side}) to '{bench.folder / 'made.parquet'}' (format parquet, compression zstd)"


def _taken(bench: Workbench, query: str) -> float:
    start = time.perf_counter()
    bench.duck.execute(query).fetchall()
    return time.perf_counter() - start
