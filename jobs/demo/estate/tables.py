"""From streams to the providers' files: joined, formatted and written by DuckDB, byte for byte the same every time."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from finops.periods import ONE_DAY
from jobs.demo.estate.lines import Line
from jobs.demo.estate.timeline import Ints, Timeline

# DuckDB would keep the product of two narrow decimals narrow, and overflow: the first is therefore wide.
MONEY = "({column}::DECIMAL(28,0) * 0.0000000001)::DECIMAL(28,10)::VARCHAR"
# The size of these files matters less than the time it takes to write them.
COMPRESSION = 1


def money(column: str) -> str:
    """Return the SQL that writes an integer of 10^-10 USD as exact decimal text; empty where there is none."""
    return MONEY.format(column=column)


def charges(timeline: Timeline, lines: Sequence[Line]) -> pa.Table:
    """Return one row a charge: the number of its stream and of its day, with all its integers."""
    picked = [np.flatnonzero(line.charged) for line in lines]
    parts = list(zip(lines, picked, strict=True))
    columns = {
        "line": np.repeat(np.arange(len(lines)), [len(days) for days in picked]),
        "day": np.concatenate(picked),
        "quantity": np.concatenate([line.quantity[days] for line, days in parts]),
        "cost": np.concatenate([line.cost[days] for line, days in parts]),
    }
    for name in sorted({name for line in lines for name in line.extra}):
        filled = [
            line.extra[name][days] if name in line.extra else np.zeros(len(days), np.int64) for line, days in parts
        ]
        columns[name] = np.concatenate(filled)
    columns["month"] = timeline.month_of[columns["day"]]
    return pa.table({name: _column(values) for name, values in columns.items()})


def _column(values: Ints) -> pa.Array:
    # pa.array() would import pandas, which nothing here needs.
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def attributes(lines: Sequence[Line], names: Sequence[str]) -> pa.Table:
    """Return one row a stream with what is the same every day."""
    rows = [
        {"line": number, "quantum": f"{1 / line.quantum:.10f}", "monthly": line.monthly}
        | {name: line.attributes.get(name) for name in names}
        for number, line in enumerate(lines)
    ]
    return pa.Table.from_pylist(rows)


def _instant(day: date) -> str:
    return f"{day}T00:00:00Z"


def calendar(timeline: Timeline, more: Sequence[Mapping[str, str]]) -> pa.Table:
    """Return the days with their instants as text, their months', and what else is known of each."""
    months = [timeline.months[month] for month in timeline.month_of]
    rows = zip(timeline.dates(), months, more, strict=True)
    return pa.Table.from_pylist(
        [
            {
                "day": number,
                "starts": _instant(day),
                "ends": _instant(day + ONE_DAY),
                "month_starts": _instant(month.start),
                "month_ends": _instant(month.end),
                "us_day": f"{day:%m/%d/%Y}",
                "us_month_first": f"{month.start:%m/%d/%Y}",
                "us_month_last": f"{month.end - ONE_DAY:%m/%d/%Y}",
                "closed": month.end <= timeline.today,
                "month_last": day + ONE_DAY == month.end < timeline.today,
                **extra,
            }
            for number, (day, month, extra) in enumerate(rows)
        ]
    )


def write(
    timeline: Timeline,
    lines: Sequence[Line],
    columns: Mapping[str, str],
    target: Callable[[int], Path],
    *,
    names: Sequence[str],
    as_json: bool = False,
    month: str = "month",
    days: Sequence[Mapping[str, str]] | None = None,
) -> int:
    """Write one file a billing month; `columns` say by SQL what each native column holds. Returns the rows."""
    select = ", ".join(f'{expression} AS "{name}"' for name, expression in columns.items())
    rows = charges(timeline, lines)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("charge", rows)
        connection.register("stream", attributes(lines, names))
        connection.register("calendar", calendar(timeline, days or [{}] * timeline.days))
        connection.execute(
            f"CREATE TABLE bill AS SELECT *, {month} AS file_month FROM charge "  # noqa: S608  all of it our own text
            "JOIN stream USING (line) JOIN calendar USING (day) ORDER BY file_month, day, line"
        )
        for number in range(len(timeline.months)):
            # Sorted while still integers, made text while written.
            ordered = f"SELECT {select} FROM (SELECT * FROM bill WHERE file_month = {number} ORDER BY day, line)"  # noqa: S608
            _file(connection, ordered, target(number), as_json=as_json)
    return int(rows.num_rows)


def _file(connection: duckdb.DuckDBPyConnection, query: str, file: Path, *, as_json: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    plain = file.with_suffix("") if file.suffix == ".gz" else file
    form = "FORMAT json" if as_json else "FORMAT csv, HEADER"
    connection.execute(f"COPY ({query}) TO '{str(plain).replace(chr(39), chr(39) * 2)}' ({form})")
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(plain.read_bytes(), compresslevel=COMPRESSION, mtime=0))
        plain.unlink()
