"""From charges to what is stored: the lake's Parquet file and the ledger's daily rows of one billing period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir

from jobs.bills.rules import EXACT, utc_clock, zero
from jobs.bills.tables import Workbench, literal
from storage import rolling

GRAIN = {
    "billing_account_id": "BillingAccountId",
    "sub_account_id": "SubAccountId",
    "sub_account_name": "SubAccountName",
    "service_name": "ServiceName",
    "service_category": "ServiceCategory",
    "region_id": "RegionId",
    "charge_category": "ChargeCategory",
    "charge_class": "ChargeClass",
    "pricing_category": "PricingCategory",
    "sku_id": "SkuId",
    "pricing_unit": "PricingUnit",
    "commitment_discount_id": "CommitmentDiscountId",
    "commitment_discount_status": "CommitmentDiscountStatus",
    "invoice_id": "InvoiceId",
    "currency": "BillingCurrency",
}
"""The ledger's column: FOCUS's."""
PIECE = 100_000
"""Rows of the ledger that are written while as many are loaded."""
COSTS = {
    "cost": "EffectiveCost",
    "billed_cost": "BilledCost",
    "list_cost": "ListCost",
    "contracted_cost": "ContractedCost",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of one billing period."""

    month: date
    rows: int
    files: frozenset[int]
    billed_cost: dict[str, Decimal]
    effective_cost: dict[str, Decimal]
    last: date | None = None
    """The last day on which a charge began."""
    first: date | None = None
    """The first such day."""
    accounts: frozenset[str] = frozenset()
    """The billing accounts."""
    whole: bool = False
    """Whether the delivery has no other period."""


def _key(text: ir.StringValue) -> ir.StringValue:
    """Return md5 as hexadecimal digits, which PostgreSQL reads as a UUID; see `finops.resources.resource_key`."""
    return text.hexdigest("md5")


def _sum(amounts: ir.DecimalColumn) -> ir.DecimalScalar:
    return ibis.coalesce(amounts.sum(), zero()).cast(EXACT)


def daily(charges: ir.Table) -> ir.Table:
    """Roll charges up to the ledger's grain: a billing period, a day, and everything that people ask by."""
    by = {
        "month": utc_clock(charges.BillingPeriodStart).truncate("M"),
        "date": utc_clock(charges.ChargePeriodStart).truncate("D"),
        "provider": charges.x_provider,
        **{ours: charges[theirs] for ours, theirs in GRAIN.items()},
    }
    alike = charges.group_by(**by, resource=charges.ResourceId, tags=charges.Tags).aggregate(
        **{ours: _sum(charges[theirs]) for ours, theirs in COSTS.items()},
        pricing_quantity=charges.PricingQuantity.sum(),
        charges=charges.count(),
    )
    # Only now the keys: each takes as long as all the sums, and rows are far fewer.
    keyed = alike.mutate(
        month=alike.month.date(),
        date=alike.date.date(),
        resource_id=ibis.ifelse(alike.resource.isnull(), None, _key((alike.provider + "/" + alike.resource).lower())),
        tag_set_id=ibis.ifelse(alike.tags.isnull(), None, _key(alike.tags)),
    )
    return keyed.group_by(*by, "resource_id", "tag_set_id").aggregate(
        **{name: _sum(keyed[name]) for name in COSTS},
        pricing_quantity=keyed.pricing_quantity.sum(),
        charges=keyed.charges.sum().cast("int64"),
    )


def periods(bench: Workbench) -> list[Totals]:
    """Return the control totals of every billing period of the table `charges`, oldest first."""
    found: dict[date, Totals] = {}
    rows = bench.duck.execute(
        """select BillingPeriodStart, BillingCurrency, count(*), sum(BilledCost), sum(EffectiveCost),
                  list(distinct x_file), max(ChargePeriodStart)::date, min(ChargePeriodStart)::date,
                  list(distinct BillingAccountId)
           from charges group by all order by 1, 2"""
    ).fetchall()
    for start, currency, count, billed, effective, files, last, first, accounts in rows:
        month = start.date().replace(day=1)
        old = found.get(month, Totals(month, 0, frozenset(), {}, {}))
        found[month] = Totals(
            month,
            old.rows + count,
            old.files | frozenset(files),
            _with(old.billed_cost, currency, billed),
            _with(old.effective_cost, currency, effective),
            max((day for day in (old.last, last) if day), default=None),
            min((day for day in (old.first, first) if day), default=None),
            old.accounts | {name for name in accounts or () if name},
        )
    return [replace(totals, whole=len(found) == 1) for totals in found.values()]


def _with(amounts: Mapping[str, Decimal], currency: str, amount: Decimal) -> dict[str, Decimal]:
    return {**amounts, currency: amounts.get(currency, Decimal(0)) + amount}


def _in(months: Iterable[date]) -> str:
    wanted = ", ".join(literal(str(month)) for month in months)
    return f"date_trunc('month', utc_clock(BillingPeriodStart)) in ({wanted})"


@dataclass(frozen=True, slots=True)
class Written:
    """The files of one billing period."""

    charges: Path
    """For the lake."""
    daily: Iterable[Path]
    summed: Path | None


