"""Costs by the day as alert rules are judged on: which days are complete, which were never collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.alerting.kinds import Grain
from finops.money import total
from finops.periods import ONE_DAY, Period
from finops.trend import WEEK, month_to_date

ENDED = timedelta(days=31)
"""A source so far behind the newest has ended: it holds nobody in the past, and what it lacks is no drop."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a source of bills: its first day, its last complete one, and days between that never came."""

    first: date
    settled: date
    missing: frozenset[date] = frozenset()

    def whole(self, period: Period) -> bool:
        """Whether it brought every day of a period, and all of each."""
        inside = self.first <= period.start and period.end <= self.settled + ONE_DAY
        return inside and not any(day in period for day in self.missing)


@dataclass(frozen=True, slots=True)
class Daily:
    """Usage by the day, in one currency, and the sources that brought it; a day without costs cost nothing."""

    costs: Mapping[date, Decimal]
    sources: tuple[Seen, ...]
    currency: str
    last: date
    """The last day of which anything is known; days after `settled` are provisional."""

    @property
    def settled(self) -> date:
        """The last day that all sources that still bring costs have completed."""
        newest = max(one.settled for one in self.sources)
        return min(one.settled for one in self.sources if one.settled >= newest - ENDED)

    def of(self, period: Period) -> Decimal:
        """Return what the days of a period cost, exactly."""
        return total(self.costs.get(day, Decimal(0)) for day in period)

    def whole(self, period: Period) -> bool:
        """Whether every source brought all of every day: only then less means that less was spent."""
        return all(one.whole(period) for one in self.sources)


def window(grain: Grain, end: date) -> Period:
    """Return the days that a grain sums when `end` is the last of them."""
    if grain is Grain.MONTHLY:
        return month_to_date(end)[0]
    return Period.last_days(1 if grain is Grain.DAILY else WEEK, end + ONE_DAY)
