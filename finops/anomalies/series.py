"""What anomalies are looked for in: one amount a day, and days on which nothing was collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import isinf

import numpy as np

from finops.anomalies.windows import WEEK, Floats
from finops.errors import BadSettingError, CostsError


class CannotWatchError(CostsError):
    """A series holds something that is no amount, or nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Daily amounts in one currency, a day after the other; NaN where a day was not collected."""

    name: str
    start: date
    amounts: Floats

    def day(self, number: int) -> date:
        """Return the day with that number, the first being 0."""
        return self.start + timedelta(days=number)

    def filled(self) -> Floats:
        """Return the amounts with each day that was not collected as its weekday was a week before."""
        found = self.amounts.copy()
        for day in np.flatnonzero(np.isnan(found)).tolist():
            found[day] = found[day - WEEK] if day >= WEEK else found[max(day - 1, 0)]
        return found


def series(name: str, costs: Mapping[date, Decimal | float | None]) -> Series:
    """Make a series from its first known day to its last day; a day without an amount was not collected.

    Raises CannotWatchError.
    """
    floats = {day: float("nan") if cost is None else float(cost) for day, cost in costs.items()}
    broken = sorted(day for day, cost in floats.items() if isinf(cost))
    known = [day for day, cost in floats.items() if cost == cost]  # noqa: PLR0124  NaN alone differs from itself
    if broken or not known:
        what = f"an endless amount on {broken[0]}" if broken else "no amounts"
        message = f"{name} has {what}: have its source collected again, then look for anomalies."
        raise CannotWatchError(message)
    first = min(known)
    days = (max(floats) - first).days + 1
    return Series(name, first, np.array([floats.get(first + timedelta(days=one), np.nan) for one in range(days)]))


RAREST, OFTENEST = Decimal("0.00001"), Decimal(10)
"""False alarms a month that a series can be let raise; what is rarer is not told apart."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How many false alarms are put up with, and what is too little to speak of. Raises BadSettingError."""

    rate: Decimal = Decimal("0.25")
    """Alarms that a series of no surprises may raise a month."""
    share: Decimal = Decimal("0.10")
    """Of the series' daily level: less is never an anomaly."""
    amount: Decimal = Decimal(0)
    """A day, in the series' currency: less is never an anomaly. Both floors must be reached."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if not RAREST <= self.rate <= OFTENEST:
            message = f"A series can be let raise {RAREST} to {OFTENEST} false alarms a month, not {self.rate}."
            raise BadSettingError(message)
        if not (0 <= self.share <= 10 and self.amount.is_finite() and self.amount >= 0):  # noqa: PLR2004  tenfold
            message = f"What is too little to speak of is a share of 0 to 10 and an amount from 0 up, not {self.share} "
            message += f"and {self.amount}."
            raise BadSettingError(message)
