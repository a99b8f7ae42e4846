"""The days of the estate, and how spend moves over them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from finops.periods import Period

MONTHS = 13
PACIFIC = ZoneInfo("America/Los_Angeles")
SATURDAY = 5
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """Thirteen billing months, the last one running, up to the day before `today`; and the seed of every choice."""

    today: date
    seed: int

    @cached_property
    def start(self) -> date:
        """The first day of the first billing month."""
        last = (self.today - timedelta(days=1)).replace(day=1)
        months = last.year * 12 + last.month - 1 - (MONTHS - 1)
        return date(months // 12, months % 12 + 1, 1)

    @cached_property
    def days(self) -> int:
        """How many days there are."""
        return (self.today - self.start).days

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The billing months, whole."""
        return tuple(Period(self.start, self.today).months())

    @cached_property
    def month_of(self) -> Ints:
        """The number of the billing month, for every day."""
        lengths = [month.until(self.today).days for month in self.months]
        return np.repeat(np.arange(len(self.months), dtype=np.int64), lengths)

    @cached_property
    def month_days(self) -> Ints:
        """How many days the whole month of each day has."""
        return np.array([month.days for month in self.months], dtype=np.int64)[self.month_of]

    def first(self, month: int) -> int:
        """Return the day number on which a billing month starts."""
        return (self.months[month].start - self.start).days

    def closed(self) -> range:
        """Return the numbers of the months that are over."""
        return range(sum(month.end <= self.today for month in self.months))

    def day(self, number: int) -> date:
        """Return the date of a day number."""
        return self.start + timedelta(days=int(number))

    def dates(self) -> Iterator[date]:
        """Return each day in turn."""
        return iter(Period(self.start, self.today))

    def ago(self, days: int) -> int:
        """Return the day number so many days before today (1 is yesterday)."""
        return self.days - days

    def pacific(self) -> list[datetime]:
        """Return the instant at which each Pacific day starts, and the end of the last: Google bills in those."""
        count = range(self.days + 1)
        return [datetime.combine(self.day(day), time(), PACIFIC).astimezone(UTC) for day in count]

    def noise(self, name: str) -> np.random.Generator:
        """Return the source of chance of one thing: the same for the same seed and name."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    @cached_property
    def weekend(self) -> NDArray[np.bool_]:
        """Which days are Saturdays and Sundays."""
        return (np.arange(self.days) + self.start.weekday()) % 7 >= SATURDAY

    def pattern(self, kind: str, name: str) -> Floats:
        """Return the factor of each day: `flat`, `grow`, `week` (with growth), `night` (work that never rests)."""
        if kind == "flat":
            return np.ones(self.days)
        age = np.arange(self.days) / 365
        chance = self.noise(name)
        growth = (1 + chance.uniform(0.08, 0.32)) ** (age - 1)
        if kind == "grow":
            return growth
        jitter = np.exp(chance.normal(0, 0.035, self.days))
        quiet = chance.uniform(0.55, 0.75) if kind == "week" else 1.0
        return growth * jitter * np.where(self.weekend, quiet, 1.0)
