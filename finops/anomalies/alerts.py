"""What people are told of an event: how much, since when, why, whether it goes on, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.anomalies.detectors import Kind
from finops.anomalies.events import USUAL
from finops.anomalies.tails import MONTH
from finops.anomalies.windows import WEEK
from finops.foreign import plain
from finops.money import EXACT, Money
from finops.periods import ONE_DAY, Period
from finops.results import cents
from finops.tables import days as shown

FRESH = timedelta(days=7)
"""Before the last settled day: an event that began earlier is no news."""
APART = Decimal("0.1")
"""Of what an event costs a day: its last week is told by itself where it is so far from that."""
NEXT = {
    Kind.NEW: "ask who began to use it, and what it may cost",
    Kind.RAMP: "ask its owner what grows, and where it ends",
    Kind.SHIFT: "ask its owner what was changed that day",
    Kind.SPIKE: "ask its owner what ran on those days",
    Kind.PATTERN: "ask its owner what runs at the weekend now",
    Kind.DROP: "ask its owner whether something stopped that should run",
    Kind.ENDED: "commit again to what is used now, or make sure that somebody decided not to",
    Kind.BEGUN: "see in the notebook commitment_coverage how much of it is used",
}
"""One step that finds out, by what happened."""

SAID = {
    Kind.ENDED: ("What {} covered", "without it"),
    Kind.BEGUN: ("What {} covers", "than without it"),
}
"""Of what it is told, and against what."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One event as people read it; amounts in `currency`, a day unless they say otherwise."""

    name: str
    kind: Kind
    days: Period
    lasts: bool
    currency: str
    expected: Decimal
    actual: Decimal
    excess: Decimal
    so_far: Decimal
    """In all, since it began."""
    monthly: Decimal
    """A month, if it stays as it was in its last week."""
    cause: str | None = None
    """The root cause, in one sentence, once it is known."""
    silent: bool = False
    """Whether its bills ended while it lasted."""
    whom: str | None = None
    """Whom to ask, as far as tags tell: team catalog."""

    @property
    def of_late(self) -> Decimal:
        """What it costs a day more than expected, in its last week."""
        return late(self.monthly)

    def title(self) -> str:
        """Tell what happened, so that it makes sense alone: EC2 in prod, AWS cost $324 a day more than expected."""
        verb = "costs" if self.lasts else "cost"
        whose, against = SAID.get(self.kind, ("{}", "than expected"))
        return f"{whose.format(self.name)} {verb} {self._money(self.excess)} a day {_way(self.excess)} {against}"

    def when(self) -> str:
        """Tell its days: since 12 Nov 2026, if it lasts, or all of them."""
        return f"since {shown(Period(self.days.start, self.days.start + ONE_DAY))}" if self.lasts else shown(self.days)

    def what(self) -> str:
        """Tell what it is, of a short one how long: spike of 3 days."""
        days = self.days.days
        short = self.kind in {Kind.SPIKE, Kind.DROP} and not self.lasts
        return f"{self.kind} of {days} {'day' if days == 1 else 'days'}" if short else str(self.kind)

    def amounts(self) -> str:
        """Tell since when, how much in all, and what was expected."""
        way, so_far = "above" if self.so_far > 0 else "below", "so far" if self.lasts else "in all"
        return (
            f"{self._money(self.so_far)} {way} expected {so_far}, {self.when()}: "
            f"{Money(self.actual, self.currency)} a day, where {Money(self.expected, self.currency)} was usual."
        )

    def course(self) -> str:
        """Tell whether it goes on."""
        if self.silent:
            end = shown(Period(self.days.end, self.days.end + ONE_DAY))
            return f"There is no data since {end}: its bills ended, so whether it goes on is not known."
        if not self.lasts and self.days.days >= USUAL:
            return f"After {USUAL // WEEK} weeks it counts as usual."
        if not self.lasts and self.kind in {Kind.SPIKE, Kind.DROP}:
            return f"It was a {self.what()}, over on {shown(Period(self.days.end, self.days.end + ONE_DAY))}."
        if not self.lasts:
            return f"It was over on {shown(Period(self.days.end, self.days.end + ONE_DAY))}."
        how = "is still rising" if self.kind is Kind.RAMP and self.excess > 0 else "goes on"
        return f"It {how}{self._lately()}: {self._money(self.monthly)} a month {_way(self.monthly)} if it stays so."

    def _lately(self) -> str:
        """Tell what a day of late is more, which a month is reckoned from, where that is not as in all its days."""
        apart = abs(EXACT.subtract(self.of_late, self.excess))
        if apart < EXACT.multiply(APART, abs(self.excess)):
            return ""
        return f", with {self._money(self.of_late)} a day {_way(self.of_late)} in its last week"

    def step(self) -> str:
        """Tell what to do next."""
        step = NEXT.get(self.kind, NEXT[Kind.SHIFT])
        return f"Next: {step.replace('its owner', plain(self.whom), 1) if self.whom else step}."

    def sentence(self) -> str:
        """Tell all of it as one text, which a notification shows: it makes sense alone."""
        why = f" {self.cause}" if self.cause else ""
        return f"{self.title()}. {self.amounts()}{why} {self.course()} {self.step()}"

    def _money(self, amount: Decimal) -> str:
        return str(Money(abs(amount), self.currency))


def _way(amount: Decimal) -> str:
    return "more" if amount > 0 else "less"


def whom(causes: Iterable[Mapping[str, str]]) -> str | None:
    """Return whom to ask by what causes are told by, and have in common: their owner, or else their team."""
    known = (f"{key} {one[f'tag:{key}']}" for one in causes for key in ("owner", "team") if one.get(f"tag:{key}"))
    return next(known, None)


def late(monthly: Decimal) -> Decimal:
    """Return the amount a day of what an event costs a month as of late."""
    return cents(EXACT.divide(monthly, Decimal(repr(MONTH))))


def summary(found: Sequence[Alert], *, since: date) -> str:
    """Tell in one sentence what came together, in place of a message for each event."""
    events = "1 event" if len(found) == 1 else f"{len(found)} events"
    going = sum(one.lasts for one in found)
    rest = f"{going} of them {'goes' if going == 1 else 'go'} on" if going else "none goes on"
    return f"Costs were out of order in {events} since {shown(Period(since, since + ONE_DAY))}; {rest}."
