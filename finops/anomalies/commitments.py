"""Reservations, savings plans and committed use discounts that begin, end, or cover nothing any more.

No statistics: the bill says on which days a commitment covered something. What it covered is told a day as one series:
while it lasts what was paid for it, used or not; on the days before and after, what the same use costs on demand.

    on demand, a day = min(use at standard prices there beyond what was usual beside it, worth of what it covered)

summed over every SKU of every account and region that it covered. So use that goes on counts, growth beside it does
not, and what another commitment took over costs nothing here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import numpy as np

from finops.anomalies.detectors import Kind
from finops.anomalies.events import LASTING, USUAL, Event, judged
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Series
from finops.anomalies.windows import WEEK
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period

LATE = timedelta(days=3)
"""Settled days on which it covered nothing, before it is said to have ended."""
BEFORE = timedelta(days=2 * WEEK)
"""Of the bills, before it is said to have begun: they do not begin with it."""
BESIDE = timedelta(days=4 * WEEK)
"""Next to its first or last day: they tell what it covered and what was on demand beside it."""
YEAR = timedelta(days=365)
HALF = Decimal("0.5")
"""Of what it first cost more: a day of less is as before."""
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


@dataclass(frozen=True, slots=True)
class Life:
    """When a commitment covered something, and which days its bills are known of."""

    provider: str
    id: str
    first: date
    last: date
    known: Period
    """Settled days."""

    @property
    def began(self) -> date | None:
        """Its first day, if the bills tell what was before it."""
        return self.first if self.first >= self.known.start + BEFORE else None

    @property
    def ended(self) -> date | None:
        """The first day without it, if enough days before and since are settled."""
        told = self.known.start + BEFORE <= self.last and self.last + LATE < self.known.end
        return self.last + ONE_DAY if told else None

    @property
    def inside(self) -> Period:
        """The days from the first to the last on which it covered something."""
        return Period(self.first, self.last + ONE_DAY)

    @property
    def scope(self) -> Scope:
        """Whose costs its events are of."""
        return Scope(of=Of.COMMITMENT, provider=self.provider, commitment_id=self.id)


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


def events(life: Life, one: Series, least: Decimal) -> list[Event]:
    """Return that it began and that it ended, where that changes the bill by so much a month at least.

    One that ends while its use ends too, or is renewed, changes nothing; nor is it told that one began which saves
    nothing.
    """
    turns = ((life.began, Kind.BEGUN), (life.ended, Kind.ENDED))
    found = [(event(one, _days(one, day)), kind) for day, kind in turns if day]
    return [told for told, kind in found if told.kind is kind and abs(told.monthly) >= least]


def judge(scope: Scope, one: Series, days: Period) -> Event:
    """Tell the event of these days of a series, whatever it is of."""
    return event(one, days) if scope.of is Of.COMMITMENT else judged(one, days)


def event(one: Series, days: Period) -> Event:
    """Tell the event of these days of what a commitment covered: dearer, it has ended, and cheaper, it has begun."""
    told = judged(one, days)
    return replace(told, kind=Kind.ENDED if told.excess > 0 else Kind.BEGUN, months=NOTHING)


def _days(one: Series, first: date) -> Period:
    """Return the days from the first on until the cost is as before, or is how it is."""
    end = one.day(len(one.amounts))
    longest = Period(first, end).until(first + timedelta(days=USUAL))
    week = judged(one, longest.until(first + timedelta(days=WEEK)))
    amounts = one.filled()[(first - one.start).days :]
    usual = float(week.expected)
    quiet = 0
    for number in range(longest.days):
        out = (amounts[number] - usual) * float(week.excess) > float(HALF) * float(week.excess) ** 2
        quiet = 0 if out else quiet + 1
        if quiet >= LASTING and number >= LASTING:
            return Period(first, first + timedelta(days=max(number + 1 - quiet, 1)))
    return longest
