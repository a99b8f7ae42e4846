"""Two exports of the same costs made one bill: what was billed, and beside it what each use was worth (amortized).

Both list everything that has nothing to do with reservations and savings plans, so of the amortized export only what
has is taken: the rules are those for usage details, in `jobs.providers.azure.details`, here for millions of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.bills.rules import squeeze
from jobs.providers.answers import BadAnswerError
from jobs.providers.azure.details import BOUGHT, COMMITTED, COSTS, WORTH

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "700MB"
EXACT = "decimal(38, 18)"
COST = (*(squeeze(name) for name in COSTS),)


def join(billed: Sequence[Path], amortized: Sequence[Path], target: Path, *, rows: int) -> Path:
    """Write both exports' rows as one Parquet file, all text, and return it.

    Its costs sum up to the first export's, and `x_AmortizedCost` to what the second says of commitments and the first
    of all else. `rows` is how many both have together. Raises BadAnswerError if others are found.
    """
    import duckdb  # noqa: PLC0415  slow, and only for those who have two exports

    try:
        with duckdb.connect(
            config={"memory_limit": MEMORY, "temp_directory": str(target.parent), "threads": 2}
        ) as duck:
            first, second = _table(duck, "billed", billed), _table(duck, "amortized", amortized)
            held = duck.execute("select (select count(*) from billed) + (select count(*) from amortized)").fetchone()
            if held != (rows,):
                message = f"Of {rows} rows of the two exports {held and held[0]} could be read: nothing of them is."
                raise BadAnswerError(message)
            duck.execute(f"copy ({_billed(first)} union all by name {_worth(second)}) to {_text(str(target))}")
    except duckdb.Error as error:
        message = f"The exports of actual and amortized cost could not be joined ({str(error).splitlines()[0]})."
        raise BadAnswerError(message) from error
    return target


def _table(duck: DuckDBPyConnection, name: str, files: Sequence[Path]) -> dict[str, str]:
    """Make a view of files, all text; return its columns by squeezed name."""
    parquet, csv = (_text([str(one) for one in files if (one.suffix == ".parquet") is kind]) for kind in (True, False))
    dialect = "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', union_by_name = true"
    text = f"select columns(*)::varchar from read_parquet({parquet}, union_by_name = true)"  # noqa: S608  escaped
    parts = [text] * (parquet != "[]")
    parts += [f"from read_csv({csv}, {dialect})"] * (csv != "[]")
    duck.execute(f"create view {name} as {' union all by name '.join(parts)}")
    return {squeeze(column): _name(column) for column, *_ in duck.execute(f"describe {name}").fetchall()}


def _billed(columns: dict[str, str]) -> str:
    """Return all that was billed but use that a commitment covered: it costs nothing here, and is in the other list."""
    cost, mine = _cost(columns), _committed(columns)
    worth = f"case when {mine} then '0' else {cost} end as {WORTH}"
    covered = f"{mine} and {_kind(columns)} not in {BOUGHT} and coalesce(try_cast({cost} as {EXACT}) = 0, false)"
    return f"select *, {worth} from billed where not ({covered})"  # noqa: S608  names of columns, escaped


def _worth(columns: dict[str, str]) -> str:
    cost, mine = _cost(columns), f"{_committed(columns)} and {_kind(columns)} not in {BOUGHT}"
    return f"select * replace ('0' as {cost}), {cost} as {WORTH} from amortized where {mine}"  # noqa: S608  as above


def _cost(columns: dict[str, str]) -> str:
    found = next((columns[name] for name in COST if name in columns), None)
    if found is None:
        message = f"An export of cost has no column {' or '.join(COSTS)}: export it anew."
        raise BadAnswerError(message)
    return found


def _kind(columns: dict[str, str]) -> str:
    return f"lower(coalesce({columns.get('chargetype', 'null')}, 'usage'))"


def _committed(columns: dict[str, str]) -> str:
    """Whether a row is of a reservation or a savings plan, in SQL."""
    model = f"lower(replace(coalesce({columns.get('pricingmodel', 'null')}, ''), ' ', ''))"
    named = " || ".join(f"coalesce({columns.get(name, 'null')}, '')" for name in ("reservationid", "benefitid"))
    bought = f"{_kind(columns)} in {BOUGHT} and {named} <> ''"
    return f"({model} in {COMMITTED} or starts_with({_kind(columns)}, 'unused') or ({bought}))"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return "'" + value.replace("'", "''") + "'"
