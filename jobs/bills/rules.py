"""What the normalizing rules of every provider are made of: cells found by name, as text, exact number or instant.

A delivered table is all text, without blanks around it, and empty where its writer had nothing. Its headers differ in
case and punctuation between versions of one format (`lineItem/UnblendedCost`, `line_item_unblended_cost`), so a column
is found by its letters and digits alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import ibis
import ibis.expr.types as ir

from finops.focus import COLUMNS, Kind

EXACT = "decimal(38, 18)"
INSTANT = "timestamp('UTC', 6)"
TYPES = {Kind.TEXT: "string", Kind.DECIMAL: EXACT, Kind.INSTANT: INSTANT, Kind.JSON: "string"}
EMPTY = ("", "None", "NULL", "null", "NaN", "nan")
"""What writers of CSV put where they had nothing."""
A_NUMBER_OF_SECONDS = 10**8
"""Later than March 1973; 20260901 is smaller, and no instant."""
PROVIDERS = {"aws": ("aws", "amazon"), "azure": ("microsoft", "azure"), "gcp": ("google", "gcp")}
"""Our short names, by words of FOCUS's ProviderName."""
FILE = "x_file"
"""Our own column: which file a row came from."""


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
            self._columns.setdefault(squeeze(name), []).append(name)

    def has(self, *names: str) -> bool:
        """Whether any of these columns is there."""
        return any(squeeze(name) in self._columns for name in names)

    def _cells(self, names: Iterable[str]) -> list[ir.StringValue]:
        return [self.table[column] for name in names for column in self._columns.get(squeeze(name), [])]

    def text(self, *names: str) -> ir.StringValue:
        """Return the cell as text, or nothing."""
        cells = self._cells(names)
        return ibis.coalesce(*cells) if cells else constant(None)

    def amount(self, *names: str) -> ir.DecimalValue:
        """Return the cell as an exact number with 18 decimals; nothing where there is none or it is no number."""
        return self.text(*names).try_cast(EXACT)

    def amount_or_zero(self, *names: str) -> ir.DecimalValue:
        """Return the cell as an exact number, 0 where there is none."""
        return ibis.coalesce(self.amount(*names), zero())

    def instant(self, *names: str) -> ir.TimestampValue:
        """Return the cell as an instant; a time without zone is UTC, a date its first instant."""
        return instant(self.text(*names))

    def tags(self, pattern: str) -> list[tuple[str, ir.StringValue]]:
        """Return (tag key, cell) of every column whose header matches; group 1 is the key."""
        found = ((re.match(pattern, name), name) for name in self.table.columns)
        return [(match.group(1), self.table[name]) for match, name in found if match]


def instant(text: ir.StringValue) -> ir.TimestampValue:
    """Read ISO dates and times, `9/1/2026` and `09/01/2026` (month first), and seconds since 1970 (`1.75E9`)."""
    # A zone by its name takes DuckDB fifty times as long to read as a Z.
    iso = text.re_replace(r"^(\d{1,2})/(\d{1,2})/(\d{4})", r"\3-\1-\2").re_replace(r" UTC$", "Z")
    epoch = text.try_cast("float64")  # an instant, not money
    return ibis.ifelse(
        epoch > A_NUMBER_OF_SECONDS, epoch.cast("int64").as_timestamp("s").cast(INSTANT), iso.try_cast(INSTANT)
    )


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


def focus(raw: Raw, columns: dict[str, Any], *, billed: ir.StringValue) -> ir.Table:
    """Return the table in FOCUS's columns, those not given empty.

    `billed` is the text that BilledCost was read from: kept beside it, so that a check can tell text where an amount
    should be.
    """
    shaped = {name: columns.get(name, ibis.null(TYPES[kind])).cast(TYPES[kind]) for name, kind in COLUMNS.items()}
    return raw.table.select(**shaped, x_billed=billed, x_file=raw.table[FILE])


def finish(table: ir.Table) -> ir.Table:
    """Do what every format needs at the end: our short name of the provider, and tags only where they are an object."""
    return table.mutate(x_provider=provider_slug(table.ProviderName), Tags=_object(table.Tags))


def provider_slug(name: ir.StringValue) -> ir.StringValue:
    """Return our short name of a provider: aws, azure, gcp, or its own in small letters."""
    lower = name.lower()
    known = [(lower.contains(word), constant(slug)) for slug, words in PROVIDERS.items() for word in words]
    return ibis.coalesce(choose(*known, otherwise=lower.re_replace(r"[^a-z0-9]+", "-")), constant("unknown"))


@ibis.udf.scalar.builtin(name="json_valid")
def is_json(document: str) -> bool:  # noqa: ARG001  the engine's own function
    """Whether a text is JSON."""
    raise AssertionError


def _object(text: ir.StringValue) -> ir.StringValue:
    """Return tags that are a JSON object with something in it; the database cannot hold a NUL in one."""
    held = text.strip().replace("\\u0000", "")
    return ibis.ifelse(held.startswith("{") & is_json(held) & (held != "{}"), held, ibis.null("string"))
