"""A delivery's files as one table of text, and that table as charges in FOCUS's columns. DuckDB does the work."""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from finops.errors import BadDeliveryError, UnavailableError
from jobs.bills.files import File, Shape
from jobs.bills.formats import Format
from jobs.bills.rules import EMPTY, FILE, finish, squeeze
from storage.settings import settings

MEMORY = "700MB"
"""DuckDB's share; beyond it, it spills into its folder."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """A folder of its own under COSTS_HOME, and a DuckDB that spills into it."""

    folder: Path
    backend: Backend

    @property
    def duck(self) -> duckdb.DuckDBPyConnection:
        """The connection itself."""
        connection: duckdb.DuckDBPyConnection = self.backend.con
        return connection


@contextmanager
def workbench() -> Iterator[Workbench]:
    """Open a place to work in; it is gone afterwards, however the work ended. Raises UnavailableError."""
    parent = settings().home / "tmp"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=parent))
    except OSError as error:
        message = f"{parent} cannot be written ({error.strerror}): free disk space or set COSTS_HOME to another folder."
        raise UnavailableError(message) from error
    try:
        backend = ibis.duckdb.connect(
            folder / "work.duckdb", threads=2, memory_limit=MEMORY, temp_directory=str(folder)
        )
        backend.con.execute(
            "set TimeZone = 'UTC'; set preserve_insertion_order = false; set enable_progress_bar = false"
        )
        yield Workbench(folder, backend)
        backend.disconnect()
    except duckdb.IOException as error:
        message = f"Working in {folder} failed ({str(error).splitlines()[0]}): is the disk full?"
        raise UnavailableError(message) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def literal(text: str) -> str:
    """Write text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(text: str) -> str:
    """Write a column's name in SQL."""
    return '"' + text.replace('"', '""') + '"'


def charges(bench: Workbench, form: Format, files: Sequence[File]) -> None:
    """Make the table `charges` of FOCUS's columns, `x_billed` and `x_file`. Raises BadDeliveryError."""
    # Not `in (…)`: DuckDB makes a join of that, one for each of hundreds of columns.
    empty = ", ".join(literal(word) for word in EMPTY)
    bench.duck.execute(f"create macro nullif_empty(cell) as if(list_contains([{empty}], trim(cell)), null, trim(cell))")
    try:
        for number, file in enumerate(files):
            bench.duck.execute(f"create view raw_{number} as {_select(bench, form, file, number)}")
        union = " union all by name ".join(f"from raw_{number}" for number in range(len(files)))
        # Cleaned once, in a view: Ibis would write the expression out wherever a rule uses the cell.
        bench.duck.execute(f"create view raw as select {FILE}, nullif_empty(columns(* exclude {FILE})) from ({union})")
        stages = (*form.stages, finish)
        for number, stage in enumerate(stages):
            table = bench.backend.table(f"stage_{number - 1}" if number else "raw")
            bench.duck.execute(f"create view stage_{number} as {ibis.to_sql(stage(table), dialect='duckdb')}")
        bench.duck.execute(f"create table charges as from stage_{len(stages) - 1}")
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise _located(error, files) from error


def _select(bench: Workbench, form: Format, file: File, number: int) -> str:
    path = literal(str(file.path))
    mark = f"{number} as {FILE}"
    if file.shape is Shape.PARQUET:
        described = bench.duck.execute(f"describe from read_parquet({path})").fetchall()
        cells = ", ".join(f"{_text(name, kind)} as {identifier(name)}" for name, kind, *_ in described)
        return f"select {cells}, {mark} from read_parquet({path})"
    if file.shape is Shape.JSON:
        names = list(dict.fromkeys((*form.paths, *file.headers)))
        paths = ", ".join(literal(_json_path(name)) for name in names)
        cells = ", ".join(f"cells[{place}] as {identifier(name)}" for place, name in enumerate(names, start=1))
        # All paths at once: each row is then parsed once.
        once = f"select json_extract_string(json, [{paths}]) as cells from read_json_objects({path}, format='auto')"
        return f"select {cells}, {mark} from ({once})"
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _distinct(file.headers))
    return f"""select *, {mark} from read_csv({path}, header=false, skip=1, auto_detect=false, columns={{{columns}}},
               delim=',', quote='"', escape='"', strict_mode=false, null_padding=false)"""


def _distinct(headers: Sequence[str]) -> list[str]:
    """Return the headers, repeated or empty ones with their place added; DuckDB's names ignore case."""
    seen: set[str] = set()
    names = []
    for place, header in enumerate(headers):
        name = header if header and header.lower() not in seen else f"{header} {place}"
        seen.add(name.lower())
        names.append(name)
    return names


def _json_path(dotted: str) -> str:
    return "$." + ".".join(identifier(part) for part in dotted.split("."))


def _text(name: str, kind: str) -> str:
    """Return a Parquet cell as text: of a double the shortest that means it, of a nested value its JSON."""
    column = identifier(name)
    nested = kind.endswith("[]") or kind.startswith(("MAP", "STRUCT"))
    return f"to_json({column})::varchar" if nested else f"{column}::varchar"


def _located(error: duckdb.Error, files: Sequence[File]) -> BadDeliveryError:
    """Tell where DuckDB stumbled."""
    text = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    name = next((file.name for file in files if str(file.path) in text), files[0].name)
    if line:
        problem = "the row is cut off or has another number of columns than the header: fetch the file again."
        return BadDeliveryError(name, problem, row=max(int(line.group(1)) - 1, 1))
    return BadDeliveryError(name, f"it cannot be read: {text.splitlines()[0]}")


def bad_amount(file: File, columns: Sequence[str]) -> BadDeliveryError | None:
    """Look for the first row of a CSV whose required amount is missing or no number."""
    if file.shape is not Shape.CSV:
        return BadDeliveryError(file.name, "a row has no amount where one should be.", column=columns[0])
    wanted = {squeeze(name) for name in columns}
    with file.path.open(encoding="utf-8-sig", newline="") as text:
        for number, row in enumerate(csv.DictReader(text), start=1):
            cells = {name: cell for name, cell in row.items() if name and squeeze(name) in wanted}
            if not any(_is_number(cell) for cell in cells.values()):
                column, cell = next(iter(cells.items()), (columns[0], None))
                problem = f"expected an amount, found {(cell or 'nothing')[:60]!r}: fetch the file again."
                return BadDeliveryError(file.name, problem, row=number, column=column)
    return None


def _is_number(cell: str | None) -> bool:
    if cell is None or cell.strip() in EMPTY:
        return False
    try:
        return Decimal(cell.strip()).is_finite()
    except InvalidOperation:
        return False
