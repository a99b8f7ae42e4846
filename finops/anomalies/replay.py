"""What rules would have told over the last year, each day judged by what was known on it, beside what others tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from finops.anomalies.estate import Known
from finops.anomalies.events import Event
from finops.anomalies.feedback import Verdict
from finops.anomalies.merging import Reach, Side, parents
from finops.anomalies.scopes import Scope
from finops.anomalies.tails import MONTH
from finops.money import EXACT, total
from finops.periods import Period

T = TypeVar("T")
NOWHERE: Mapping[Scope, Reach] = {}
YEAR = 365
"""Days that are replayed."""

Found = Sequence[tuple[Scope, Event]]


@dataclass(frozen=True, slots=True)
class Judged:
    """An event of the past that people judged: the costs it was found in, whether they rose, and its days."""

    scope: Scope
    rising: bool
    days: Period
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """An event as rules would have told it, and what people said of one that it shares days with."""

    scope: Scope
    event: Event
    verdict: Verdict | None

    @property
    def so_far(self) -> Decimal:
        """What it cost more than expected in all its days; below nothing where it was less."""
        return so_far(self.event)


@dataclass(frozen=True, slots=True)
class Sum:
    """Events of a time: how many, what they cost more and less than expected, and what people said of them."""

    events: int
    above: Decimal
    below: Decimal
    verdicts: dict[Verdict, int]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a rule would have told in a period, and what that changes."""

    period: Period
    series: int
    """That it decides on."""
    told: list[Told]
    """By the rule, in the order of their days."""
    new: list[Told]
    """Told by the rules with it, and not as they are."""
    missed: list[Told]
    """Told by the rules as they are, and not with it."""

    @property
    def a_month(self) -> float:
        """How many events a month."""
        return len(self.told) / max(self.period.days / MONTH, 1.0)

    def months(self) -> dict[Period, Sum]:
        """Return the sums of each calendar month, by the day on which events began."""
        days = {Period.month_of(day): None for day in self.period}
        return {
            month: summed(one for one in self.told if month.start <= one.event.days.start < month.end) for month in days
        }


def so_far(event: Event) -> Decimal:
    """Return what an event cost more than expected in all its days."""
    return EXACT.multiply(event.excess, Decimal(event.days.days))


def summed(told: Iterable[Told]) -> Sum:
    """Add events up."""
    events = list(told)
    amounts = [one.so_far for one in events]
    return Sum(
        events=len(events),
        above=total(amount for amount in amounts if amount > 0),
        below=-total(amount for amount in amounts if amount < 0),
        verdicts={verdict: sum(one.verdict is verdict for one in events) for verdict in Verdict},
    )


def spanned(known: Known) -> Period:
    """Return the year up to the last known day, or what there is of it. There is at least one series."""
    end = max(one.day(len(one.amounts)) for _, one in known)
    first = min(one.start for _, one in known)
    return Period(max(first, end - timedelta(days=YEAR)), end)


def compare(
    period: Period,
    deciding: set[Scope],
    after: Found,
    before: Found,
    judged: Sequence[Judged] = (),
    *,
    reach: Mapping[Scope, Reach] = NOWHERE,
) -> Replay:
    """Hold what rules would have told `after` a change against what they tell `before` it.

    `deciding` are the series that the changed rule decides on. An event that is a side of another one is told with it,
    so it counts neither as told nor as new, and one that it was told with is not missed. `reach` is what commitments
    covered.
    """
    after, before = (_within(period, found) for found in (after, before))
    among_after, among_before, said = (
        _by_scope(after),
        _by_scope(before),
        _by_scope([(one.scope, one) for one in judged]),
    )
    told = _alone(after, reach)
    return Replay(
        period=period,
        series=len(deciding),
        told=[_told(*one, said) for one in told if one[0] in deciding],
        new=[_told(*one, said) for one in told if not _among(*one, among_before)],
        missed=[_told(*one, said) for one in _alone(before, reach) if not _among(*one, among_after)],
    )


def _by_scope(found: Iterable[tuple[Scope, T]]) -> dict[Scope, list[T]]:
    held: dict[Scope, list[T]] = {}
    for scope, one in found:
        held.setdefault(scope, []).append(one)
    return held


def _within(period: Period, found: Found) -> Found:
    """Leave out what began before."""
    return sorted(
        (one for one in found if period.start <= one[1].days.start < period.end),
        key=lambda one: (one[1].days, one[0].written()),
    )


def _alone(found: Found, reach: Mapping[Scope, Reach]) -> Found:
    sides = parents([Side(scope, event.days, event.excess, reach.get(scope)) for scope, event in found])
    return [one for place, one in enumerate(found) if place not in sides]


def _among(scope: Scope, event: Event, others: Mapping[Scope, Sequence[Event]]) -> bool:
    """Whether an event is among others; by another rule it may begin a day later."""
    rising = event.excess > 0
    return any((one.excess > 0) == rising and _share(event.days, one.days) for one in others.get(scope, ()))


def _share(one: Period, other: Period) -> bool:
    """Whether they have a day in common."""
    return max(one.start, other.start) < min(one.end, other.end)


def _told(scope: Scope, event: Event, judged: Mapping[Scope, Sequence[Judged]]) -> Told:
    said = [
        one.verdict
        for one in judged.get(scope, ())
        if one.rising == (event.excess > 0) and _share(event.days, one.days)
    ]
    return Told(scope, event, said[-1] if said else None)
