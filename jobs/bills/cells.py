"""Text in a CSV file that a spreadsheet would take for a formula.

A cell that begins with one of these is run as soon as somebody opens the file, and whoever can name a resource or set a
tag can write one (https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe before it makes it text again.
Amounts are numbers and stay what they are: only columns of text are looked at.
"""

from __future__ import annotations

from finops.focus import COLUMNS, Kind
from jobs.bills.tables import Workbench

FORMULA = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001  the wide ones are run as well
TEXTS = tuple(name for name, kind in COLUMNS.items() if kind in (Kind.TEXT, Kind.JSON))


def prepare(bench: Workbench) -> None:
    """Teach the engine which cells those are: the macros `is_formula` and `as_text`."""
    codes = ", ".join(f"chr({ord(sign)})" for sign in FORMULA)
    bench.duck.execute(f"create or replace macro is_formula(cell) as cell[1] in ({codes})")
    bench.duck.execute("create or replace macro as_text(cell) as if(is_formula(cell), chr(39) || cell, cell)")


def safe(query: str) -> str:
    """Return the query's rows with an apostrophe before each such text."""
    return f"select * replace ({', '.join(f'as_text({name}) as {name}' for name in TEXTS)}) from ({query})"  # noqa: S608


def count(bench: Workbench, query: str) -> int:
    """Return how many cells of a query's rows those are."""
    each = " + ".join(f"count(*) filter (is_formula({name}))" for name in TEXTS)
    found = bench.duck.execute(f"select {each} from ({query})").fetchone()  # noqa: S608  our own text
    return int(found[0]) if found else 0
