"""Reservations, savings plans and committed use discounts that begin, end, or cover nothing any more.

No statistics: the bill says on which days a commitment covered something, and `on_demand` what the same use costs
without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from finops.anomalies.detectors import Kind
from finops.anomalies.events import LASTING, USUAL, Event, judged
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Series
from finops.anomalies.windows import WEEK
from finops.periods import ONE_DAY, Period

LATE = timedelta(days=3)
"""Settled days on which it covered nothing, before it is said to have ended."""
BEFORE = timedelta(days=2 * WEEK)
"""Of the bills, before it is said to have begun: they do not begin with it."""
HALF = 0.5
"""Of what it first cost more: a day of less is as before."""
NOTHING = Decimal(0)


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
    usual, excess = float(week.expected), float(week.excess)
    quiet = 0
    for number in range(longest.days):
        out = (amounts[number] - usual) * excess > HALF * excess**2  # the same way, and by half as much at least
        quiet = 0 if out else quiet + 1
        if quiet >= LASTING and number >= LASTING:
            return Period(first, first + timedelta(days=max(number + 1 - quiet, 1)))
    return longest
