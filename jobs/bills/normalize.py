"""A delivery's files as one bill: their charges in FOCUS's columns, each counted once, and none that was misread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from finops.errors import BadDeliveryError
from jobs.bills import doubles, names, tables
from jobs.bills.files import File
from jobs.bills.formats import Format, Stage

YEARS = "2000 and 2099"
EXPECTED = {"amount": "an amount (at most 18 digits before the point)", "date": f"a date between {YEARS}"}


def normalize(bench: tables.Workbench, form: Format, opened: Sequence[File]) -> None:
    """Make the table `charges`. Raises BadDeliveryError."""
    _once(form, opened)
    tables.charges(bench, form, opened)
    _check(bench, form, opened)
    names.check(bench, form, opened)
    _count(bench, opened)
    joined = form.join(bench.duck, [(file.name, file.told) for file in opened]) if form.join else None
    if joined:
        bench.replace(joined)
    if form.whole:
        _settle(bench, *form.whole)
    doubles.check(bench, opened)


def _settle(bench: tables.Workbench, concerned: Callable[[ir.Table], ir.BooleanValue], stage: Stage) -> None:
    """Apply a format's last stage, if it is about any charge."""
    charges = bench.backend.table("charges")
    about = str(ibis.to_sql(charges.filter(concerned(charges)).limit(1), dialect="duckdb"))
    if bench.duck.execute(about).fetchone():
        bench.replace(str(ibis.to_sql(stage(charges), dialect="duckdb")))


def _once(form: Format, opened: Sequence[File]) -> None:
    """Refuse a file in which a column that counts is there twice. Raises BadDeliveryError."""
    for file in opened:
        if twice := form.twice(file.headers):
            problem = "it is there twice, and only one of both can count: export the file anew."
            raise BadDeliveryError(file.name, problem, column=twice)


def _check(bench: tables.Workbench, form: Format, opened: Sequence[File]) -> None:
    """Refuse rows that were misread, have no amount, or no date to be counted under. Raises BadDeliveryError."""
    bad = f"BilledCost is null or BillingPeriodStart is null or not year(BillingPeriodStart) between {YEARS}"
    number = bench.duck.execute(f"select min(x_file) from charges where {bad}").fetchone()  # noqa: S608  our own text
    if number is None or number[0] is None:
        return
    file = opened[number[0]]
    row, misread = tables.misread(bench, form, number[0], where=bad)
    if misread:
        kind, column, cell = misread.split("\n", maxsplit=2)
        problem = f"expected {EXPECTED[kind]}, found “{cell[:60]}”: export the file anew."
        raise BadDeliveryError(file.name, problem, row=row, column=column)
    without = bench.duck.execute("select 1 from charges where BilledCost is null limit 1").fetchone()
    wanted, columns = (EXPECTED["amount"], form.required) if without else (EXPECTED["date"], form.moments)
    problem = f"expected {wanted} in {' or '.join(columns[:2])}, found none: export the file anew."
    raise BadDeliveryError(file.name, problem, row=row, column=columns[0])


def _count(bench: tables.Workbench, opened: Sequence[File]) -> None:
    """Refuse a file that has not as many rows as its manifest counts. Raises BadDeliveryError."""
    held = dict(bench.duck.execute("select x_file, count(*) from charges group by 1").fetchall())
    for number, file in enumerate(opened):
        rows = held.get(number, 0)
        if file.told.rows not in (None, rows):
            problem = f"it has {rows:,} rows, and its manifest counts {file.told.rows:,}: fetch all files again."
            raise BadDeliveryError(file.name, problem)
