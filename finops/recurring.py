"""Charges that are no usage and yet come every month: a support fee, a subscription, the tax on them.

They follow no trend, so no weekday model sees them; and a month that has not brought them yet will end higher than its
usage says. What came in each of the last full months is expected again. Credits and corrections never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Self

from finops.focus import ChargeCategory, Dimension
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from finops.results import cents

MONTHS = 3
"""Full months in each of which a charge must have come: twice may be chance, and a quarter's fee came once."""
ALIKE = Decimal(2)
"""Its largest month costs at most so many times its smallest one: what is bought again and again is no fee."""
CATEGORIES = (ChargeCategory.PURCHASE.value, ChargeCategory.TAX.value)
DAY, CATEGORY = Dimension.DAY.value, Dimension.CHARGE_CATEGORY.value
LINE = (Dimension.PROVIDER.value, Dimension.SERVICE.value, CATEGORY, Dimension.CHARGE_CLASS.value)
BY = (DAY, *LINE)
"""What to sum by for `Recurring.of`; `LINE` for `Recurring.within`."""
WHERE: Mapping[str, tuple[str, ...]] = {CATEGORY: CATEGORIES}

Key = tuple[str | None, ...]


def since(day: date) -> date:
    """Return the first day that must be known to tell what is due in a day's month: of the full months before it."""
    start = day.replace(day=1)
    for _ in range(MONTHS):
        start = (start - ONE_DAY).replace(day=1)
    return start


def parts(month: Period, *, through: date) -> list[Period]:
    """Return the periods whose sums tell what is due in a month after a day: much fewer figures than its days are.

    Of each full month before what came up to that day of the month and what came later; of the month what is known.
    """
    last = timedelta(days=through.day if through in month else 0)
    found = [month.until(through + ONE_DAY)]
    for full in Period(since(month.start), month.start).months():
        early = full.until(full.start + last)
        found += [early, Period(early.end, full.end)]
    return [one for one in found if one.days]


@dataclass(frozen=True, slots=True)
class Recurring:
    """Purchases and taxes by the day, each service's apart, in one currency."""

    lines: Mapping[Key, Mapping[date, Decimal]]

    @classmethod
    def of(cls, sums: Iterable[tuple[Mapping[str, str | None], Decimal]]) -> Self:
        """Take them from sums made `BY` these words; what is neither is left out."""
        lines: dict[Key, dict[date, Decimal]] = {}
        for key, cost in sums:
            if key[CATEGORY] in CATEGORIES and not key[Dimension.CHARGE_CLASS]:
                days = lines.setdefault(tuple(key[word] for word in LINE), {})
                day = date.fromisoformat(str(key[DAY]))
                days[day] = EXACT.add(days.get(day, Decimal(0)), cost)
        return cls(lines)

    @classmethod
    def within(cls, sums: Iterable[tuple[Period, Mapping[str, str | None], Decimal]]) -> Self:
        """Take them from sums by `LINE` of the `parts` of a month, for what is due in that month after that day."""
        return cls.of(({**key, DAY: str(period.start)}, cost) for period, key, cost in sums)

    def due(self, month: Period, *, through: date) -> Decimal:
        """Return what a calendar month will bring of them after a day, as known on that day, in cents.

        Where nothing has come yet all of it, as providers date a month's fee with its first day and tell it later. Else
        never more than usually comes after that day, nor than is left of what a whole month brings.
        """
        if month.end <= through + ONE_DAY:
            return Decimal(0)
        return cents(total(_due(days, month, through) for days in self.lines.values()))


def _due(days: Mapping[date, Decimal], month: Period, through: date) -> Decimal:
    months = Period(since(month.start), month.start).months()
    full = [[(day, cost) for day, cost in days.items() if day in one] for one in months]
    whole = [total(cost for _, cost in before) for before in full]
    if min(whole) <= 0 or max(whole) > EXACT.multiply(ALIKE, min(whole)):
        return Decimal(0)
    came = total(cost for day, cost in days.items() if day in month.until(through + ONE_DAY))
    if not came:
        return median(whole)
    later = median(total(cost for day, cost in before if day.day > through.day) for before in full)
    return max(Decimal(0), min(later, EXACT.subtract(median(whole), came)))
