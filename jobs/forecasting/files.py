"""Series in files: those handed to the child, and those that an outside judge brings and takes away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from finops.errors import CostsError
from finops.forecasting.history import History
from finops.forecasting.values import CostForecast

COLUMNS = ("unique_id", "ds", "y")
ENDS = ("mean", "lo80", "hi80", "lo95", "hi95")


def handed(target: Path, histories: Sequence[History]) -> None:
    """Write series for the child."""
    table = pa.table(
        {
            "name": pa.array([one.name for one in histories], pa.string()),
            "start": pa.array([one.start for one in histories], pa.date32()),
            "amounts": pa.array([one.amounts for one in histories], pa.list_(pa.float64())),
        }
    )
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def taken(source: Path) -> list[History]:
    """Read them in the child."""
    with pa.OSFile(str(source), "rb") as file:
        rows = pa.ipc.open_file(file).read_all().to_pylist()
    return [History(row["name"], row["start"], np.array(row["amounts"], dtype=np.float64)) for row in rows]


def brought(source: Path) -> dict[str, dict[date, float]]:
    """Read series of `unique_id, ds, y` from Parquet, or CSV by its ending: one amount a day. Raises CostsError."""
    kind = "CSV" if source.suffix.lower() == ".csv" else "Parquet"
    try:
        table = _csv(source) if kind == "CSV" else pq.read_table(source, columns=list(COLUMNS))
    except (OSError, pa.ArrowException) as error:
        first = str(error).splitlines()[0]
        message = f"{source}: not a {kind} file of series with the columns {', '.join(COLUMNS)} ({first})."
        raise CostsError(message) from error
    found: dict[str, dict[date, float]] = {}
    for number, row in enumerate(table.to_pylist(), 1):
        name, day, amount = (row[column] for column in COLUMNS)
        day = day.date() if isinstance(day, datetime) else day
        if not isinstance(day, date) or name is None or not isinstance(amount, int | float | None):
            message = f"{source}, row {number}: expected a name, a day, a number, found {name!r}, {day!r}, {amount!r}."
            raise CostsError(message)
        days = found.setdefault(str(name), {})
        if day in days:
            message = f"{source}, row {number}: {name} has {day} twice; a series has one amount a day."
            raise CostsError(message)
        days[day] = float("nan") if amount is None else float(amount)
    return found


def _csv(source: Path) -> pa.Table:
    wanted = pacsv.ConvertOptions(
        include_columns=list(COLUMNS), column_types={"unique_id": pa.string()}, strings_can_be_null=False
    )
    return pacsv.read_csv(source, convert_options=wanted)


def take_away(target: Path, made: Iterable[tuple[date, CostForecast]]) -> int:
    """Write forecasts as `unique_id, cutoff, ds, mean, lo80, hi80, lo95, hi95`; return how many rows."""
    rows: list[dict[str, Any]] = [
        {"unique_id": one.name, "cutoff": _instant(cutoff), "ds": _instant(day.day)}
        | {end: float(getattr(day, end)) for end in ENDS}
        for cutoff, one in made
        for day in one.points
    ]
    fields = [("unique_id", pa.string()), ("cutoff", pa.timestamp("ns")), ("ds", pa.timestamp("ns"))]
    schema = pa.schema([*fields, *((end, pa.float64()) for end in ENDS)])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), target)
    return len(rows)


def _instant(day: date) -> datetime:
    """As such files write days: midnight, of no zone."""
    return datetime.combine(day, time())
