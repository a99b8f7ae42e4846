"""What each kind of alert rule finds now: read from the ledger, judged by the rules of `finops.alerting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from finops.alerting import appearing, committed, heading, judging, sources
from finops.alerting.findings import Found
from finops.alerting.kinds import RuleKind
from finops.alerting.rules import AlertRule
from finops.periods import ONE_DAY, Period
from storage import alert_reading, commitments, covered
from storage.alert_ledger import Ledger


def now(session: Session, rule: AlertRule, ledger: Ledger | None, *, today: date) -> list[Found]:
    """Return what a rule finds, one a scope; without a ledger of collections only, which fail before there is one.

    Raises BadSettingError for budgets or rules of allocation that cannot be read.
    A rule about anomalies finds nothing: it says where their own messages go (`storage.alert_routes`).
    """
    if rule.kind is RuleKind.FAILED_COLLECTION:
        tried = alert_reading.tries(session)
        return sources.failed(tried, announced=alert_reading.refused_since(session, tried))
    return _FINDS[rule.kind](ledger, rule, today) if ledger is not None else []


def _of_figure(ledger: Ledger, rule: AlertRule, today: date) -> list[Found]:
    del today
    found = judging.now(rule, ledger.ground(rule, ledger.recent()))
    return [found] if found else []


def _new(ledger: Ledger, rule: AlertRule, today: date) -> list[Found]:
    del today
    since = ledger.settled - timedelta(days=rule.looked_at - 1)
    appeared = alert_reading.appeared(ledger, rule, since)
    return appearing.now(rule, appeared, settled=ledger.settled, currency=ledger.currency_of(rule))


def _budgets(ledger: Ledger, rule: AlertRule, today: date) -> list[Found]:
    del today
    each = (heading.over(rule, one, one.settled) for one in alert_reading.spending(ledger, rule))
    return [one for one in each if one]


def _underused(ledger: Ledger, rule: AlertRule, today: date) -> list[Found]:
    del today
    currency, end = ledger.currency_of(rule), ledger.settled
    period = Period.last_days(rule.looked_at, end + ONE_DAY)
    uses = commitments.daily(ledger.session, period=period, currency=currency)
    return committed.underused(rule, uses, end=end, currency=currency)


def _expiring(ledger: Ledger, rule: AlertRule, today: date) -> list[Found]:
    lives = covered.lives(ledger.session, currency=ledger.currency)
    return committed.expiring(rule, lives, today=today)


def _stale(ledger: Ledger, rule: AlertRule, today: date) -> list[Found]:
    return sources.stale(rule, alert_reading.behind(ledger), today=today)


def _routed(ledger: Ledger, rule: AlertRule, today: date) -> list[Found]:
    del ledger, rule, today
    return []


_FINDS: Mapping[RuleKind, Callable[[Ledger, AlertRule, date], list[Found]]] = {
    **dict.fromkeys(judging.OF_FIGURES, _of_figure),
    RuleKind.NEW_SERVICE: _new,
    RuleKind.NEW_REGION: _new,
    RuleKind.FORECAST_OVER_BUDGET: _budgets,
    RuleKind.COMMITMENT_UNDERUSED: _underused,
    RuleKind.COMMITMENT_EXPIRING: _expiring,
    RuleKind.STALE_DATA: _stale,
    RuleKind.ANOMALY: _routed,
}
