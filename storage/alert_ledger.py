"""What alert rules are judged on, read from the ledger: usage by the day, with which sources brought which days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.alerting.daily import Daily, Seen
from finops.alerting.judging import Ground
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.anomalies.estate import SHARE, USUAL
from finops.errors import UnknownWordError
from finops.focus import Dimension, Metric
from finops.money import EXACT, total
from finops.periods import ONE_DAY, Period
from finops.trend import STEADY, NoChargesError, line
from storage import allotted, charges, daily, filters
from storage.models import Source
from storage.settings import settings

BACK = timedelta(days=70)
"""Before what is judged: the month before, or four weeks of the same weekday."""
KIND = (Dimension.CHARGE_CATEGORY.value, Dimension.CHARGE_CLASS.value)
DAY, SOURCE = Dimension.DAY.value, Dimension.SOURCE.value
Where = Mapping[str, Sequence[str]]
Sums = list[charges.CostSum]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger as it is for all rules of one evaluation."""

    session: Session
    span: Period
    currency: str
    """Asked for where a rule names none."""
    sources: Mapping[str, Seen]

    @classmethod
    def read(cls, session: Session) -> Self:
        """Read what all rules share. Raises NoChargesError."""
        span, known = charges.spans(session), charges.currencies(session)
        there = daily.collected(session, period=span) if span else {}
        rows = session.execute(select(Source.id, Source.name, Source.settled_through).where(Source.id.in_(there)))
        sources = {name: _seen(there[key], settled) for key, name, settled in rows}
        if span is None or not known or not sources:
            raise NoChargesError
        return cls(session, span, settings().costs_currency or known[0], sources)

    def currency_of(self, rule: AlertRule) -> str:
        """Return the currency that a rule is judged in."""
        return rule.currency or self.currency

    @property
    def settled(self) -> date:
        """The last day that all sources that still bring costs have completed."""
        return Daily({}, tuple(self.sources.values()), self.currency, self.span.end - ONE_DAY).settled

    def recent(self, days: timedelta = timedelta(0)) -> Period:
        """Return the days to read for judging so many days before the last complete one, and all after it."""
        return Period(max(self.span.start, self.settled - BACK - days), self.span.end)

    def usage(self, rule: AlertRule, period: Period, by: tuple[str, ...], also: Where | None = None) -> Sums:
        """Sum the usage that a rule is about, by these words; `also` narrows it down further.

        By source only what the ledger's own sources brought is told: one that appeared since it was read is judged
        when it is read the next time, with all that is known of its days.
        """
        where = filters.named(self.session, {**rule.filters, **(also or {})})
        found = self._sums(rule, period, by, where)
        if not found and where:  # perhaps it is spelt otherwise
            try:
                where = filters.spelt(self.session, where, self.currency_of(rule))
            except UnknownWordError:  # nothing of that name was ever spent
                return []
            found = self._sums(rule, period, by, where)
        steady = [one for one in found if line(*(one.key[name] for name in KIND)) == STEADY]
        return [one for one in steady if one.key.get(SOURCE) in self.sources] if SOURCE in by else steady

    def _sums(self, rule: AlertRule, period: Period, by: tuple[str, ...], where: Where) -> Sums:
        return allotted.sums(
            self.session, period=period, currency=self.currency_of(rule), metric=Metric.EFFECTIVE,
            group_by=(*dict.fromkeys((*by, *KIND)),), where=where,
        )  # fmt: skip

    def daily(self, rule: AlertRule, period: Period, also: Where | None = None) -> Daily:
        """Return the usage that a rule is about by the day, and the sources that brought it; of nothing, all."""
        costs: dict[date, Decimal] = {}
        names: set[str] = set()
        for one in self.usage(rule, period, (DAY, SOURCE), also):
            day = date.fromisoformat(str(one.key[DAY]))
            costs[day] = EXACT.add(costs.get(day, Decimal(0)), one.cost)
            names.add(str(one.key[SOURCE]))
        seen = tuple(each for name, each in self.sources.items() if not names or name in names)
        return Daily(costs, seen, self.currency_of(rule), self.span.end - ONE_DAY)

    def ground(self, rule: AlertRule, period: Period) -> Ground:
        """Return what a rule of one figure is judged on."""
        whole = self.daily(rule, period)
        tag = {f"tag:{rule.tag or 'team'}": ("",)}
        lacking = self.daily(rule, period, tag) if rule.kind is RuleKind.UNTAGGED else None
        floor = self._floor(rule) if rule.kind is RuleKind.CHANGE and rule.amount is None else Decimal(0)
        return Ground(whole, lacking, floor)

    def _floor(self, rule: AlertRule) -> Decimal:
        """Return what a day's change must come to: the setting, or a share of what everything costs a day."""
        days = Period.last_days(USUAL, self.settled + ONE_DAY)
        everything = rule.model_copy(update={"where": {}})
        spent = total(one.cost for one in self.usage(everything, days, ()))
        usual = EXACT.divide(EXACT.multiply(spent, SHARE), Decimal(USUAL))
        return max(settings().costs_alert_amount, usual)


def _seen(days: set[date], settled: date | None) -> Seen:
    span = daily.spanned(days)
    known = settled if settled is not None else span.start - ONE_DAY
    return Seen(span.start, known, frozenset(day for day in span if day not in days))
