"""What a forecast is made from: one amount a day, without gaps, up to a last complete day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from finops.errors import CostsError
from finops.periods import ONE_DAY, Period

Floats = NDArray[np.float64]

LEAST = 10
"""Days: fewer do not show a week once and what follows it."""
LONGEST = 365
"""Days ahead."""


class CannotForecastError(CostsError):
    """There is nothing, or not enough, to forecast from, or what there is holds no numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """A series of daily amounts in one currency, a day after the other."""

    name: str
    start: date
    amounts: Floats

    @property
    def days(self) -> int:
        """How many there are."""
        return len(self.amounts)

    @property
    def end(self) -> date:
        """The first day that is not known: the first to be forecast."""
        return self.start + timedelta(days=self.days)

    def first(self, days: int) -> History:
        """Return what was known when it had that many days."""
        return History(self.name, self.start, self.amounts[:days])

    def last(self, days: int) -> History:
        """Return its most recent days."""
        left = max(0, self.days - days)
        return History(self.name, self.start + timedelta(days=left), self.amounts[left:])

    def ahead(self, horizon: int) -> Period:
        """Return the days to be forecast."""
        return Period(self.end, self.end + timedelta(days=horizon))


def history(name: str, costs: Mapping[date, Decimal | float], *, through: date) -> History:
    """Make a series up to and with `through`; a day without a charge cost nothing. Raises CannotForecastError.

    It starts with the first day that cost something: before, there was nothing to be regular.
    """
    known = {day: float(cost) for day, cost in costs.items() if day <= through}
    broken = sorted(day for day, cost in known.items() if not isfinite(cost))
    if broken:
        more = f" and on {len(broken) - 1} other days" if len(broken) > 1 else ""
        message = f"{name} has no number on {broken[0]}{more}: have its source collected again, then forecast."
        raise CannotForecastError(message)
    if not known:
        message = f"{name} has no charges up to {through}, so there is nothing to forecast from: read its bills first."
        raise CannotForecastError(message)
    begin = min((day for day, cost in known.items() if cost), default=None)
    if begin is None:
        message = f"{name} has cost nothing in {(through - min(known)).days + 1} days: there is nothing to forecast."
        raise CannotForecastError(message)
    return enough(History(name, begin, np.array([known.get(day, 0.0) for day in Period(begin, through + ONE_DAY)])))


def enough(series: History) -> History:
    """Return a series that is long enough. Raises CannotForecastError."""
    if series.days < LEAST:
        ready = series.start + timedelta(days=LEAST)
        message = (
            f"{series.name} has {series.days} days of charges, and a forecast needs at least {LEAST}: "
            f"ask again once {ready - ONE_DAY} is complete."
        )
        raise CannotForecastError(message)
    return series


def checked(horizon: int) -> int:
    """Return a horizon that is one. Raises CannotForecastError."""
    if not 1 <= horizon <= LONGEST:
        message = f"A forecast reaches 1 to {LONGEST} days ahead, not {horizon}."
        raise CannotForecastError(message)
    return horizon
