"""What the normalizing rules of every provider are made of: cells found by name, as text, exact number or instant.

A delivered table is all text, without blanks around it, and empty where its writer had nothing. Its headers differ in
case and punctuation between versions of one format (`lineItem/UnblendedCost`, `line_item_unblended_cost`), so a column
is found by its letters and digits alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from finops.focus import COLUMNS, Kind

EXACT = "decimal(38, 18)"
INSTANT = "timestamp('UTC', 6)"
TYPES = {Kind.TEXT: "string", Kind.DECIMAL: EXACT, Kind.INSTANT: INSTANT, Kind.JSON: "string"}
EMPTY = ("", "None", "NULL", "null", "NaN", "nan")
"""What writers of CSV put where they had nothing."""
A_NUMBER_OF_SECONDS = 10**8
"""Later than March 1973; 20260901 is smaller, and no instant."""
FILE = "x_file"
"""Our own column: which file a row came from."""
PLAIN = r"^-?[0-9]{1,18}([.][0-9]*)?$"
"""An amount as most are written; `$1,234.50` is not, and takes ten times as long to read."""
SMALL = r"^-?[0-9]([.][0-9]*)?e-0?[1-9][0-9]{0,2}$"
"""An amount as a double is written that is next to nothing."""
DRESSED = r"^-?[$€£¥]? ?-?([0-9]+([.][0-9]*)?|[0-9]{1,3}(,[0-9]{3})+[.][0-9]+)$"
"""An amount as a spreadsheet writes it. Without a point, `1,234` could mean either number, so it means none."""
DATES = (
    *("%m/%d/%y", "%m/%d/%Y", "%m/%d/%y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"),
    *("%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M", "%Y/%m/%d"),
)
"""What is no instant to the engine, and yet found in bills; the month comes first in all of them."""


def squeeze(header: str) -> str:
    """Return a header's letters and digits in lower case; of `Ort (ResourceLocation)` the part in brackets."""
    inner = re.search(r"\(([A-Za-z]+)\)\s*$", header)
    return re.sub(r"[^a-z0-9]", "", (inner.group(1) if inner else header).lower())


def constant(value: str | None) -> ir.StringValue:
    """Return the same text for every row."""
    # A bare null has no type, and Ibis then compares it in another way.
    return ibis.literal(value, type="string") if value is not None else ibis.literal("").nullif("")


def zero() -> ir.DecimalValue:
    """Return nothing, as an amount."""
    return ibis.literal("0").cast(EXACT)


def priced(price: ir.DecimalValue, quantity: ir.DecimalValue) -> ir.DecimalValue:
    """Return what a quantity costs; of prices 12 decimals count, of quantities 8."""
    # Eighteen decimals each would leave the product two digits before the point.
    return (price.cast("decimal(38, 12)") * quantity.cast("decimal(38, 8)")).cast(EXACT)


def choose(*cases: tuple[Any, Any], otherwise: Any) -> Any:  # noqa: ANN401  Ibis's own values
    """Return the value of the first case that holds."""
    return ibis.cases(*cases, else_=otherwise)


