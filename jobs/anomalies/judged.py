"""The days of series that an outside judge brings, judged by production's own code with what was known each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from finops.anomalies.events import Watched, watch
from finops.anomalies.series import CannotWatchError, Sensitivity, Series, series
from finops.errors import BadSettingError, CostsError
from jobs.anomalies import watching

SCHEMA = pa.schema(
    [
        ("unique_id", pa.string()),
        ("ds", pa.timestamp("ns")),
        ("score", pa.float64()),
        ("alarm", pa.bool_()),
        ("kind", pa.string()),
    ]
)

Row = dict[str, Any]


def days(
    brought: Mapping[str, Mapping[date, float]], last: int, wanted: Sensitivity
) -> tuple[list[Row], int, list[str]]:
    """Return a row for each of the last days of each series, how many series, and a sentence for each one refused.

    Raises BadSettingError and UnavailableError.
    """
    if last < 1:
        message = f"--last says how many days of each series are judged: at least 1, not {last}."
        raise BadSettingError(message)
    known: list[Series] = []
    refused: list[str] = []
    for name, costs in brought.items():
        try:
            known.append(series(name, costs))
        except CannotWatchError as error:
            refused.append(str(error))
    judged = watching.shared(partial(rows, last=last, wanted=wanted), known)
    return list(chain.from_iterable(judged)), len(known), refused


def rows(one: Series, *, last: int, wanted: Sensitivity) -> list[Row]:
    """Judge a series and tell its last days."""
    found = watch(one, wanted)
    return [_row(found, day) for day in range(max(0, len(one.amounts) - last), len(one.amounts))]


def _row(found: Watched, day: int) -> Row:
    kind = found.kinds[day]
    return {
        "unique_id": found.series.name,
        "ds": datetime.combine(found.series.day(day), time()),
        "score": float(found.months[day]),
        "alarm": found.alarms[day],
        "kind": "" if kind is None else kind.value,
    }


def take_away(target: Path, found: Sequence[Row]) -> None:
    """Write the days as Parquet, or CSV by the ending, whole or not at all. Raises CostsError."""
    table = pa.Table.from_pylist(list(found), schema=SCHEMA)
    half = target.with_name(f".{target.name}.part")
    try:
        if target.suffix.lower() == ".csv":
            pacsv.write_csv(table.set_column(1, "ds", table["ds"].cast(pa.date32())), half)
        else:
            pq.write_table(table, half)
        half.replace(target)
    except OSError as error:
        message = f"{target} could not be written ({error.strerror or error}): choose a file in a folder of yours."
        raise CostsError(message) from error
    finally:
        half.unlink(missing_ok=True)
