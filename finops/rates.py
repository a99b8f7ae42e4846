"""Exchange rates: dated, by source, used only where a person asks for another currency, and told with the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.errors import CostsError
from finops.money import EXACT

ECB = "European Central Bank, euro foreign exchange reference rates"
"""https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/: base EUR, working days."""
STALE = timedelta(days=7)
"""A rate holds for the days without one that follow it (weekends, Easter, Christmas), and no longer."""
NEAR = Decimal("0.05")
"""A rate and its opposite, of one day and source, multiply to 1 but for so much: bid and offer, and rounding."""
JUMP = 10
"""A rate so many times the one before it, within days, was mistyped: the worst of devaluations were less
(Argentina, December 2023: 2.2 times overnight)."""
PLACES = Decimal("1e-12")
"""To which a converted amount is rounded; conversions do not come out even."""


class MissingRateError(CostsError):
    """There is no rate for a day."""

    def __init__(self, base: str, quote: str, day: date) -> None:
        """Say which, and how to bring it."""
        super().__init__(
            f"There is no exchange rate from {base} to {quote} of {day:%-d %b %Y} or the {STALE.days - 1} days before. "
            "Whoever runs Costs adds rates by `costs rates import FILE` (the ECB's eurofxref-hist.csv, or a file of "
            "your own); until then ask without another currency."
        )


class ContradictionError(CostsError):
    """A source says two things of one day and pair."""

    def __init__(self, one: Rate, other: Rate) -> None:
        """Say both, and how to choose."""
        same = (one.base, one.quote) == (other.base, other.quote)
        which = f"from {one.base} to {one.quote}" if same else f"between {one.base} and {one.quote}"
        super().__init__(
            f"{one.source} says two things of the rate {which}: {one}, and {other}. Nothing was kept: correct the "
            "file, or say --anyway if what is kept is wrong."
        )


class JumpError(CostsError):
    """A rate is many times the one of the days before."""

    def __init__(self, before: Rate, after: Rate) -> None:
        """Say both, and how to keep it all the same."""
        super().__init__(
            f"{after.source} says {before}, and {after}, {JUMP} times or more apart within days: is the point right? "
            "Nothing was kept: correct the file, or say --anyway if that is so."
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """How much of `quote` one unit of `base` was worth on a day."""

    day: date
    base: str
    quote: str
    value: Decimal
    source: str

    def __str__(self) -> str:
        """Tell it without its source: 1 USD = 0.9 EUR of 2026-11-20."""
        return f"1 {self.base} = {self.value.normalize():f} {self.quote} of {self.day}"

    def contradicts(self, other: Rate) -> bool:
        """Whether another rate of the same day and source says something else of the same two currencies."""
        if (self.base, self.quote) == (other.base, other.quote):
            return self.value != other.value
        turned = (self.base, self.quote) == (other.quote, other.base)
        return turned and abs(EXACT.multiply(self.value, other.value) - 1) > NEAR


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
    worth = {(rate.quote, rate.base): EXACT.divide(one, rate.value) for rate in rates}
    worth |= {(rate.base, rate.quote): rate.value for rate in rates}  # what is published comes before its inverse
    if (base, quote) in worth:
        return worth[base, quote]
    pivots = sorted(to for of, to in worth if of == base and (to, quote) in worth)
    return EXACT.multiply(worth[base, pivots[0]], worth[pivots[0], quote]) if pivots else None
