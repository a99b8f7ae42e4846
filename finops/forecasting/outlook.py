"""What a forecast means for a month and for a budget, and what became of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from finops.errors import CostsError
from finops.forecasting.values import CostForecast
from finops.foreign import shortened
from finops.money import EXACT, Money, share, total
from finops.tables import percent
from finops.trend import Mover, compare

NAME = 60
"""Letters of a part's name in a sentence."""
MOST = Decimal("0.8")
"""Contributors are named until they explain so much of a miss."""


@dataclass(frozen=True, slots=True)
class Landing:
    """A whole month: what it has cost, and with the days ahead."""

    so_far: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    """In 80 of 100 cases between these."""


def landing(forecast: CostForecast, *, so_far: Decimal) -> Landing | None:
    """Return where the month of the first day ahead ends; None where the forecast does not reach its end."""
    if forecast.month_end is None:
        return None
    low, high = forecast.month_end.between(80)
    return Landing(so_far, *(total([so_far, cost]) for cost in (forecast.month_end.expected, low, high)))


def exceeding(forecast: CostForecast, *, so_far: Decimal, budget: Money) -> Decimal:
    """Return the probability that the month costs more than its budget, in hundredths.

    Raises CurrencyMismatchError, CostsError.
    """
    left = budget - Money(so_far, forecast.currency)
    if forecast.month_end is None:
        message = f"The forecast of {forecast.name} ends before the month does: ask for more days."
        raise CostsError(message)
    return forecast.month_end.above(left.amount)


@dataclass(frozen=True, slots=True)
class Review:
    """An earlier forecast against what came."""

    expected: Decimal
    actual: Decimal
    miss: Decimal
    """Above zero: it cost more than forecast."""
    miss_share: Decimal | None
    """Of what came."""
    within: bool | None
    """Whether it lay in the 80 % interval; None without one."""
    contributors: tuple[Mover, ...]
    """The largest parts of the miss, in its direction, until they explain most of it."""


def review(
    expected: Mapping[str, Decimal], actual: Mapping[str, Decimal], *, between: tuple[Decimal, Decimal] | None = None
) -> Review:
    """Hold what was forecast for each part against what it cost, and name what explains the difference."""
    found = compare(actual, expected, top=len({*expected, *actual}))
    alike = [mover for mover in found.movers if (mover.change > 0) == (found.change > 0)]
    named: list[Mover] = []
    for mover in alike if found.change else ():
        if total(one.change for one in named).copy_abs() >= EXACT.multiply(found.change.copy_abs(), MOST):
            break
        named.append(mover)
    within = None if between is None else between[0] <= found.total <= between[1]
    missed = share(found.change, abs(found.total))
    return Review(found.previous, found.total, found.change, missed, within, tuple(named))


def said(found: Review, *, currency: str) -> str:
    """Say it in a sentence."""
    if not found.miss:
        return f"It cost {Money(found.actual, currency)}, exactly as forecast."
    more = "more" if found.miss > 0 else "less"
    part = f" ({percent(abs(found.miss_share), 1)})" if found.miss_share is not None else ""
    causes = ", ".join(f"{shortened(one.label, NAME)} {Money(one.change, currency)}" for one in found.contributors)
    place = {True: ", within what it could be", False: ", outside of what it should be", None: ""}[found.within]
    return (
        f"It cost {Money(found.actual, currency)}, {Money(abs(found.miss), currency)}{part} {more} than forecast"
        f"{place}; most of it: {causes}."
    )
