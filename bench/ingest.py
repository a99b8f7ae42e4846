"""How fast bills are read: our ingest, and a bare DuckDB script, side by side over the same files.

`python bench/ingest.py [CHARGES]`, or as part of `python -m bench`. The bare script reads, casts, writes the same
Parquet, rolls up and copies into PostgreSQL; it knows no formats, checks nothing and replaces nothing. What ours does
more: checks with file, row and column, fingerprints, resources, tag sets, foreign keys, roll-ups for questions, a swap
in one transaction. Each run is a process of its own; the quickest of each kind counts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench import bare, bills
from bench.measure import Line, alone, best, home, ratio, shown, side_by_side

MEMORY = 1536
"""Megabytes that the ingesting process may have."""


def ours(file: Path, source: str) -> None:
    """Read it as the product does."""
    from jobs.bills.ingest import ingest  # noqa: PLC0415

    (period,) = ingest("auto", [file], source=source).periods
    assert period.status == "loaded", period.reason  # noqa: S101  a benchmark of nothing would be fast


def reading(file: Path) -> None:
    """Read a file as the product does, whole, checked and fingerprinted, but leave its cells as they are."""
    from jobs.bills import files, tables  # noqa: PLC0415
    from jobs.bills.formats import recognize  # noqa: PLC0415

    with tables.workbench() as bench:
        [opened] = files.open_all([file], bench.folder)
        form = recognize("auto", opened.headers, file=str(file))
        cells = tables._select(bench, form, opened, 0, strict=True, natives={})  # noqa: SLF001  a part of the whole
        bench.duck.execute(f"create table kept as from ({cells})")


def parquet(folder: Path, charges: int, *, rounds: int) -> Iterator[Line]:
    """Parquet to a queryable ledger; its month again; the memory."""
    file, changed = folder / "charges.parquet", folder / "changed.parquet"
    bills.generate(file, charges)
    bills.generate(changed, charges, seed=bills.SEED + 1)
    full, plain = side_by_side(
        lambda each: alone(ours, file, f"parquet-{each}"), lambda _: alone(bare.load, file, folder), rounds=rounds
    )
    narrow = alone(partial(bare.load, same=False), file, folder)
    again = [alone(ours, changed, f"parquet-{each}") for each in range(rounds)]
    many = f"{charges / 1e6:g} million charges"
    yield Line(f"{many}, Parquet: the bare script", f"{best(plain):.1f} s", "", None)
    yield Line(f"{many}, Parquet: costs ingest", f"{best(full):.1f} s", "", None)
    yield ratio(f"{many}, Parquet: ingest / bare script", best(full) / best(plain), at_most=1.5)
    yield ratio(f"{many}, Parquet: the same, if it leaves out empty columns", best(full) / best([narrow]))
    yield ratio("replacing that month by a changed one / its first load", best(again) / best(full), at_most=1.2)
    yield memory(f"memory of the ingest, {many}, Parquet", max(run.memory for run in (*full, *again)))
    file.unlink()
    changed.unlink()


def packed(folder: Path, charges: int, *, rounds: int) -> Iterator[Line]:
    """Packed CSV: the reading alone, and the whole."""
    file = folder / "charges.csv.gz"
    bills.generate(file, charges)
    read, theirs = side_by_side(lambda _: alone(reading, file), lambda _: alone(bare.read, file), rounds=rounds)
    full, plain = side_by_side(
        lambda each: alone(ours, file, f"csv-{each}"), lambda _: alone(bare.load, file, folder), rounds=rounds
    )
    many = f"{charges / 1e6:g} million charges, csv.gz"
    yield Line(f"{many}: DuckDB's reading", f"{best(theirs):.1f} s", "", None)
    yield ratio(f"{many}: speed of our reading / of DuckDB's", best(theirs) / best(read), at_least=0.7)
    yield ratio(f"{many}: ingest / bare script", best(full) / best(plain))
    yield memory(f"memory of the ingest, {many}", max(run.memory for run in full))
    file.unlink()


def memory(what: str, megabytes: float) -> Line:
    """Return a line about memory."""
    return Line(what, f"{megabytes:,.0f} MB", f"at most {MEMORY:,} MB", megabytes <= MEMORY)


def measure(folder: Path, charges: int, *, rounds: int = 3) -> Iterator[Line]:
    """Measure all of it in a home of its own."""
    yield from parquet(folder, charges, rounds=rounds)
    yield from packed(folder, max(charges // 5, 1), rounds=rounds)


def main() -> None:
    """Measure, and print the lines."""
    charges = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with home() as folder:
        shown(measure(folder, charges))


if __name__ == "__main__":
    main()
