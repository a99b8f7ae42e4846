"""On which days of the last 12 months a rule would have told somebody: asked before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.alerting import appearing, committed, heading, judging, sources
from finops.alerting.kinds import RuleKind
from finops.alerting.replaying import YEAR, Replay, firings, spells
from finops.alerting.rules import AlertRule
from finops.anomalies.commitments import Life
from finops.commitments import Use
from finops.periods import ONE_DAY, Period
from finops.trend import NoChargesError
from storage import alert_reading, alert_routes, commitments, covered
from storage.alert_ledger import Ledger
from storage.models import Anomaly

Days = Callable[[Ledger, AlertRule, Period], list[date]]


def would_have_fired(session: Session, rule: AlertRule, today: date) -> Replay:
    """Try a rule on the complete days of the 12 months before `today`, with the bills as they are known now.

    What was restated since is judged as it is; of bills that were late nothing is known any more, so that a rule about
    them has no past. Raises BadSettingError for budgets or rules of allocation that cannot be read.
    """
    if rule.kind is RuleKind.STALE_DATA:
        return Replay((), None, "How late bills were is not kept, so it cannot be tried on the past.")
    try:
        ledger = Ledger.read(session)
    except NoChargesError:
        return Replay((), None)
    end = min(ledger.settled + ONE_DAY, today)
    start = max(end - YEAR, ledger.span.start)
    if start >= end:
        return Replay((), None)
    period = Period(start, end)
    if rule.kind in judging.OF_FIGURES:
        return _of_figure(ledger, rule, period)
    return Replay(tuple(_DAYS[rule.kind](ledger, rule, period)), period)


def _of_figure(ledger: Ledger, rule: AlertRule, period: Period) -> Replay:
    ground = ledger.ground(rule, ledger.recent(YEAR))
    found = spells(lambda day: judging.at(rule, ground, day) is not None, period, cool_down=rule.cool_down)
    return Replay(tuple(first for first, _ in found), period, open_days=sum(length for _, length in found))


def _new(ledger: Ledger, rule: AlertRule, period: Period) -> list[date]:
    return appearing.replayed(rule, alert_reading.appeared(ledger, rule, period.start), period)


def _budgets(ledger: Ledger, rule: AlertRule, period: Period) -> list[date]:
    found: list[date] = []
    for one in alert_reading.spending(ledger, rule, back=YEAR):
        for month in period.months():
            days = Period(max(month.start, period.start), min(month.end, period.end))
            over = (day for day in days if heading.over(rule, one, day))
            found += [first for first in [next(over, None)] if first]
    return sorted(found)


def _underused(ledger: Ledger, rule: AlertRule, period: Period) -> list[date]:
    before = Period(period.start - timedelta(days=rule.looked_at), period.end)
    uses = commitments.daily(ledger.session, period=before, currency=ledger.currency_of(rule))
    names = {use.commitment for _, use in uses if use.commitment}
    whole = Period(max(period.start, ledger.span.start + timedelta(days=rule.looked_at)), period.end)
    found: list[date] = []
    for name in sorted(names):
        mine = [(day, use) for day, use in uses if use.commitment == name]
        fires = _fires_underused(ledger, rule, mine)
        found += firings(fires, whole, cool_down=rule.cool_down)
    return sorted(found)


def _fires_underused(ledger: Ledger, rule: AlertRule, uses: list[tuple[date, Use]]) -> Callable[[date], bool]:
    currency = ledger.currency_of(rule)
    return lambda day: bool(committed.underused(rule, uses, end=day, currency=currency))


def _expiring(ledger: Ledger, rule: AlertRule, period: Period) -> list[date]:
    lives = covered.lives(ledger.session, currency=ledger.currency)
    days = (firings(partial(_expires, rule, one), period) for one in lives)
    return sorted(day for each in days for day in each)


def _expires(rule: AlertRule, one: Life, day: date) -> bool:
    return bool(committed.expiring(rule, [one], today=day))


def _anomalies(ledger: Ledger, rule: AlertRule, period: Period) -> list[date]:
    within = (Anomaly.first_day >= period.start, Anomaly.first_day < period.end)
    rows = ledger.session.scalars(
        select(Anomaly).where(Anomaly.withdrawn_at.is_(None), Anomaly.merged_into.is_(None), *within)
    )
    return sorted(row.first_day for row in alert_routes.fitting(ledger.session, rule, rows.all()))


def _failed(ledger: Ledger, rule: AlertRule, period: Period) -> list[date]:
    del rule
    tried = list(reversed(alert_reading.tries(ledger.session)))
    fails = [bool(sources.failed(list(reversed(tried[: n + 1])))) for n in range(len(tried))]
    began = [tried[n].at.astimezone(UTC).date() for n, now in enumerate(fails) if now and not (n and fails[n - 1])]
    return [day for day in began if day in period]


_DAYS: Mapping[RuleKind, Days] = {
    RuleKind.NEW_SERVICE: _new,
    RuleKind.NEW_REGION: _new,
    RuleKind.FORECAST_OVER_BUDGET: _budgets,
    RuleKind.COMMITMENT_UNDERUSED: _underused,
    RuleKind.COMMITMENT_EXPIRING: _expiring,
    RuleKind.ANOMALY: _anomalies,
    RuleKind.FAILED_COLLECTION: _failed,
}