class Raw:
    """A delivered table, its columns found by squeezed name; of several names the first that has a value counts."""

    def __init__(self, table: ir.Table) -> None:
        """Learn its headers."""
        self.table = table
        self._columns: dict[str, list[str]] = {}
        for name in table.columns:
            if name.startswith(MEASURED):
                continue
            self._columns.setdefault(squeeze(name), []).append(name)

    def has(self, *names: str) -> bool:
        """Whether any of these columns is there."""
        return any(squeeze(name) in self._columns for name in names)

    def _cells(self, names: Iterable[str]) -> list[ir.StringValue]:
        return [self.table[column] for column in self.columns(*names)]

    def text(self, *names: str) -> ir.StringValue:
        """Return the cell as text, or nothing."""
        cells = [written(cell) for cell in self._cells(names)]
        return ibis.coalesce(*cells) if cells else constant(None)

    def _read(self, kind: str, column: str) -> ir.Value:
        """Return a cell as `measure` read it, or read it now."""
        done = measured(kind, column)
        return self.table[done] if done in self.table.columns else READERS[kind](self.table[column])

    def _values(self, kind: str, names: Iterable[str]) -> list[ir.Value]:
        return [self._read(kind, column) for column in self.columns(*names)]

    def columns(self, *names: str) -> list[str]:
        """Return the headers that these names stand for."""
        return [column for name in names for column in self._columns.get(squeeze(name), [])]

    def amount(self, *names: str) -> ir.DecimalValue:
        """Return the cell as an exact number with 18 decimals; nothing where there is none or it is no number."""
        values = self._values(AMOUNT, names)
        return ibis.coalesce(*values) if values else ibis.null(EXACT)

    def amount_or_zero(self, *names: str) -> ir.DecimalValue:
        """Return the cell as an exact number, 0 where there is none."""
        return ibis.coalesce(self.amount(*names), zero())

    def instant(self, *names: str) -> ir.TimestampValue:
        """Return the cell as an instant; a time without zone is UTC, a date its first instant."""
        values = self._values(MOMENT, names)
        return ibis.coalesce(*values) if values else ibis.null(INSTANT)

    def misread(self, *, amounts: Sequence[str], moments: Sequence[str]) -> ir.StringValue:
        """Name the first of these columns that has text which is no amount, or no instant; nothing if all are fine."""
        wanted = [(AMOUNT, column) for column in self.columns(*amounts)]
        wanted += [(MOMENT, column) for column in self.columns(*moments)]
        cases = [
            (
                self.table[column].notnull() & self._read(kind, column).isnull(),
                told(kind, column, written(self.table[column])),
            )
            for kind, column in wanted
        ]
        return choose(*cases, otherwise=constant(None)) if cases else constant(None)

    def tags(self, pattern: str) -> list[tuple[str, ir.StringValue]]:
        """Return (tag key, cell) of every column whose header matches; group 1 is the key."""
        found = ((re.match(pattern, name), name) for name in self.table.columns)
        return [(match.group(1), written(self.table[name])) for match, name in found if match]


@ibis.udf.scalar.builtin(name="split_part")
def _part(text: str, separator: str, place: int) -> str:  # noqa: ARG001  the engine's own function
    """Return one of the parts between separators, counted from 1."""
    raise AssertionError


@ibis.udf.scalar.builtin(name="try_strptime")
def _parsed(text: str, formats: list[str]) -> datetime:  # noqa: ARG001  the engine's own function
    """Return the instant, read in the first format that fits."""
    raise AssertionError


@ibis.udf.scalar.builtin(name="json_valid")
def is_json(document: str) -> bool:  # noqa: ARG001  the engine's own function
    """Whether a text is JSON."""
    raise AssertionError


@ibis.udf.scalar.builtin(name="utc_clock")
def utc_clock(moment: dt.Timestamp(timezone="UTC")) -> dt.Timestamp():  # type: ignore[valid-type]  # noqa: ARG001
    """Return what a clock in Greenwich shows: the engine reads the parts of that thirty times as fast."""
    raise AssertionError


def written(cell: ir.Value) -> ir.StringValue:
    """Return a cell as text; what came as Parquet may be a number or an instant."""
    return cell if cell.type().is_string() else cell.cast("string")


def amount(cell: ir.Value) -> ir.DecimalValue:
    """Read an exact number: `12.5`, `6.1e-05`, `$1,234.50`; more than 18 decimals are rounded.

    Of a double it is the shortest number that means it.
    """
    if cell.type().is_decimal() or cell.type().is_integer():
        return cell.try_cast(EXACT)
    text = written(cell)
    read = ibis.ifelse(text.contains("_"), None, text.try_cast(EXACT))  # to the engine `1_000` is a number
    if not cell.type().is_floating():
        bare = ibis.ifelse(text.strip().re_search(DRESSED), text.re_replace(r"[$€£¥, ]", ""), None)
        read = ibis.coalesce(read, bare.try_cast(EXACT))
    return choose((text.re_search(PLAIN), _plain(text)), (text.re_search(SMALL), _small(text)), otherwise=read)


def _plain(text: ir.StringValue) -> ir.DecimalValue:
    # Both sides of the point apart: the engine takes microseconds for every digit before it.
    sign = ibis.ifelse(text.startswith("-"), "-0.", "0.")
    whole = _part(text, ".", 1).try_cast("int64").cast(EXACT)
    return (whole + (sign + _part(text, ".", 2)).try_cast(EXACT)).cast(EXACT)


