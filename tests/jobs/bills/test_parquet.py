"""Parquet's numbers and instants are read as they are, and mean what the same cells mean as text."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from finops.errors import BadDeliveryError
from jobs.bills import files, tables
from jobs.bills.formats import recognize

ROWS = """
select {cost} as BilledCost, {start} as ChargePeriodStart, timestamptz '2026-09-01 00:00:00Z' as BillingPeriodStart,
    'Usage' as ChargeCategory, 'USD' as BillingCurrency, 'AWS' as ProviderName, 12345::bigint as SubAccountId,
    {quantity} as PricingQuantity
"""


def _read(folder: Path, *selects: str) -> list[tuple[object, ...]]:
    paths = []
    for number, select in enumerate(selects):
        paths.append(folder / f"{number}.parquet")
        duckdb.execute(f"set TimeZone = 'UTC'; copy ({select}) to '{paths[-1]}' (format parquet)")
    with tables.workbench() as bench:
        opened = files.open_all(paths, bench.folder)
        tables.charges(bench, recognize("auto", opened[0].headers, file="it"), opened)
        found = bench.duck.execute(
            "select BilledCost, ChargePeriodStart::varchar, SubAccountId, PricingQuantity from charges order by x_file"
        )
        return found.fetchall()


def _row(cost: str = "1", start: str = "timestamp '2026-09-02 03:00:00'", quantity: str = "1") -> str:
    return ROWS.format(cost=cost, start=start, quantity=quantity)


START = "2026-09-02 03:00:00+00"


@pytest.mark.parametrize(
    ("cost", "exact"),
    [
        ("0.1::double", "0.1"),
        ("6.1e-05::double", "0.000061"),
        ("8e-21::double", "0"),
        ("-1.5e-18::double", "-0.000000000000000002"),
        ("'nan'::double", None),
        ("0.1::float", "0.1"),
        ("7::integer", "7"),
        ("1234567890.123456789012345678::decimal(38, 18)", "1234567890.123456789012345678"),
        ("0.1234567890123456789::decimal(38, 19)", "0.123456789012345679"),
    ],
)
def test_a_number_is_exact(home: Path, tmp_path: Path, cost: str, exact: str | None) -> None:
    """A double is the shortest number that means it, and one that is none is nothing."""
    [(_, start, account, quantity)] = _read(tmp_path, _row(quantity=cost))
    assert quantity == (exact and Decimal(exact))
    assert (start, account) == (START, "12345")


@pytest.mark.parametrize(
    ("start", "meant"),
    [
        ("timestamptz '2026-09-02 05:00:00+02'", START),
        ("timestamp_ns '2026-09-02 03:00:00'", START),
        ("date '2026-09-02'", "2026-09-02 00:00:00+00"),
        ("1788318000", START),
        ("1788318000::double", START),
        ("'2026-09-02T03:00:00Z'", START),
    ],
)
def test_an_instant_is_the_same_in_every_type(home: Path, tmp_path: Path, start: str, meant: str) -> None:
    """Without a zone it is UTC; a number is seconds since 1970."""
    assert _read(tmp_path, _row(start=start))[0][1] == meant


def test_files_whose_types_differ_lose_nothing(home: Path, tmp_path: Path) -> None:
    """The engine would make doubles of an exact number and a double."""
    exact = "1234567890.123456789012345678"
    found = _read(tmp_path, _row(f"{exact}::decimal(38, 18)"), _row("0.1::double"), _row("'5'"))
    assert [cost for cost, *_ in found] == [Decimal(exact), Decimal("0.1"), Decimal(5)]


def test_an_amount_too_large_is_named(home: Path, tmp_path: Path) -> None:
    """It is not silently nothing."""
    from jobs.bills.ingest import ingest  # noqa: PLC0415  the database is only needed here

    file = tmp_path / "large.parquet"
    duckdb.execute(f"set TimeZone = 'UTC'; copy ({_row('1e25::double')}) to '{file}' (format parquet)")
    with pytest.raises(BadDeliveryError, match=r"(?s)BilledCost.*1e\+25"):
        ingest("auto", [file], source="large")
