"""A delivery's files as one table of text, and that table as charges in FOCUS's columns. DuckDB does the work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
from ibis.backends.duckdb import Backend

from finops.errors import BadDeliveryError, UnavailableError
from jobs import scratch
from jobs.bills import lines
from jobs.bills.files import File, Shape
from jobs.bills.finish import stages
from jobs.bills.formats import Format
from jobs.bills.rules import EMPTY, FILE
from storage.settings import settings

MEMORY = "700MB"
"""DuckDB's share; beyond it, it spills into its folder."""
UNREADABLE = (
    *(duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException),
    *(duckdb.NotImplementedException, duckdb.SerializationException),
)
"""What the engine says of files that are damaged, or made to hurt."""
CLOCK = "create macro utc_clock(moment) as make_timestamp(epoch_us(moment))"
TEXT = "VARCHAR"
FLOATS = ("DOUBLE", "FLOAT")
NATIVE = ("DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "TIMESTAMP", "DATE", *FLOATS)
"""Parquet's types that are read as they are; what else there is becomes text."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """A folder of its own under COSTS_HOME, and a DuckDB that spills into it."""

    folder: Path
    backend: Backend

    @property
    def charges(self) -> Path:
        """The file of all charges of the delivery."""
        return self.folder / "charges.parquet"

    @property
    def duck(self) -> duckdb.DuckDBPyConnection:
        """The connection itself."""
        connection: duckdb.DuckDBPyConnection = self.backend.con
        return connection

    def replace(self, rows: str) -> None:
        """Make these rows, a query on `charges`, the charges of the delivery."""
        file = self.folder / "charges.next.parquet"
        self.duck.execute(f"copy ({rows}) to {literal(str(file))} (format parquet, compression zstd)")
        file.replace(self.charges)
        self.duck.execute(f"create or replace view charges as from read_parquet({readable(self.charges)})")


@contextmanager
def workbench() -> Iterator[Workbench]:
    """Open a place to work in; it is gone afterwards, however the work ended. Raises UnavailableError."""
    with scratch.folder(settings().home / "tmp") as folder, _told(folder):
        backend = ibis.duckdb.connect(threads=2, memory_limit=MEMORY, temp_directory=str(folder))
        backend.con.execute(
            "set TimeZone = 'UTC'; set preserve_insertion_order = false; set enable_progress_bar = false"
        )
        backend.con.execute(_cleaned())
        backend.con.execute(CLOCK)
        yield Workbench(folder, backend)
        backend.disconnect()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Tell what a person can do about what the engine refuses."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        message = f"Working in {folder} failed ({str(error).splitlines()[0]}): is the disk full?"
        raise UnavailableError(message) from error
    except UNREADABLE as error:  # of a bill it was told before, with the bill's name: it is our own file
        message = f"The charge lake is damaged ({str(error).splitlines()[0]}): restore that file from a backup."
        raise UnavailableError(message) from error


def _cleaned() -> str:
    """Say what a cell is without blanks around it, and nothing if its writer had nothing."""
    # Long cells are never empty, and most are long. Not `in (…)`: the engine makes a join of that, one a column.
    empty = ", ".join(literal(word) for word in EMPTY)
    short = f"if(list_contains([{empty}], trim(cell)), null, trim(cell))"
    return f"create macro cleaned(cell) as if(strlen(cell) > {max(map(len, EMPTY))}, cell, {short})"


def literal(text: str) -> str:
    """Write text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def readable(path: Path) -> str:
    """Write a file's path as an SQL literal to read from; its stars and brackets stand for themselves."""
    return literal("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def identifier(text: str) -> str:
    """Write a column's name in SQL."""
    return '"' + text.replace('"', '""') + '"'


def charges(bench: Workbench, form: Format, files: Sequence[File]) -> None:
    """Make the view `charges` of FOCUS's columns and ours, over one Parquet file. Raises BadDeliveryError."""
    try:
        _write(bench, form, files, strict=True)
    except duckdb.OutOfMemoryException as error:
        problem = "a row of it, or a cell, takes more memory than the reader may have: look at what it is."
        raise BadDeliveryError(files[0].name, problem) from error
    except UNREADABLE as error:
        broken = _located(error, files)
        if all(file.shape is not Shape.CSV for file in files):
            raise broken from error
        for file in files:
            if file.shape is Shape.CSV:
                lines.count(file)  # names the broken row; if there is none, only the line ends are mixed
        try:
            _write(bench, form, files, strict=False)
        except duckdb.Error:
            raise broken from error
    for number, read in bench.duck.execute("select x_file, count(*) from charges group by 1").fetchall():
        if files[number].shape is Shape.CSV:
            lines.check(files[number], read)


def _write(bench: Workbench, form: Format, files: Sequence[File], *, strict: bool) -> None:
    last = normalizing(bench, form, files, strict=strict)
    kept = f"select * exclude (x_misread) from {last}"  # `misread` tells it when it is wanted
    bench.duck.execute(f"copy ({kept}) to {literal(str(bench.charges))} (format parquet, compression zstd)")
    bench.duck.execute(f"create view charges as from read_parquet({readable(bench.charges)})")


def normalizing(bench: Workbench, form: Format, files: Sequence[File], *, strict: bool) -> str:
    """Make views on files by the format's rules; returns the name of the last one, which has the charges."""
    natives = _natives(bench, files)
    alike: dict[tuple[bool, tuple[bool, ...]], list[int]] = {}
    for number, file in enumerate(files):
        rows = _select(bench, form, file, number, strict=strict, natives=natives)
        bench.duck.execute(f"create or replace view raw_{number} as {rows}")
        alike.setdefault((_is_other(bench, form, number), form.told_by(file.headers)), []).append(number)
    # What a file lacks, and how it is written, means the same whatever is read beside it.
    last = [
        _normalized(bench, form, _union(f"raw_{one}" for one in each), f"stage{each[0]}", other=other)
        for (other, _), each in alike.items()
    ]
    if len(last) > 1:
        bench.duck.execute(f"create or replace view stages as {_union(last)}")
    return last[0] if len(last) == 1 else "stages"


def _is_other(bench: Workbench, form: Format, number: int) -> bool:
    """Whether a file's cells are written in the other of two ways."""
    if form.written is None:
        return False
    evidence, judge, _ = form.written
    asked = evidence(bench.backend.table(f"raw_{number}"))
    if asked is None:
        return False
    told = bench.duck.execute(str(ibis.to_sql(asked, dialect="duckdb")))
    names = [name for name, *_ in told.description or ()]
    found = told.fetchone()
    return found is not None and judge(dict(zip(names, found, strict=True)))


def _union(views: Iterable[str]) -> str:
    return " union all by name ".join(f"from {view}" for view in views)


def _normalized(bench: Workbench, form: Format, rows: str, name: str, *, other: bool) -> str:
    """Make a view on the view before for every stage; returns the last one's name."""
    # Cleaned once, in a view: Ibis would write the expression out wherever a rule uses the cell.
    described = bench.duck.execute(f"describe {rows}").fetchall()
    cells = (
        identifier(each) if kind != TEXT else f"cleaned({identifier(each)}) as {identifier(each)}"
        for each, kind, *_ in described
    )
    bench.duck.execute(f"create or replace view {name} as select {', '.join(cells)} from ({rows})")
    for number, stage in enumerate(stages(form, other=other)):
        table = bench.backend.table(name)
        name = f"{name.partition('_')[0]}_{number}"
        bench.duck.execute(f"create or replace view {name} as {ibis.to_sql(stage(table), dialect='duckdb')}")
    return name


def misread(bench: Workbench, form: Format, number: int, *, where: str) -> tuple[int, str | None]:
    """Return a file's first row for which `where` holds, counted from 1, and what was misread in it."""
    bench.duck.execute("set preserve_insertion_order = true")
    numbered = f"select * replace (row_number() over () as {FILE}) from raw_{number}"
    last = _normalized(bench, form, numbered, "numbered", other=_is_other(bench, form, number))
    found = bench.duck.execute(f"select {FILE}, x_misread from {last} where {where} order by 1 limit 1").fetchone()
    return found or (1, None)


def _natives(bench: Workbench, files: Sequence[File]) -> dict[str, str]:
    """Return the columns, in small letters, that stay the numbers and instants that Parquet has, each with its type.

    Of files that differ, and beside files that are text, all cells are text: bringing two numbers together may round.
    """
    if any(file.shape is not Shape.PARQUET for file in files):
        return {}
    kinds: dict[str, set[str]] = {}
    for file in files:
        for name, kind, *_ in _described(bench, file):
            kinds.setdefault(name.lower(), set()).add(kind)
    each = ((name, next(iter(found))) for name, found in kinds.items() if len(found) == 1)
    return {name: kind for name, kind in each if kind.startswith(NATIVE)}


def _described(bench: Workbench, file: File) -> list[tuple[str, ...]]:
    return bench.duck.execute(f"describe from read_parquet({readable(file.path)})").fetchall()


def _select(
    bench: Workbench, form: Format, file: File, number: int, *, strict: bool, natives: Mapping[str, str]
) -> str:
    path = readable(file.path)
    mark = f"{number} as {FILE}"
    if file.shape is Shape.PARQUET:
        described = _described(bench, file)
        cells = ", ".join(f"{_cell(name, kind, natives)} as {identifier(name)}" for name, kind, *_ in described)
        return f"select {cells}, {mark} from read_parquet({path})"
    if file.shape is Shape.JSON:
        names = list(dict.fromkeys((*form.paths, *file.headers)))
        paths = ", ".join(literal(_json_path(name)) for name in names)
        cells = ", ".join(f"cells[{place}] as {identifier(name)}" for place, name in enumerate(names, start=1))
        # All paths at once: each row is then parsed once.
        objects = f"read_json_objects({path}, format='auto', compression='uncompressed')"
        once = f"select json_extract_string(json, [{paths}]) as cells from {objects}"
        return f"select {cells}, {mark} from ({once})"
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _distinct(file.headers))
    return f"""select *, {mark} from read_csv({path}, header=false, skip=1, auto_detect=false, columns={{{columns}}},
               delim=',', quote='"', escape='"', strict_mode={strict}, null_padding=false, compression='none')"""


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


def _cell(name: str, kind: str, natives: Mapping[str, str]) -> str:
    """Return a Parquet cell as it is, or as text: of a double the shortest that means it, of nested ones their JSON."""
    column = identifier(name)
    if name.lower() in natives:
        return f"if(isnan({column}), null, {column})" if kind in FLOATS else column
    nested = kind.endswith("[]") or kind.startswith(("MAP", "STRUCT"))
    return f"to_json({column})::varchar" if nested else f"{column}::varchar"


def _located(error: duckdb.Error, files: Sequence[File]) -> BadDeliveryError:
    """Tell where the engine stumbled."""
    text = str(error)
    name = next((file.name for file in files if str(file.path) in text), files[0].name)
    if place := re.search(r"in (?:line|record/value) (\d+)", text):
        return BadDeliveryError(
            name, "the JSON is cut off or broken: fetch the file again.", row=max(int(place.group(1)) - 1, 1)
        )
    return BadDeliveryError(name, f"it is damaged ({text.splitlines()[0]}): fetch the file again.")