def _small(text: ir.StringValue) -> ir.DecimalValue:
    # With its noughts written out: the engine takes even longer for an exponent.
    sign = ibis.ifelse(text.startswith("-"), "-0.", "0.")
    noughts = ibis.literal("0").repeat(_part(text, "e-", 2).try_cast("int64") - 1)
    digits = _part(text, "e-", 1).replace("-", "").replace(".", "")
    return (sign + noughts + digits).try_cast(EXACT)


def instant(cell: ir.Value) -> ir.TimestampValue:
    """Read ISO dates and times, `9/1/2026` and `09/01/26` (month first), and seconds since 1970 (`1.75E9`)."""
    if cell.type().is_temporal():
        return cell.cast(INSTANT)
    text = written(cell)
    epoch = text.try_cast("float64")  # an instant, not money
    others = ibis.coalesce(
        _parsed(text, ibis.array([constant(form) for form in DATES])).cast(INSTANT),
        ibis.ifelse(epoch > A_NUMBER_OF_SECONDS, epoch.try_cast("int64").as_timestamp("s").cast(INSTANT), None),
    )
    return choose(
        # A zone by its name takes the engine fifty times as long to read as a Z.
        (text.endswith(" UTC"), text.replace(" UTC", "Z").try_cast(INSTANT)),
        (text.substr(4, 1) == "-", ibis.coalesce(text.try_cast(INSTANT), others)),
        otherwise=others,
    )


AMOUNT, MOMENT, MEASURED = "amount", "date", "x_measured"
READERS: dict[str, Callable[[ir.StringValue], ir.Value]] = {AMOUNT: amount, MOMENT: instant}


def told(kind: str, column: str, cell: ir.StringValue) -> ir.StringValue:
    """Say what was expected in which column, and what was found, a line each."""
    return constant(f"{kind}\n{column}\n") + cell


def measured(kind: str, column: str) -> str:
    """Return the name under which a column stands once it is read."""
    return f"{MEASURED} {kind} {column}"


def measure(table: ir.Table, *, amounts: Sequence[str], moments: Sequence[str]) -> ir.Table:
    """Read these columns once, beside their text: rules use them many times, and the engine would read each time."""
    raw = Raw(table)
    read = {measured(AMOUNT, column): amount(table[column]) for column in raw.columns(*amounts)}
    return table.mutate(**read, **{measured(MOMENT, each): instant(table[each]) for each in raw.columns(*moments)})


def month_start(moment: ir.TimestampValue) -> ir.TimestampValue:
    """Return the first instant of its month."""
    return moment.truncate("M").cast(INSTANT)


def month_after(moment: ir.TimestampValue) -> ir.TimestampValue:
    """Return the first instant of the month after it."""
    return (moment.truncate("M") + ibis.interval(months=1)).cast(INSTANT)


def day_after(moment: ir.TimestampValue) -> ir.TimestampValue:
    """Return the same time a day later."""
    return (moment + ibis.interval(days=1)).cast(INSTANT)


def json_object(pairs: list[tuple[str, ir.StringValue]]) -> ir.StringValue:
    """Write present cells as one JSON object, keys in order."""
    if not pairs:
        return ibis.null("string")
    parts = [
        ibis.ifelse(cell.notnull(), ibis.literal(f"{_quoted(key)}:") + quote(cell), None)
        for key, cell in sorted(pairs, key=lambda pair: pair[0])
    ]
    joined = ibis.array(parts).filter(lambda part: part.notnull()).join(",")
    return constant("{") + joined + constant("}")


def _quoted(key: str) -> str:
    return '"' + re.sub(r"[\x00-\x1f]", " ", key.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def quote(cell: ir.StringValue) -> ir.StringValue:
    """Write a cell as a JSON string."""
    escaped = cell.replace("\\", "\\\\").replace('"', '\\"').re_replace(r"[\x00-\x1f]", " ")
    return ibis.literal('"') + escaped + ibis.literal('"')


def focus(raw: Raw, columns: dict[str, Any], *, misread: ir.StringValue) -> ir.Table:
    """Return the table in FOCUS's columns, those not given empty; a row that was misread has no BilledCost."""
    shaped = {name: columns.get(name, ibis.null(TYPES[kind])).cast(TYPES[kind]) for name, kind in COLUMNS.items()}
    shaped["BilledCost"] = ibis.ifelse(misread.isnull(), shaped["BilledCost"], None)
    return raw.table.select(**shaped, x_misread=misread, x_file=raw.table[FILE])
