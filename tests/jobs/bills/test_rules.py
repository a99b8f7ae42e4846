"""Cells become exact numbers and instants, or nothing; never something else."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from finops.money import EXACT
from jobs.bills import rules, tables
from jobs.bills.finish import provider_slug


def _read(read: Callable[[ir.StringValue], ir.Value], cells: list[str]) -> list[object]:
    """Return what the engine makes of each cell."""
    with tables.workbench() as bench:
        listed = ", ".join(f"({number}, {tables.literal(cell)})" for number, cell in enumerate(cells))
        bench.duck.execute(f"create view cells as select * from (values {listed}) as _(place, cell)")  # noqa: S608  our own
        cell = bench.backend.table("cells")
        query = ibis.to_sql(cell.select("place", value=read(cell.cell)), dialect="duckdb")
        found = bench.duck.execute(f"select value::varchar from ({query}) order by place").fetchall()  # noqa: S608  our own
        return [value for (value,) in found]


def _spelled(amount: Decimal, chance: random.Random) -> str:
    plain = f"{amount:f}"
    longer = f"{plain}0" if "." in plain else f"{plain}.0"
    return chance.choice([plain, longer, f"{amount:E}", f"{amount:e}", plain.lstrip("0") or "0"])


def test_amounts_are_read_exactly_however_they_are_spelled(home: Path) -> None:
    """A thousand of them, with up to 28 decimals, some with exponents; more than 18 decimals are rounded."""
    chance = random.Random(20260101)  # noqa: S311  not for secrets
    amounts = [
        EXACT.scaleb(Decimal(chance.randrange(-(10 ** chance.randint(1, 17)), 10**17)), -chance.randint(0, 28))
        for _ in range(1000)
    ]
    read = _read(rules.amount, [_spelled(amount, chance) for amount in amounts])
    expected = [amount.quantize(Decimal("1e-18"), ROUND_HALF_UP, EXACT) for amount in amounts]
    assert [Decimal(str(value)) for value in read] == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0", "0"),
        ("-0.000000000000000001", "-0.000000000000000001"),
        ("+5", "5"),
        (".5", "0.5"),
        ("7.", "7"),
        ("6e-05", "0.00006"),
        ("-6.1e-7", "-0.00000061"),
        ("1.25e-01", "0.125"),
        ("5e-0", "5"),
        ("5e-00", "5"),
        ("5e-19", "0.000000000000000001"),
        ("4.9e-19", "0"),
        ("8e-21", "0"),  # which the engine alone takes for 1e-18
        ("6.115032894179542e-284", "0"),
        ("1.5E+3", "1500"),
        (" 12 ", "12"),
        ("$10,000.00 ", "10000"),
        ("-$1,234,567.5", "-1234567.5"),
        ("€3", "3"),
        ("99999999999999999999", "99999999999999999999"),
    ],
)
def test_an_amount_is_read_as_people_and_programs_write_it(cell: str, expected: str, home: Path) -> None:
    """Also as spreadsheets do."""
    assert _read(rules.amount, [cell]) == [f"{Decimal(expected):.18f}"]


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "abc",
        "1,5",
        "1,234",
        "1.234,56",
        "1 000",
        "12abc",
        "NaN",
        "Infinity",
        "1e400",
        "--1",
        "$",
        "123456789012345678901",
    ],
)
def test_what_is_no_amount_is_none(cell: str, home: Path) -> None:
    """A comma could mean either thing, so it means nothing."""
    assert _read(rules.amount, [cell]) == [None]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-09-01", "2026-09-01 00:00:00+00"),
        ("2026-09-01T00:00:00Z", "2026-09-01 00:00:00+00"),
        ("2026-09-01T13:00Z", "2026-09-01 13:00:00+00"),
        ("2026-09-01T00:00:00.0000000Z", "2026-09-01 00:00:00+00"),
        ("2026-09-01 13:00:00 UTC", "2026-09-01 13:00:00+00"),
        ("2026-09-01 13:00:00+02:00", "2026-09-01 11:00:00+00"),
        ("9/3/2026", "2026-09-03 00:00:00+00"),
        ("09/03/2026", "2026-09-03 00:00:00+00"),
        ("9/3/26", "2026-09-03 00:00:00+00"),
        ("9/3/2026 1:00:00 PM", "2026-09-03 13:00:00+00"),
        ("1.7566668E9", "2025-08-31 19:00:00+00"),
        ("1756666800", "2025-08-31 19:00:00+00"),
    ],
)
def test_an_instant_is_read_as_bills_write_it(cell: str, expected: str, home: Path) -> None:
    """Without a zone it is UTC; the month stands before the day."""
    assert _read(rules.instant, [cell]) == [expected]


@pytest.mark.parametrize("cell", ["", "soon", "2026-13-01", "13/13/2026", "20260901", "2026-09-01T30:00:00Z"])
def test_what_is_no_instant_is_none(cell: str, home: Path) -> None:
    """Nor is a number that could be anything."""
    assert _read(rules.instant, [cell]) == [None]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("AWS", "aws"),
        ("Amazon Web Services, Inc.", "aws"),
        ("Microsoft", "azure"),
        ("Azure", "azure"),
        ("Google Cloud", "gcp"),
        ("Oracle Cloud", "oracle-cloud"),
        ("ACME & Söhne", "acme-söhne"),
        ("阿里云", "阿里云"),
        ("Outlaws Hosting", "outlaws-hosting"),
        ("Clo\x1b[31mud\r\n\u202eevil ", "clo-31mud-evil"),
        ("\u202e!", "unknown"),
    ],
)
def test_a_provider_has_a_short_name(name: str, slug: str, home: Path) -> None:
    """Ours for the three clouds, its own in small letters for others."""
    assert _read(provider_slug, [name]) == [slug]
