"""Looks for anomalies in all that is watched, remembers them, and tells people what is new and large enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from finops.anomalies.alerts import FRESH, late
from finops.anomalies.estate import Floors, Known, floors, sensitivity
from finops.anomalies.rules import Rule, rule_of
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity
from finops.trend import complete_through
from jobs.anomalies import explain, watching
from storage import accounts, alerts, allocation, anomalies, anomaly_rules, charges, watched
from storage.database import transaction
from storage.models import Anomaly
from storage.settings import settings

MOST = 5
"""Messages of one run: what is found beyond them is told together, in one."""


@dataclass(frozen=True, slots=True)
class Estate:
    """The series of one currency, and how each is watched."""

    currency: str
    known: Known
    least: Floors
    usual: Sensitivity
    """Of what no rule and nobody's verdict changes."""
    wanted: Mapping[str, Sensitivity]
    """By the key of a scope."""
    rules: Mapping[Scope, Rule]


def run() -> dict[str, Any]:
    """Judge every series of every currency. Raises NoChargesError, and BadSettingError for rules that are wrong."""
    with transaction() as session:
        estates = [estate(session, currency) for currency in charges.currencies(session)]
        complete_through(charges.settled_through(session))  # an empty ledger is told as such
    return {one.currency: _found(one) for one in estates if one.known}


def estate(session: Session, currency: str) -> Estate:
    """Read what is watched in one currency. Raises BadSettingError."""
    home, span = settings().home, charges.spans(session)
    teams, rules = allocation.rules(home, "team"), anomaly_rules.rules(home)
    known = watched.series(session, span, currency=currency, teams=teams) if span else []
    least = floors(known, settings().costs_alert_amount)
    usual, called = sensitivity(known, least), accounts.labels(session)
    scopes = [scope for scope, _ in known]
    wanted = anomaly_rules.sensitivities(session, scopes, rules, usual=usual, now=datetime.now(UTC), called=called)
    deciding = {scope: rule_of(scope, rules, called) for scope in scopes}
    return Estate(currency, known, least, usual, wanted, deciding)


def _found(one: Estate) -> dict[str, Any]:
    """Judge the series of one currency, write down what came of it, have the largest explained, and tell people."""
    events = watching.found([each for each in one.known if not one.rules[each[0]].ignore], one.wanted)
    told = [(scope, event) for scope, event in events if one.rules[scope].tells(scope, event)]
    named = {scope: rule.name for scope, rule in one.rules.items()}
    with transaction() as session:
        recorded = anomalies.record(session, told, currency=one.currency, judged=[*one.rules], rules=named)
    # Why it is comes before the message. Dying in between loses none: what nobody was told of is told the next time.
    explained = explain.made([row for row in _worth(recorded, one.least) if row.run_id is None])
    last = {scope.written(): series.day(len(series.amounts) - 1) for scope, series in one.known}
    with transaction() as session:
        posted = announce(session, recorded, one.least, last)
    return {
        "series": sum(scope.of is not Of.REGION for scope in one.rules),
        "least": str(one.least.found),
        "once_in_months": str(round(1 / one.usual.rate, 1)),
        "new": len(recorded.new),
        "going": sum(row.lasts for row in recorded.going),
        "withdrawn": len(recorded.withdrawn),
        "explained": explained,
        "posted": posted,
    }


def announce(session: Session, recorded: anomalies.Recorded, least: Floors, last: Mapping[str, date]) -> int:
    """Write the messages down: what began lately or has grown large, each its own; what is of the past, in one.

    `last` is the last settled day of each scope. Returns how many messages are new.
    """
    before = alerts.told(session)
    large = [row for row in _worth(recorded, least) if row.id not in before]
    past = {row.id for row in recorded.new if row.first_day <= last[row.scope] - FRESH}
    past |= {row.id for row in recorded.going if not row.lasts and row.first_day <= last[row.scope] - FRESH}
    news = [row for row in large if row.id not in past]
    rest = news[MOST:] + [row for row in large if row.id in past]
    return sum(alerts.put(session, row) for row in news[:MOST]) + (alerts.put_summary(session, rest) if rest else 0)


def _worth(recorded: anomalies.Recorded, least: Floors) -> Sequence[Anomaly]:
    """Return what is worth a message, the largest first: no drop, which costs less, and no other side of an event."""
    rows = [row for row in (*recorded.new, *recorded.going) if row.merged_into is None]
    return sorted((row for row in rows if _late(row) >= least.told), key=lambda row: -_late(row))


def _late(row: Anomaly) -> Decimal:
    return late(row.monthly)
