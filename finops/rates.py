"""Exchange rates: dated, by source, used only where a person asks for another currency, and told with the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from finops.errors import BadDeliveryError, CostsError
from finops.money import EXACT

ECB = "European Central Bank, euro foreign exchange reference rates"
"""https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/: base EUR, working days."""
STALE = timedelta(days=7)
"""A rate holds for the days without one that follow it (weekends, Easter, Christmas), and no longer."""
NOTHING = ("", "N/A")
PLACES = Decimal("1e-12")
"""To which a converted amount is rounded; conversions do not come out even."""


class MissingRateError(CostsError):
    """There is no rate for a day."""

    def __init__(self, base: str, quote: str, day: date) -> None:
        """Say which, and how to bring it."""
        super().__init__(
            f"There is no exchange rate from {base} to {quote} of {day} or the {STALE.days} days before: "
            "`costs rates import FILE` brings the ECB's eurofxref-hist.csv or a file of your own."
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """How much of `quote` one unit of `base` was worth on a day."""

    day: date
    base: str
    quote: str
    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """A rate as it is used: perhaps turned around, or by way of a third currency."""

    base: str
    quote: str
    value: Decimal
    day: date
    """When it was published; not after the day that was asked for."""
    source: str

    def __call__(self, amount: Decimal) -> Decimal:
        """Convert an amount of `base`, rounded to twelve decimals."""
        return EXACT.multiply(amount, self.value).quantize(PLACES, context=EXACT)

    def __str__(self) -> str:
        """Tell it with the answer: 1 USD = 0.921659 EUR of 2026-11-20 (source)."""
        return f"1 {self.base} = {self.value:.6f} {self.quote} of {self.day} ({self.source})"


def find(known: Iterable[Rate], base: str, quote: str, day: date) -> Conversion:
    """Return the newest rate of the day or shortly before it. Raises MissingRateError.

    A pair that no source publishes is taken turned around, or over a currency that one source quotes both against on
    the same day (the ECB's euro). Rates of one's own come before the ECB's.
    """
    if base == quote:
        return Conversion(base, quote, Decimal(1), day, "the same currency")
    near = [one for one in known if day - STALE < one.day <= day]
    for published in sorted({one.day for one in near}, reverse=True):
        of_day = [one for one in near if one.day == published]
        for source in sorted({one.source for one in of_day}, key=lambda name: (name == ECB, name)):
            value = _value([one for one in of_day if one.source == source], base, quote)
            if value is not None:
                return Conversion(base, quote, value, published, source)
    raise MissingRateError(base, quote, day)


def _value(rates: Sequence[Rate], base: str, quote: str) -> Decimal | None:
    """Return the worth of one `base` in `quote` by these rates of one day and source."""
    one = Decimal(1)
    worth = {(rate.base, rate.quote): rate.value for rate in rates}
    worth |= {(rate.quote, rate.base): EXACT.divide(one, rate.value) for rate in rates}
    if (base, quote) in worth:
        return worth[base, quote]
    pivots = sorted(to for of, to in worth if of == base and (to, quote) in worth)
    return EXACT.multiply(worth[base, pivots[0]], worth[pivots[0], quote]) if pivots else None


def read(rows: Iterable[Sequence[str]], *, file: str) -> Iterator[Rate]:
    """Read the rows of a CSV file: the ECB's (`Date,USD,JPY,…`), or `date,base,quote,rate` and perhaps `source`.

    Raises BadDeliveryError with file, row and column.
    """
    each = iter(rows)
    header = [cell.strip() for cell in next(each, [])]
    names = [cell.lower() for cell in header]
    if names[:4] == ["date", "base", "quote", "rate"]:
        yield from _own(each, file, with_source="source" in names[4:5])
    elif names[:1] == ["date"] and all(len(name) == 3 for name in names[1:] if name):  # noqa: PLR2004  a currency's code
        yield from _ecb(each, header, file)
    else:
        problem = "expected the ECB's columns (Date,USD,JPY,…) or date,base,quote,rate."
        raise BadDeliveryError(file, problem)


def _ecb(rows: Iterable[Sequence[str]], header: Sequence[str], file: str) -> Iterator[Rate]:
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        day = _day(row[0], file, number)
        for currency, cell in zip(header[1:], row[1:], strict=False):
            if currency and cell.strip() not in NOTHING:
                yield Rate(day, "EUR", currency, _amount(cell, file, number, currency), ECB)


def _own(rows: Iterable[Sequence[str]], file: str, *, with_source: bool) -> Iterator[Rate]:
    for number, row in enumerate(rows, 1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < 4:  # noqa: PLR2004  date, base, quote, rate
            raise BadDeliveryError(file, "expected date,base,quote,rate.", row=number)
        source = row[4].strip() if with_source and len(row) > 4 else ""  # noqa: PLR2004  the fifth column
        base, quote = (_currency(row[place], file, number) for place in (1, 2))
        yield Rate(_day(row[0], file, number), base, quote, _amount(row[3], file, number, "rate"), source or file)


def _currency(cell: str, file: str, row: int) -> str:
    code = cell.strip().upper()
    if len(code) != 3 or not code.isalpha():  # noqa: PLR2004  ISO 4217
        raise BadDeliveryError(file, f"expected a currency of three letters, found “{cell[:20]}”.", row=row)
    return code


def _day(cell: str, file: str, row: int) -> date:
    try:
        return date.fromisoformat(cell.strip())
    except ValueError as error:
        problem = f"expected a day like 2026-11-20, found “{cell[:20]}”."
        raise BadDeliveryError(file, problem, row=row, column="date") from error


def _amount(cell: str, file: str, row: int, column: str) -> Decimal:
    try:
        value = Decimal(cell.strip())
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise BadDeliveryError(file, f"expected a rate above 0, found “{cell[:20]}”.", row=row, column=column)
    return value
