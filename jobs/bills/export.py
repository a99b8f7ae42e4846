"""A billing period out of the lake, as one FOCUS 1.2 file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from sqlalchemy import select

from finops.errors import CostsError, UnavailableError
from finops.periods import Period
from jobs.bills import cells
from jobs.bills.gaps import filled
from jobs.bills.tables import Workbench, literal, readable, workbench
from storage import lake
from storage.database import transaction
from storage.models import Delivery, DeliveryStatus, Source

WRITERS = {
    ".parquet": "format parquet, compression zstd",
    ".csv": "format csv, header true, timestampformat '%Y-%m-%dT%H:%M:%SZ'",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    rows: int
    marked: int
    """Cells of text that got an apostrophe, because a spreadsheet would have run them."""


def focus(period: str, out: Path, *, source: str | None = None, verbatim: bool = False) -> Exported:
    """Write the charges of a billing period. Raises CostsError.

    In CSV, text that a spreadsheet takes for a formula is marked, unless it is wanted `verbatim`; Parquet is as it is.
    """
    month = Period.billing(period).start
    if out.suffix.lower() not in WRITERS:
        message = f"{out}: the ending says the format; use {' or '.join(WRITERS)}."
        raise CostsError(message)
    places = _places(month, source)
    if not places:
        whose = f" of the source “{source}”" if source else ""
        message = f"The lake holds no charges{whose} for {period}: `costs ingest` brings them."
        raise CostsError(message)
    return _write(places, out, mark=out.suffix.lower() == ".csv" and not verbatim)


def _places(month: date, source: str | None) -> list[str]:
    loaded = (
        select(Delivery.lake_address)
        .join(Source)
        .where(Delivery.billing_period == month, Delivery.status == DeliveryStatus.LOADED)
    )
    with transaction() as session:
        found = session.scalars(loaded.where(Source.name == source) if source else loaded)
        return [place for place in found if place]


def _write(places: list[str], out: Path, *, mark: bool) -> Exported:
    with workbench() as bench:
        files = ", ".join(readable(lake.fetch(place, bench.folder)) for place in sorted(places))
        query = filled(bench, f"read_parquet([{files}])")
        marked = 0
        if mark:
            cells.prepare(bench)
            marked = cells.count(bench, query)
        _put(bench, cells.safe(query) if marked else query, out)
        counted = bench.duck.execute(f"select count(*) from read_parquet([{files}])").fetchone()  # noqa: S608
    return Exported(int(counted[0]) if counted else 0, marked)


def _put(bench: Workbench, query: str, out: Path) -> None:
    """Write the query's rows, the earliest first: whole or not at all."""
    aside = out.with_name(f".{out.name}.part")
    try:
        bench.duck.execute(
            f"copy (from ({query}) order by ChargePeriodStart) to {literal(str(aside))} ({WRITERS[out.suffix.lower()]})"
        )
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(out)
    except (OSError, duckdb.IOException) as error:
        message = f"{out} could not be written: is its folder there, and is there room?"
        raise UnavailableError(message) from error
    finally:
        aside.unlink(missing_ok=True)
