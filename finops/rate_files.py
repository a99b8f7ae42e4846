"""Files of exchange rates, row by row: what is no rate, or contradicts another row, is refused by its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from finops.errors import BadDeliveryError
from finops.foreign import shortened
from finops.rates import ECB, Rate

NOTHING = ("", "N/A")
SMALLEST, LARGEST = Decimal("1e-9"), Decimal("1e9")
"""No two currencies that people pay with are further apart: beyond, the point is in the wrong place."""
YEARS = range(1990, 2100)
LETTERS = 80
"""Of a source's name."""
CODE = re.compile("[A-Z]{3}")
Placed = tuple[int, str, Rate]
"""A row's number, the column that holds its rate, and what it says."""


def read(rows: Iterable[Sequence[str]], *, file: str) -> Iterator[Rate]:
    """Read the rows of a CSV file: the ECB's (`Date,USD,JPY,…`), or `date,base,quote,rate` and perhaps `source`.

    A rate that is told twice counts once. Raises BadDeliveryError with file, row and column.
    """
    each = iter(rows)
    header = [cell.strip() for cell in next(each, [])]
    names = [cell.lower() for cell in header]
    if names[:4] == ["date", "base", "quote", "rate"]:
        yield from _once(_own(each, file, with_source="source" in names[4:5]), file)
    elif names[:1] == ["date"] and all(len(name) == 3 for name in names[1:] if name):  # noqa: PLR2004  a currency's code
        yield from _once(_ecb(each, [_currency(cell, file) if cell else "" for cell in header[1:]], file), file)
    else:
        problem = "expected the ECB's columns (Date,USD,JPY,…) or date,base,quote,rate."
        raise BadDeliveryError(file, problem)


def _once(found: Iterable[Placed], file: str) -> Iterator[Rate]:
    """Return each rate once; two of one day, source and pair that differ are refused."""
    told: dict[tuple[date, str, frozenset[str]], list[Rate]] = {}
    for row, column, one in found:
        if one.base == one.quote:
            problem = f"one {one.base} is always one {one.quote}: expected two currencies."
            raise BadDeliveryError(file, problem, row=row)
        before = told.setdefault((one.day, one.source, frozenset((one.base, one.quote))), [])
        other = next((each for each in before if one.contradicts(each)), None)
        if other:
            problem = f"it says {one}, and an earlier row {other}: expected one rate a day, pair and source."
            raise BadDeliveryError(file, problem, row=row, column=column)
        if one not in before:
            before.append(one)
            yield one


def _ecb(rows: Iterable[Sequence[str]], currencies: Sequence[str], file: str) -> Iterator[Placed]:
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        day = _day(row[0], file, number)
        for currency, cell in zip(currencies, row[1:], strict=False):
            if currency and cell.strip() not in NOTHING:
                yield number, currency, Rate(day, "EUR", currency, _amount(cell, file, number, currency), ECB)


def _own(rows: Iterable[Sequence[str]], file: str, *, with_source: bool) -> Iterator[Placed]:
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < 4:  # noqa: PLR2004  date, base, quote, rate
            raise BadDeliveryError(file, "expected date,base,quote,rate.", row=number)
        source = row[4].strip() if with_source and len(row) > 4 else ""  # noqa: PLR2004  the fifth column
        if len(source) > LETTERS:
            problem = f"expected a name of at most {LETTERS} letters, found one of {len(source):,}."
            raise BadDeliveryError(file, problem, row=number, column="source")
        base, quote = (_currency(row[place], file, number) for place in (1, 2))
        rate = _amount(row[3], file, number, "rate")
        yield number, "rate", Rate(_day(row[0], file, number), base, quote, rate, shortened(source or file, LETTERS))


def _currency(cell: str, file: str, row: int | None = None) -> str:
    code = cell.strip().upper()
    if not CODE.fullmatch(code):
        raise BadDeliveryError(file, f"expected a currency of three letters, found “{cell[:20]}”.", row=row)
    return code


def _day(cell: str, file: str, row: int) -> date:
    try:
        day = date.fromisoformat(cell.strip())
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        problem = f"expected a day like 2026-11-20, found “{cell[:20]}”."
        raise BadDeliveryError(file, problem, row=row, column="date")
    return day


def _amount(cell: str, file: str, row: int, column: str) -> Decimal:
    try:
        value = Decimal(cell.strip())
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise BadDeliveryError(file, f"expected a rate above 0, found “{cell[:20]}”.", row=row, column=column)
    if not SMALLEST <= value <= LARGEST:
        problem = f"no currency is worth so much or so little of another: found “{cell[:20]}”, is its point right?"
        raise BadDeliveryError(file, problem, row=row, column=column)
    return value
