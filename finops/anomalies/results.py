"""What the page of an event hands back: what happened, since when, what it costs, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Self

from finops import known_events
from finops.anomalies import words
from finops.anomalies.alerts import Alert, whom
from finops.anomalies.causes import COMMITMENT, Cause, Explanation, Part
from finops.anomalies.detectors import Kind
from finops.anomalies.events import Event
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.windows import WEEK
from finops.focus import DIMENSIONS, Dimension
from finops.known_events import KnownEvent
from finops.money import EXACT, Money, total
from finops.periods import ONE_DAY, Period
from finops.results import Amount, Result, cents, ratio
from finops.tables import days


class CauseResult(Result):
    """What explains some of the excess; amounts a day."""

    name: str
    """For people."""
    why: str
    values: dict[str, str]
    """What it is told by."""
    shared: dict[str, str]
    """What else all of it has in common."""
    resources: int
    """So many are in it, as far as they are told apart."""
    since: date | None
    """The first day on which it cost something; None where that was before."""
    expected: Amount
    actual: Amount
    share: Amount
    """Of the excess of the event."""
    usage: Amount | None
    """Of its excess: more or less used, at the price before; None where quantities are not known."""
    price: Amount | None
    """Of its excess: at another price."""

    @property
    def excess(self) -> Decimal:
        """What it costs more a day; negative where less."""
        return EXACT.subtract(self.actual, self.expected)

    @classmethod
    def of(cls, cause: Cause, parts: Sequence[Part]) -> Self:
        """Take it from an explanation of these parts."""
        inside = {dict(part.values).get("resource") for part in parts if set(cause.values) <= set(part.values)}
        count = len(inside - {None})
        return cls(
            name=words.called(cause, count),
            why=words.why(cause),
            values=dict(cause.values),
            shared=dict(cause.shared),
            resources=count,
            since=None if cause.expected else cause.since,
            expected=cause.expected,
            actual=cause.actual,
            share=ratio(cause.share) or Decimal(0),
            usage=cause.usage,
            price=cause.price,
        )


class AnomalyResult(Result):
    """What the notebook `anomalies` hands back; amounts in `currency`."""

    scope: Scope
    name: str
    """Of the scope, for people."""
    kind: Kind
    first: date
    end: date
    """The day after its last one."""
    lasts: bool
    """Whether it goes on beyond the last settled day."""
    currency: str
    metric: str
    expected: Amount
    """A day, as the following two."""
    actual: Amount
    excess: Amount
    """Below nothing where less was spent."""
    so_far: Amount
    """In all its days."""
    monthly: Amount
    """A month, if it stays as it was in its last week."""
    months: Amount
    """In so many months of the series' own past its like comes once."""
    said: str
    """The root cause in one sentence."""
    causes: list[CauseResult]
    explained: Amount
    """The share of the excess that the causes explain; more than 1 where something else cost less meanwhile."""
    untold: Amount
    """What the expected costs of its parts lack of the expected of the whole, a day."""
    settled_through: dict[str, date]
    known: str = ""
    """Events that people recorded about when it began, in one sentence: no cause, but worth knowing."""

    @classmethod
    def of(
        cls,
        scope: Scope,
        event: Event,
        found: Explanation,
        parts: Sequence[Part],
        *,
        called: Mapping[str, str],
        currency: str,
        metric: str,
        settled_through: Mapping[str, date],
        known: Sequence[KnownEvent] = (),
    ) -> Self:
        """Put it together; `called` has the names of sub accounts, `known` the events of its days."""
        causes = [CauseResult.of(one, parts) for one in found.causes]
        name = scope.name(called)
        why = words.said([(one.name, one.why, one.share, one.excess) for one in causes], found.explained, currency)
        if scope.of is Of.COMMITMENT:
            before, now = Money(event.expected, currency), Money(event.actual, currency)
            paid = any(part.actual for part in parts if COMMITMENT in dict(part.values))
            turned = words.turned(name, event.days.start, before, now, paid=paid)
            why = f"{turned} {words.covering(parts, now=event.kind is Kind.BEGUN)}".strip()
        return cls(
            scope=scope,
            name=name,
            kind=event.kind,
            first=event.days.start,
            end=event.days.end,
            lasts=event.lasts,
            currency=currency,
            metric=metric,
            expected=event.expected,
            actual=event.actual,
            excess=event.excess,
            so_far=EXACT.multiply(event.excess, Decimal(event.days.days)),
            monthly=event.monthly,
            months=event.months,
            said=why,
            causes=causes,
            explained=ratio(found.explained) or Decimal(0),
            untold=cents(EXACT.subtract(event.expected, total(part.expected for part in parts))) + 0,
            settled_through=dict(settled_through),
            known=known_events.near(known, event.days, facts(scope, causes, called)),
        )

    @property
    def days(self) -> Period:
        """Its days."""
        return Period(self.first, self.end)

    def alert(self) -> Alert:
        """Return it as people are told of it elsewhere."""
        return Alert(
            name=self.name,
            kind=self.kind,
            days=self.days,
            lasts=self.lasts,
            currency=self.currency,
            expected=self.expected,
            actual=self.actual,
            excess=self.excess,
            so_far=self.so_far,
            monthly=self.monthly,
            cause=self.said,
            whom=whom({**one.values, **one.shared} for one in self.causes),
        )

    def headline(self) -> str:
        """Tell what happened, since when, and how much it is."""
        title = self.alert().title()
        when = (
            f"since {_day(self.first)}"
            if self.lasts
            else f"{'on' if self.days.days <= WEEK else 'over'} {days(self.days)}"
        )
        now, before, in_all = (Money(abs(one), self.currency) for one in (self.actual, self.expected, self.so_far))
        return f"{title}, {when}: {now} instead of {before} a day, {in_all} {'so far' if self.lasts else 'in all'}."

    def why(self) -> str:
        """Tell what explains it, and what is known of the days about its beginning."""
        return f"Why? {self.told()}"

    def told(self) -> str:
        """Tell why, and what is known of the days about its beginning."""
        return f"{self.said} {self.known}".strip()

    def marked(self, known: Sequence[KnownEvent]) -> list[KnownEvent]:
        """Return the events that can be about these costs: those that its picture marks."""
        told = facts(self.scope, self.causes, {})
        return [one for one in known if one.concerns(told)]

    def step(self) -> str:
        """Tell whether it goes on, and what to do by whom."""
        told = self.alert()
        return f"{told.course()} {told.step()}"


def facts(scope: Scope, causes: Sequence[CauseResult], called: Mapping[str, str]) -> dict[str, set[str]]:
    """Return what is known of the costs of an event, by dimension: what known events are held against."""
    found: dict[str, set[str]] = {}
    for name in Scope.parts():
        if value := getattr(scope, name):
            found.setdefault("tag:team" if name == "team" else name, set()).add(value)
    for cause in causes:
        for name, value in {**cause.shared, **cause.values}.items():
            found.setdefault(DIMENSIONS.get(name, name), set()).add(value)
    accounts = found.get(Dimension.SUB_ACCOUNT.value, set())
    accounts |= {called[one] for one in accounts if one in called}
    return found


def _day(day: date) -> str:
    return days(Period(day, day + ONE_DAY))