def write(months: Sequence[Totals], bench: Workbench) -> Iterator[Written]:
    """Write the files of billing periods; of several, those of the next one while the caller loads one."""
    if len(months) == 1:  # large, so its rows come in pieces, the next one while the caller loads one
        only = months[0]
        summed = write_summed(bench, only.month)
        yield Written(write_parquet(bench, only), write_daily(bench, only.month), summed)
        return
    with ThreadPoolExecutor(1) as writer:
        ahead = writer.submit(_write_all, bench, months[0])
        for month in months[1:]:
            done, ahead = ahead.result(), writer.submit(_write_all, bench, month)
            yield done
        yield ahead.result()


def _write_all(bench: Workbench, totals: Totals) -> Written:
    summed = write_summed(bench, totals.month)
    return Written(write_parquet(bench, totals), [*write_daily(bench, totals.month)], summed)


def write_parquet(bench: Workbench, totals: Totals) -> Path:
    """Return a billing period's charges as Parquet: FOCUS 1.2's columns, and ours."""
    if totals.whole:
        return bench.charges
    target = bench.folder / f"{totals.month}.parquet"
    charges = f"from charges where {_in([totals.month])}"
    bench.duck.execute(f"copy ({charges}) to {literal(str(target))} (format parquet, compression zstd)")
    return target


def roll_up(bench: Workbench, months: Iterable[date]) -> dict[str, Path]:
    """Make the table `daily` of these billing periods; returns the resources and sets of tags in them, as CSV."""
    bench.duck.execute(f"create temp view chosen as from charges where {_in(months)}")
    bench.duck.execute(
        f"create temp table daily as {ibis.to_sql(daily(bench.backend.table('chosen')), dialect='duckdb')}"
    )
    return {
        "cloud_resources": _write(
            bench,
            "cloud_resources",
            """select md5(lower(x_provider || '/' || id)), x_provider, min(id), coalesce(min(kind), 'unknown'),
            min(name), coalesce(min(region), 'global'), min(account), min(start)
            from (select x_provider, ResourceId as id, min(ResourceType) as kind, min(ResourceName) as name,
                      min(RegionId) as region, min(SubAccountId) as account, min(ChargePeriodStart) as start
                  from chosen where ResourceId is not null group by 1, 2) group by 1, 2""",
        ),
        "tag_sets": _write(
            bench,
            "tag_sets",
            "select md5(Tags), Tags from (select distinct Tags from chosen where Tags is not null)",
        ),
    }


def sku_names(bench: Workbench) -> list[tuple[str, str, str]]:
    """Return what the bill calls each SKU, of the billing periods of `roll_up`: provider, id, name.

    By the name of its meter, or else by what a charge of it is described as.
    """
    return bench.duck.execute(
        """select x_provider, SkuId, replace(coalesce(meter, description), chr(0), '') from (
               select x_provider, SkuId, min(nullif(trim(SkuMeter), '')) as meter,
                      min(nullif(trim(ChargeDescription), '')) as description
               from chosen where SkuId is not null group by 1, 2)
           where coalesce(meter, description) is not null"""
    ).fetchall()


def write_daily(bench: Workbench, month: date) -> Iterator[Path]:
    """Write the rows of `daily` of one billing period as CSV, in pieces: the next one while the caller loads one."""
    count = _counted(bench, "daily")
    starts = range(0, count, PIECE) if count == _counted(bench, "daily", month) else [0]
    size = PIECE if len(starts) > 1 else count

    def piece(start: int) -> Path:
        rows = f"""select uuid() as id, * exclude month from daily
            where month = {literal(str(month))} and rowid between {start} and {start + size - 1}"""
        return _write(bench, f"{month}-{start}", rows)

    with ThreadPoolExecutor(1) as writer:
        ahead = writer.submit(piece, 0)
        for start in starts[1:]:
            done, ahead = ahead.result(), writer.submit(piece, start)
            yield done
            done.unlink()
        yield ahead.result()


def write_summed(bench: Workbench, month: date) -> Path | None:
    """Write what `storage.rolling` sums of one billing period, summed already; nothing where that is not far less."""
    sums = ", ".join(f"sum({amount})::{EXACT} as {amount}" for amount in rolling.AMOUNTS)
    sums += ", sum(charges)::bigint as charges"
    by = ", ".join(rolling.SUMMED)
    query = f"select {by}, {sums} from daily where month = {literal(str(month))} group by {by}"
    bench.duck.execute(f"create or replace temp table summed as {query}")
    few = _counted(bench, "summed") * rolling.WORTH <= _counted(bench, "daily", month)
    return _write(bench, f"{month}-summed", "from summed") if few else None


def _counted(bench: Workbench, table: str, month: date | None = None) -> int:
    only = f" where month = {literal(str(month))}" if month else ""
    found = bench.duck.execute(f"select count(*) from {table}{only}").fetchone()
    return int(found[0]) if found else 0


def _write(bench: Workbench, name: str, query: str) -> Path:
    target = bench.folder / f"{name}.csv"
    bench.duck.execute(f"copy ({query}) to {literal(str(target))} (format csv, header true, nullstr '\\N')")
    return target
