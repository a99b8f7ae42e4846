"""Days as people say them: q3, since monday, october, the last fiscal year. Weeks begin on Monday."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta

from finops.errors import CostsError
from finops.periods import ONE_DAY, Period

WEEK, QUARTER, YEAR = 7, 3, 12
FIRST_YEAR, LAST_YEAR = 2000, 2099


class ImpossibleDateError(CostsError):
    """A day, month or quarter was named that no calendar has."""

    def __init__(self, why: str) -> None:
        """Say why, and name some that there are."""
        super().__init__(f"{why}. Write days as 2026-10-15 or 15 october, months as 2026-10, quarters as q3.")


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a person's words for days mean on a day, `today` being theirs."""

    today: date
    fiscal_year_start: int = 1
    """The month that a fiscal year begins with; it is named after the year that it ends in."""

    def day(self, year: int, month: int, day: int) -> Period:
        """One day. Raises ImpossibleDateError."""
        try:
            found = date(year, month, day)
        except ValueError:
            why = f"There is no {year:04}-{month:02}-{day:02}"
            if 1 <= month <= YEAR and FIRST_YEAR <= year <= LAST_YEAR:
                why = f"{date(year, month, 1):%B %Y} has no day {day}"
            raise ImpossibleDateError(why) from None
        return _one(found)

    def month(self, year: int, month: int) -> Period:
        """One month. Raises ImpossibleDateError."""
        if not (1 <= month <= YEAR and FIRST_YEAR <= year <= LAST_YEAR):
            why = f"There is no {year:04}-{month:02}"
            raise ImpossibleDateError(why)
        return Period.month(year, month)

    def latest_month(self, month: int) -> Period:
        """The last month of that number that has begun."""
        this = Period.month(self.today.year, month)
        return this if this.start <= self.today else Period.month(self.today.year - 1, month)

    def latest_day(self, month: int, day: int) -> Period:
        """The last day of that name that has begun; 29 February may be years ago. Raises ImpossibleDateError."""
        for year in range(self.today.year, max(self.today.year - 8, MINYEAR), -1):
            try:
                found = date(year, month, day)
            except ValueError:
                continue
            if found <= self.today:
                return _one(found)
        why = f"{date(MINYEAR, month, 1):%B} has no day {day}" if 1 <= month <= YEAR else f"There is no month {month}"
        raise ImpossibleDateError(why)

    def weekday(self, number: int) -> Period:
        """The last one before today, Monday being 0."""
        back = (self.today.weekday() - number) % WEEK or WEEK
        return _one(self.today - timedelta(days=back))

    def week(self, year: int, number: int) -> Period:
        """One ISO week. Raises ImpossibleDateError."""
        try:
            monday = date.fromisocalendar(year, number, 1)
        except ValueError:
            why = f"There is no week {number} in {year}"
            raise ImpossibleDateError(why) from None
        return Period(monday, monday + timedelta(days=WEEK))

    def year(self, number: int) -> Period:
        """One calendar year."""
        return Period(date(number, 1, 1), date(number + 1, 1, 1))

    def fiscal_year(self, number: int) -> Period:
        """One fiscal year."""
        start = _months_on(date(number if self.fiscal_year_start == 1 else number - 1, self.fiscal_year_start, 1), 0)
        return Period(start, _months_on(start, YEAR))

    def quarter(self, number: int, year: int | None = None) -> Period:
        """One quarter of a fiscal year; without a year the last one that has begun."""
        years: Iterable[int] = [year] if year else range(self.today.year + 1, self.today.year - 3, -1)
        starts = (_months_on(self.fiscal_year(one).start, QUARTER * (number - 1)) for one in years)
        start = next(one for one in starts if year or one <= self.today)
        return Period(start, _months_on(start, QUARTER))

    def current(self, unit: str, *, fiscal: bool = False) -> Period:
        """The whole day, week, month, quarter or year of today."""
        if unit == "day":
            return _one(self.today)
        if unit == "week":
            monday = self.today - timedelta(days=self.today.weekday())
            return Period(monday, monday + timedelta(days=WEEK))
        if unit == "month":
            return Period.month_of(self.today)
        if unit == "quarter":
            return next(one for n in range(1, 5) if self.today in (one := self.quarter(n)))
        years = (self.fiscal_year(self.today.year + more) for more in (0, 1))
        return next(one for one in years if self.today in one) if fiscal else self.year(self.today.year)

    def last(self, unit: str, count: int = 1, *, fiscal: bool = False) -> Period:
        """So many whole weeks, months, quarters or years before the one of today."""
        this = self.current(unit, fiscal=fiscal)
        if unit in ("day", "week"):
            days = (1 if unit == "day" else WEEK) * count
            return Period(this.start - timedelta(days=days), this.start)
        months = {"month": 1, "quarter": QUARTER, "year": YEAR}[unit] * count
        return Period(_months_on(this.start, -months), this.start)


def _one(day: date) -> Period:
    return Period(day, day + ONE_DAY)


def _months_on(day: date, months: int) -> date:
    """Return the first day of the month so many months later."""
    number = day.year * YEAR + day.month - 1 + months
    return date(number // YEAR, number % YEAR + 1, 1)
