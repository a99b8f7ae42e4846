"""What files and lake hold of a billing period, read anew; the ledger is asked by `storage.reconcile`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from finops.errors import BadDeliveryError
from finops.reconcile import Part, Sums
from jobs.bills import files, layouts, rollup, tables
from jobs.bills.formats import recognize
from jobs.bills.normalize import normalize
from jobs.bills.tables import Workbench, literal, readable
from jobs.bills.told import Told
from storage import lake

Amounts = dict[str, tuple[Decimal, Decimal]]
"""Billed and effective cost by currency."""


def reread(names: list[str], month: date, wanted: str) -> Amounts | str:
    """Read a delivery's files again; returns the billing period's totals, or why there are none."""
    paths = [Path(name) for name in names]
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        return f"{missing.name} is no longer there"
    try:
        with tables.workbench() as bench:
            opened = files.open_all(paths, bench.folder, told=_told(paths))
            normalize(bench, recognize(wanted, opened[0].headers, file=opened[0].name), opened)
            found = [one for one in rollup.periods(bench) if one.month == month]
    except BadDeliveryError as error:
        return str(error)
    return {
        currency: (one.billed_cost[currency], one.effective_cost[currency])
        for one in found
        for currency in one.billed_cost
    }


def _told(paths: Sequence[Path]) -> dict[Path, Told]:
    """Return what manifests beside the files tell of them."""
    folders = {path.parent for path in paths}
    found = {file: what for folder in folders for file, what in layouts.told(folder, sorted(folder.iterdir())).items()}
    return {path: what for path in paths if (what := found.get(path))}


def parts(bench: Workbench, place: str) -> dict[str, list[Part]]:
    """Return the lake's charges of a billing period, summed by what they are, by currency."""
    rows = bench.duck.execute(
        f"""select BillingCurrency, InvoiceId, ChargeCategory, coalesce(ChargeClass = 'Correction', false),
                   CommitmentDiscountId, CommitmentDiscountStatus, coalesce(x_effective_is_billed, false),
                   BilledCost = 0 and EffectiveCost <> 0, BilledCost < 0, count(*), sum(BilledCost), sum(EffectiveCost)
            from {_table(bench, place)} group by all order by all"""  # noqa: S608  an escaped file name
    ).fetchall()
    found: dict[str, list[Part]] = {}
    for currency, invoice, category, correction, commitment, status, assumed, drawn, credit, *sums in rows:
        part = Part(Sums(*sums), invoice, category, correction, commitment, status, assumed, drawn, credit)
        found.setdefault(currency, []).append(part)
    return found


def by_day_and_service(bench: Workbench, place: str, currency: str) -> dict[tuple[date, str], tuple[Decimal, Decimal]]:
    """Return billed and effective cost of the lake by day and service, as the ledger can be asked for."""
    rows = bench.duck.execute(
        f"""select ChargePeriodStart::date, coalesce(ServiceName, ''), sum(BilledCost), sum(EffectiveCost)
            from {_table(bench, place)} where BillingCurrency = {literal(currency)} group by all"""  # noqa: S608
    ).fetchall()
    return {(day, name): (billed, effective) for day, name, billed, effective in rows}


def _table(bench: Workbench, place: str) -> str:
    return f"read_parquet({readable(lake.fetch(place, bench.folder))})"
