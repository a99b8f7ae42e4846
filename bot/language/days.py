"""From the words for days to days: the part of the grammar that needs a calendar."""

from __future__ import annotations

from typing import Any

from lark import Token, Transformer, v_args

from bot.language.calendar import Calendar, ImpossibleDateError
from bot.language.question import When
from finops.periods import ONE_DAY, Period

LONGEST_PERIOD = 3660
"""Days back."""
SIZES = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
"""Days of a unit where whole ones are not meant."""
MANY = {"month": 120, "quarter": 40, "year": 10}
"""So many whole ones at most."""
QUARTERS = 4


@v_args(inline=True)
class Days(Transformer[Any, Any]):
    """Turns words for days into a `When`, and points in time into their days."""

    def __init__(self, calendar: Calendar) -> None:
        """Days are told from the calendar's today."""
        super().__init__(visit_tokens=False)
        self.calendar = calendar
        self.told: list[tuple[str, str]] = []
        """What was read as something else, which whoever asked is told."""

    def read_as(self, said: str, meant: str) -> None:
        """Note it, where it is something else."""
        if said != meant:
            self.told.append((said, meant))

    def at(self, point: Period) -> When:
        """A day, week, month: as it was named; one that is not over goes on."""
        period: Period = point
        if period == self.calendar.current("month"):
            return When()
        if self.calendar.today in period and period.days > 1:
            return When(start=period.start)
        return When.of(period)

    def span(self, *words: Token | Period) -> When:
        """From the first day of one to the last day of the other. Raises ImpossibleDateError."""
        first, last = (one for one in words if isinstance(one, Period))
        return _between(first, last)

    def days_of(self, *words: Token) -> When:
        """From 1 to 15 october."""
        first, last, month, *year = (one.value for one in words if one.type in ("NUMBER", "MONTH", "YEAR"))
        return _between(*(self._day(month, number, *year) for number in (first, last)))

    def days_on(self, *words: Token | Period) -> When:
        """October 1 to 15. Raises ImpossibleDateError."""
        first: Period = next(one for one in words if isinstance(one, Period))
        return _between(first, self.calendar.day(first.start.year, first.start.month, int(str(words[-1]))))

    def since(self, _since: Token, point: Period) -> When:
        """All days from one on; from this month on is what is asked without any words."""
        return When() if point.start == self.calendar.current("month").start else When(start=point.start)

    def rolling(self, *words: Token) -> When:
        """The last so many complete days; of months, quarters and years whole ones."""
        number, unit = words[-2:]
        if unit.value not in MANY:
            found = days(number, unit, LONGEST_PERIOD)
            if not 0 < number.value * SIZES[unit.value] <= LONGEST_PERIOD:
                self.read_as(f"last {number.value} {unit.value}s", f"last {found} day{'s' if found > 1 else ''}")
            return When(days=found)
        return When.of(self.calendar.last(unit.value, max(1, min(number.value, MANY[unit.value]))))

    def to_date(self, word: Token) -> When:
        """Year to date."""
        return self.at(self.calendar.current(word.value))

    # points in time

    def day(self, word: Token) -> Period:
        """2026-10-15."""
        return self.calendar.day(*word.value)

    def near(self, word: Token) -> Period:
        """Today, yesterday."""
        return self._back(word.value)

    def ago(self, number: Token, unit: Token, _ago: Token) -> Period:
        """Three days ago."""
        return self._back(days(number, unit, LONGEST_PERIOD))

    def weekday(self, *words: Token) -> Period:
        """The last Monday."""
        return self.calendar.weekday(words[-1].value)

    def last(self, _last: Token, unit: Token) -> Period:
        """Last month."""
        return self.calendar.last(unit.value)

    def this(self, _this: Token, unit: Token) -> Period:
        """This quarter."""
        return self.calendar.current(unit.value)

    def last_fiscal(self, _last: Token, _fiscal: Token, unit: Token) -> Period:
        """The last fiscal year."""
        return self.calendar.last(unit.value, fiscal=True)

    def this_fiscal(self, *words: Token) -> Period:
        """This fiscal year."""
        return self.calendar.current(words[-1].value, fiscal=True)

    def fiscal_year(self, _fiscal: Token, year: Token) -> Period:
        """FY 2026."""
        return self.calendar.fiscal_year(year.value)

    def year_month(self, word: Token) -> Period:
        """2026-10."""
        return self.calendar.month(*word.value)

    def week(self, word: Token) -> Period:
        """2026-W41."""
        return self.calendar.week(*word.value)

    def year(self, word: Token) -> Period:
        """2026."""
        return self.calendar.year(word.value)

    def quarter(self, number: Token, year: Token | None = None) -> Period:
        """Q3. Raises ImpossibleDateError."""
        if not 1 <= number.value <= QUARTERS:
            why = f"There is no q{number.value}"
            raise ImpossibleDateError(why)
        return self.calendar.quarter(number.value, year.value if year is not None else None)

    def year_quarter(self, year: Token, number: Token) -> Period:
        """2026 q3."""
        return self.quarter(number, year)

    def fiscal_quarter(self, number: Token, _fiscal: Token, year: Token) -> Period:
        """Q3 FY 2026."""
        return self.quarter(number, year)

    def fiscal_year_quarter(self, _fiscal: Token, year: Token, number: Token) -> Period:
        """FY 2026 q3."""
        return self.quarter(number, year)

    def month(self, number: Token, year: Token | None = None) -> Period:
        """October."""
        return self.calendar.month(year.value, number.value) if year else self.calendar.latest_month(number.value)

    def month_of(self, year: Token, number: Token) -> Period:
        """2026 october."""
        return self.calendar.month(year.value, number.value)

    def day_of(self, day: Token, month: Token, year: Token | None = None) -> Period:
        """15 october."""
        return self._day(month.value, day.value, *([year.value] if year is not None else []))

    def day_in(self, month: Token, day: Token, year: Token | None = None) -> Period:
        """October 15."""
        return self.day_of(day, month, year)

    def _day(self, month: int, day: int, year: int | None = None) -> Period:
        return self.calendar.day(year, month, day) if year else self.calendar.latest_day(month, day)

    def _back(self, days: int) -> Period:
        day = self.calendar.today - ONE_DAY * days
        return Period(day, day + ONE_DAY)


def days(number: Token | None, unit: Token, most: int) -> int:
    """Return how many days they are, one at least."""
    return max(1, min((1 if number is None else int(number.value)) * SIZES[unit.value], most))


def _between(first: Period, last: Period) -> When:
    """Return the days of both and all between. From october to march begins the year before."""
    if last.start < first.start and first == Period.month_of(first.start):
        first = Period.month(first.start.year - 1, first.start.month)
    if last.end <= first.start:
        why = f"A period from {first.start:%-d %b %Y} to {last.start:%-d %b %Y} would end before it begins"
        raise ImpossibleDateError(why)
    return When(start=first.start, end=max(first.end, last.end))
