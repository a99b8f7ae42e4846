"""Periods of days, end exclusive, as FOCUS counts them (UTC days)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from finops.errors import CostsError

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from start up to, and without, end."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it starts."""
        if self.end < self.start:
            message = f"a period cannot end ({self.end}) before it starts ({self.start})"
            raise ValueError(message)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """One calendar month."""
        start = date(year, month, 1)
        return cls(start, (start + timedelta(days=31)).replace(day=1))

    @classmethod
    def month_of(cls, day: date) -> Period:
        """Return the calendar month that holds the day."""
        return cls.month(day.year, day.month)

    @classmethod
    def billing(cls, text: str) -> Period:
        """Read a billing period: 2026-09. Raises CostsError."""
        matched = re.fullmatch(r"([1-9]\d{3})-(0[1-9]|1[0-2])", text)
        if not matched:
            message = f"“{text}” is no billing period: write year and month, for example 2026-09."
            raise CostsError(message)
        return cls.month(int(matched[1]), int(matched[2]))

    @classmethod
    def last_days(cls, count: int, until: date) -> Period:
        """Return the count days before `until`, which itself is not included."""
        return cls(until - timedelta(days=count), until)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def __iter__(self) -> Iterator[date]:
        """Each day in turn."""
        return (self.start + timedelta(days=n) for n in range(self.days))

    def __contains__(self, day: date) -> bool:
        """Whether the day is in it."""
        return self.start <= day < self.end

    def until(self, day: date) -> Period:
        """Cut it off at `day` (exclusive), if that is earlier than its end."""
        return Period(self.start, max(self.start, min(self.end, day)))

    def before(self) -> Period:
        """Return the same number of days just before it."""
        return Period(self.start - (self.end - self.start), self.start)

    def months(self) -> Iterator[Period]:
        """Return the calendar months that it touches."""
        month = Period.month_of(self.start)
        while month.start < self.end:
            yield month
            month = Period.month_of(month.end)

    def __str__(self) -> str:
        """Show it to a person: 2026-09-01 to 2026-09-30."""
        last = self.end - ONE_DAY if self.days else self.end
        return f"{self.start} to {last}" if last > self.start else str(self.start)
