"""Dates with slashes: whether a file writes the month first (10/31/2026) or the day (31/10/2026).

Microsoft writes the month first in exports of enterprise agreements; spreadsheets of most countries, the day.
A file is read one way as a whole, as its own content tells, and month first where that tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from jobs.bills.rules import FILE, MOMENT, Raw, instant, measured, utc_clock

DAY = ("Date", "UsageDateTime", "UsageDate")
START = ("BillingPeriodStartDate", "BillingPeriodStart")
END = ("BillingPeriodEndDate", "BillingPeriodEnd")
SLASHED = r"^([0-9]{1,2})/([0-9]{1,2})/([0-9]{2,4}.*)$"
MONTHS = 12
SHORTEST, LONGEST = 27, 31
"""Days from the beginning of a billing period to its end, be that its last day or the one after."""
DAY_SECONDS = 86_400
Counts = Mapping[str, int | None]


def evidence(table: ir.Table) -> ir.Table | None:
    """Return a row that counts what a file's dates tell of how they are written; None where none can have a slash."""
    raw = Raw(table)
    names = [name for name in raw.columns(*DAY, *START, *END) if table[name].type().is_string()]
    if not names:
        return None
    few = table.select(FILE, *dict.fromkeys([*names, *raw.columns(*START, *END)])).distinct()
    every = [few[name].strip() for name in names]
    first, second = ([_part(cell, place) for cell in every] for place in (1, 2))
    told = {
        "firsts": _count(one > MONTHS for one in first),
        "seconds": _count(one > MONTHS for one in second),
    }
    return few.group_by(FILE).aggregate(**told, **_read(Raw(few), "month"), **_read(Raw(few), "day"))


def _part(cell: ir.StringValue, place: int) -> ir.IntegerValue:
    return cell.re_extract(SLASHED, place).nullif("").try_cast("int64")


def _count(each: Iterable[ir.BooleanValue]) -> ir.IntegerScalar:
    """Return how often any of these is so."""
    found: ir.IntegerScalar = reduce(add, (ibis.coalesce(one, False).cast("int64") for one in each)).sum()
    return found


def _read(raw: Raw, first: str) -> dict[str, ir.IntegerScalar]:
    """Count what is so where that part stands first: of periods, whole ones, firsts, days held; of days, months."""
    day, start, end = (_moment(raw, names, first) for names in (DAY, START, END))
    found: dict[str, ir.IntegerScalar] = {}
    if start is not None:
        found[f"firsts_{first}"] = _count([utc_clock(start).day() == 1])
    if start is not None and end is not None:
        found[f"whole_{first}"] = _count([_days(start, end).between(SHORTEST, LONGEST)])
    if start is not None and day is not None:
        found[f"held_{first}"] = _count([_days(start, day).between(0, LONGEST - 1)])
    if day is not None:
        found[f"months_{first}"] = utc_clock(day).truncate("M").nunique()
        if first == "month":
            found["later_month"] = _count([utc_clock(day).day() > 1])
    return found


def _moment(raw: Raw, names: Sequence[str], first: str) -> ir.TimestampValue | None:
    """Return the first of these cells, one without slashes as it is; None where there are no such columns."""
    cells = [raw.table[name] for name in raw.columns(*names)]
    texts = [cell.strip() if cell.type().is_string() else cell for cell in cells]
    read = [instant(_turned(cell) if first == "day" and cell.type().is_string() else cell) for cell in texts]
    return ibis.coalesce(*read) if read else None


def _turned(cell: ir.StringValue) -> ir.StringValue:
    return cell.re_replace(SLASHED, r"\2/\1/\3")


def _days(since: ir.TimestampValue, until: ir.TimestampValue) -> ir.IntegerValue:
    return (until.epoch_seconds() - since.epoch_seconds()).cast("int64") // DAY_SECONDS


def is_day_first(told: Counts) -> bool:
    """Whether a file with this evidence writes the day first; where nothing tells, the month is first, as Azure has it.

    A part above twelve is no month. Else that reading counts in which more billing periods are as long as one; in which
    more of them hold their days; in which more of them begin a month; and in which all days are of one month, unless in
    the other one all are firsts: 10/01 and 11/01 are two days of January, or what is billed monthly.
    """
    known = {name: number or 0 for name, number in told.items()}
    if known["firsts"] or known["seconds"]:
        return not known["seconds"]  # with both, the row that is misread is told as one
    for name in ("whole", "held", "firsts"):
        month, day = known.get(f"{name}_month", 0), known.get(f"{name}_day", 0)
        if month != day:
            return day > month
    return known.get("months_day") == 1 != known.get("months_month") and known["later_month"] > 0


def day_first(table: ir.Table) -> ir.Table:
    """Read again, with the day first, what was measured."""
    raw = Raw(table)
    names = [name for name in raw.columns(*DAY, *START) if table[name].type().is_string()]
    return table.mutate(**{measured(MOMENT, name): instant(_turned(table[name])) for name in names})
