"""What alert rules of many scopes are judged on: new services, budgets, commitments, bills, collections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.alerting.appearing import Appeared
from finops.alerting.heading import NOTHING, Spending
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.alerting.sources import Behind, Tried
from finops.budgets import Budget
from finops.focus import Dimension
from finops.money import EXACT
from finops.periods import Period
from storage import allotted, coming, filters, recurring
from storage.alert_ledger import DAY, SOURCE, Ledger
from storage.budgets import budgets
from storage.charges import Asked
from storage.models import Outbox, Outcome, Run
from storage.settings import settings

HISTORY = timedelta(days=35)
"""Of a budget's month: four weeks before it that tell where it lands, and some."""
BY = {RuleKind.NEW_SERVICE: Dimension.SERVICE.value, RuleKind.NEW_REGION: Dimension.REGION.value}
COLLECT = "collect"
TRIES = 200


def appeared(ledger: Ledger, rule: AlertRule, since: date) -> list[Appeared]:
    """Return the services or regions that cost something for the first time on that day or later."""
    word, provider = BY[rule.kind], Dimension.PROVIDER.value
    by = (provider, word)
    before = ledger.usage(rule, Period(ledger.span.start, max(since, ledger.span.start)), by)
    known = {(one.key[provider], one.key[word]) for one in before}
    days: dict[tuple[str, str], list[tuple[date, str, Decimal]]] = {}
    for one in ledger.usage(rule, Period(max(since, ledger.span.start), ledger.span.end), (DAY, SOURCE, *by)):
        key = (one.key[provider], one.key[word])
        if key not in known and key[1] and one.cost > 0:
            day = date.fromisoformat(str(one.key[DAY]))
            days.setdefault((str(key[0]), key[1]), []).append((day, str(one.key[SOURCE]), one.cost))
    return [_appeared(ledger, *key, each) for key, each in sorted(days.items())]


def _appeared(ledger: Ledger, provider: str, name: str, each: list[tuple[date, str, Decimal]]) -> Appeared:
    first, last = min(day for day, _, _ in each), max(day for day, _, _ in each)
    cost = Decimal(0)
    for _, _, amount in each:
        cost = EXACT.add(cost, amount)
    since = min(ledger.sources[source].first for day, source, _ in each if day == first)
    return Appeared(provider, name, first, last, cost, since)


def spending(ledger: Ledger, rule: AlertRule, *, back: timedelta = timedelta(0)) -> list[Spending]:
    """Return what counts against each budget that a rule is about. Raises BadSettingError."""
    wanted = rule.budget.casefold() if rule.budget else None
    chosen = [one for one in budgets(settings().home) if wanted in {None, one.name.casefold()}]
    return [_spending(ledger, one, back) for one in chosen]


def _spending(ledger: Ledger, budget: Budget, back: timedelta) -> Spending:
    settled = ledger.settled
    since = settled.replace(day=1) - HISTORY - back
    category, currency = Dimension.CHARGE_CATEGORY.value, budget.currency or ledger.currency
    usage: dict[date, Decimal] = {}
    once: dict[date, Decimal] = {}
    where = filters.named(ledger.session, budget.filters)
    costs: Asked = {"currency": currency, "metric": budget.measured, "where": where}
    span = Period(max(since, ledger.span.start), ledger.span.end)
    for one in allotted.sums(ledger.session, period=span, group_by=(DAY, category), **costs):
        held, day = usage if one.key[category] == "Usage" else once, date.fromisoformat(str(one.key[DAY]))
        held[day] = EXACT.add(held.get(day, Decimal(0)), one.cost)
    left = coming.of(ledger.session, settled, **costs)
    monthly = NOTHING
    if back:
        monthly = recurring.read(ledger.session, Period(since, ledger.span.end), **costs)
    return Spending(budget, currency, usage, once, settled, left, monthly)


def behind(ledger: Ledger) -> list[Behind]:
    """Return how far each source of bills is complete."""
    return [Behind(name, seen.settled) for name, seen in sorted(ledger.sources.items()) if seen.settled >= seen.first]


def tries(session: Session) -> list[Tried]:
    """Return the newest collections that ended, the newest first."""
    ended = select(Run).where(Run.job == COLLECT, Run.outcome != Outcome.RUNNING)
    rows: Iterable[Run] = session.scalars(ended.order_by(Run.started_at.desc()).limit(TRIES))
    return [Tried(row.started_at, row.error if row.outcome is Outcome.FAILED else None) for row in rows]


def refused_since(session: Session, tried: list[Tried]) -> bool:
    """Whether the channel was told of a refused bill since the newest collections began to fail."""
    good = next((place for place, one in enumerate(tried) if one.error is None), len(tried))
    if not good:
        return False
    told = select(Outbox.id).where(Outbox.key.startswith("refused "), Outbox.created_at >= tried[good - 1].at)
    return session.scalar(told.limit(1)) is not None
