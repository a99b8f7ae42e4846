"""What the use that a commitment covers costs, a day: with it, and on the days before and after without it.

While it lasts it is what was paid for it, used or not; on the days outside, what the same use costs on demand:

    on demand, a day = min(use at standard prices there beyond what was usual beside it, worth of what it covered)

summed over every SKU of every account and region that it covered. So use that goes on counts, growth beside it does
not, and what another commitment took over costs nothing here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy as np

from finops.anomalies.commitments import Life
from finops.anomalies.series import Series
from finops.anomalies.windows import WEEK
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period

BESIDE = timedelta(days=4 * WEEK)
"""Next to its first or last day: they tell what it covered and what was on demand beside it."""
YEAR = timedelta(days=365)
NOTHING = Decimal(0)

Group = tuple[str, ...]
"""Account, service, region and SKU; for what is not of any use, one word: `UNUSED` or `FEE`."""
UNUSED: Group = ("not used",)
FEE: Group = ("fee",)


class What(StrEnum):
    """What a line of the bill is to a commitment."""

    USED = "used"
    UNUSED = "unused"
    FEE = "fee"
    """Of a bill that does not spread it over what was used."""
    OPEN = "open"
    """At standard prices, where it covered other use."""


@dataclass(frozen=True, slots=True)
class Line:
    """Amounts of a day; `worth` is what covered use would cost on demand."""

    day: date
    what: What
    group: Group
    cost: Decimal
    worth: Decimal = NOTHING


Costs = Mapping[Group, Mapping[date, Decimal]]


def costs(life: Life, lines: Iterable[Line]) -> Costs:
    """Return what it covered costs on every known day, by where that is; it adds up to the series."""
    paid: dict[Group, dict[date, Decimal]] = defaultdict(dict)
    kept: dict[What, dict[Group, dict[date, Decimal]]] = {What.USED: defaultdict(dict), What.OPEN: defaultdict(dict)}
    for one in lines:
        if one.what is not What.OPEN:
            _add(paid[one.group], one.day, one.cost)
        if one.what in kept:
            _add(kept[one.what][one.group], one.day, one.worth if one.what is What.USED else one.cost)
    paid[FEE] = _spread(paid.get(FEE, {}), life)
    for group, worth in kept[What.USED].items():
        for days, beside in _outside(life):
            stood_in = _on_demand(days, beside, kept[What.OPEN].get(group, {}), worth)
            for day, cost in stood_in.items():
                _add(paid[group], day, cost)
    return {group: each for group, each in paid.items() if any(each.values())}


def _add(held: dict[date, Decimal], day: date, amount: Decimal) -> None:
    held[day] = EXACT.add(held.get(day, NOTHING), amount)


def _outside(life: Life) -> list[tuple[Period, Period]]:
    """Return the days before and after it, each with those of it that are nearest."""
    inside = life.inside
    found = []
    if life.began:
        found.append((Period(life.known.start, life.first), inside.until(life.first + BESIDE)))
    if life.ended:
        found.append((Period(inside.end, life.known.end), Period(max(life.first, inside.end - BESIDE), inside.end)))
    return found


def _on_demand(
    days: Period, beside: Period, standard: Mapping[date, Decimal], worth: Mapping[date, Decimal]
) -> dict[date, Decimal]:
    usual, covered = _weekdays(beside, standard), _weekdays(beside, worth)
    found = {}
    for day in days:
        more = EXACT.subtract(standard.get(day, NOTHING), usual[day.weekday()])
        bare = EXACT.subtract(covered[day.weekday()], worth.get(day, NOTHING))
        found[day] = max(min(more, bare), NOTHING)
    return found


def _weekdays(days: Period, amounts: Mapping[date, Decimal]) -> list[Decimal]:
    """Return the mean of each weekday; of all days for one that is not among them."""
    every = [amounts.get(day, NOTHING) for day in days]
    each = [[amounts.get(day, NOTHING) for day in days if day.weekday() == weekday] for weekday in range(WEEK)]
    return [EXACT.divide(total(one or every), Decimal(len(one or every))) for one in each]


def _spread(fees: Mapping[date, Decimal], life: Life) -> dict[date, Decimal]:
    """Spread each fee evenly over the days up to the next one, the last as far as the one before reached."""
    days, end = sorted(fees), life.last + ONE_DAY
    found: dict[date, Decimal] = {}
    for place, day in enumerate(days):
        reach = day - days[place - 1] if place else YEAR
        until = days[place + 1] if place + 1 < len(days) else day + reach
        for each in Period(day, max(until, day + ONE_DAY)).until(max(end, day + ONE_DAY)):
            _add(found, each, EXACT.divide(fees[day], Decimal(max((until - day).days, 1))))
    return found


def series(life: Life, told: Costs, missing: Iterable[date] = ()) -> Series:
    """Return the sum a day; NaN for a day that was not collected."""
    gaps = set(missing)
    amounts = [
        float("nan") if day in gaps else float(total(each.get(day, NOTHING) for each in told.values()))
        for day in life.known
    ]
    return Series(life.scope.written(), life.known.start, np.array(amounts, dtype=np.float64))
