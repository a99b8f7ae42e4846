"""Services and regions that were never used before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.alerting.findings import Found
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.foreign import plain
from finops.money import EXACT, Money
from finops.periods import ONE_DAY, Period
from finops.tables import PROVIDERS
from finops.tables import days as shown

HISTORY = timedelta(days=28)
"""So long its bills must be known before something may be called new: all that a first bill lists is new to us."""
WHAT = {RuleKind.NEW_SERVICE: "service", RuleKind.NEW_REGION: "region"}


@dataclass(frozen=True, slots=True)
class Appeared:
    """A service or region, its days with costs and what they cost, and since when its bills are known."""

    provider: str
    name: str
    first: date
    last: date
    cost: Decimal
    known_since: date

    @property
    def a_day(self) -> Decimal:
        """What it cost a day, from the first to the last."""
        return EXACT.divide(self.cost, Decimal((self.last - self.first).days + 1))

    def is_new(self, rule: AlertRule) -> bool:
        """Whether its bills were known long enough before it, and it costs what the rule asks for."""
        return self.first >= self.known_since + HISTORY and self.a_day >= (rule.amount or Decimal(0)) and self.cost > 0


def now(rule: AlertRule, appeared: Sequence[Appeared], *, settled: date, currency: str) -> list[Found]:
    """Return what is new and began within the rule's days before `settled`, or after it."""
    since = settled - timedelta(days=rule.looked_at)
    return [_found(rule, one, currency) for one in appeared if one.first > since and one.is_new(rule)]


def replayed(rule: AlertRule, appeared: Iterable[Appeared], period: Period) -> list[date]:
    """Return the days of a period on which something new would have been told."""
    return sorted(one.first for one in appeared if one.first in period and one.is_new(rule))


def _found(rule: AlertRule, one: Appeared, currency: str) -> Found:
    cloud = PROVIDERS.get(one.provider, one.provider)
    begins = shown(Period(one.first, one.first + ONE_DAY))
    a_day = Money(one.a_day, currency)
    sentence = (
        f"A new {WHAT[rule.kind]} is used: {plain(one.name)} of {cloud}, since {begins}, at {a_day} a day so far."
    )
    return Found(
        f"{one.provider} {one.name}", one.a_day, None, currency, one.first, one.last + ONE_DAY, sentence
    )  # fmt: skip
