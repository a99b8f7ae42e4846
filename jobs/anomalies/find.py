"""Looks for anomalies in all that is watched, remembers them, and tells people what is new and large enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from finops.alerting.kinds import Severity
from finops.anomalies import commitments
from finops.anomalies.alerts import FRESH, late
from finops.anomalies.detectors import Kind
from finops.anomalies.estate import Floors, Known, floors, sensitivity
from finops.anomalies.events import Event
from finops.anomalies.merging import Reach
from finops.anomalies.rules import Rule, rule_of
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity
from finops.trend import complete_through
from jobs.anomalies import explain, listed, outlying, watching
from storage import (
    accounts,
    alert_caps,
    alert_routes,
    alerts,
    allocation,
    anomalies,
    anomaly_rules,
    charges,
    covered,
    watched,
)  # fmt: skip
from storage.alert_routes import Route
from storage.covered import Covered
from storage.database import transaction
from storage.models import Anomaly
from storage.settings import settings

LISTED = timedelta(days=listed.DAYS)
"""So long ago at most an event ended that has a page: of those before, the cause alone is told."""
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
    """Of every series, and of every commitment."""
    turns: Sequence[Covered]
    """Commitments that began or ended while bills tell of what they covered."""

    @property
    def reach(self) -> dict[Scope, Reach]:
        """What these covered."""
        return {each.life.scope: each.reach for each in self.turns}

    def turned(self, rules: Mapping[Scope, Rule]) -> list[tuple[Scope, Event]]:
        """Return what became of commitments: of these the floor is what a month costs, as that is what they are for."""
        found = []
        for one in self.turns:
            rule = rules[one.life.scope]
            events = commitments.events(one.life, one.series, self.least.told)
            found += [(one.life.scope, event) for event in events if abs(event.excess) >= (rule.amount or 0)]
        return found


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
    lives = covered.lives(session, currency=currency)
    deciding |= {one.scope: rule_of(one.scope, rules, called) for one in lives}
    turns = covered.told(session, [one for one in lives if one.began or one.ended], currency=currency)
    return Estate(currency, known, least, usual, wanted, deciding, turns)


def _found(one: Estate) -> dict[str, Any]:
    """Judge the series of one currency, write down what came of it, have the largest explained, and tell people."""
    events = watching.found([each for each in one.known if not one.rules[each[0]].ignore], one.wanted)
    told = [each for each in (*events, *one.turned(one.rules)) if one.rules[each[0]].tells(*each)]
    named = {scope: rule.name for scope, rule in one.rules.items()}
    with transaction() as session:
        recorded = anomalies.record(
            session, told, currency=one.currency, judged=[*one.rules], rules=named, reach=one.reach
        )
        current, past = _shown(recorded, one.least)
        wanted = explain.due(session, current)
    # Why it is comes before the message. Dying in between loses none: what nobody was told of is told the next time.
    explained = explain.made(wanted) + explain.told(past)
    ends = [*one.known, *((each.life.scope, each.series) for each in one.turns)]
    last = {scope.written(): series.day(len(series.amounts) - 1) for scope, series in ends}
    with transaction() as session:
        posted = announce(session, recorded, one.least, last)
        alerts.renew(session, recorded.going)
    with transaction() as session:  # after Slack's: a mistake in outlets.yaml keeps nobody else waiting
        outlying.tell(session, recorded)
    return {
        "series": sum(scope.of is not Of.REGION for scope, _ in one.known),
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
    past = {row.id for row in large if _past(row, last[row.scope])}
    news = [row for row in large if row.id not in past]
    rest = news[MOST:] + [row for row in large if row.id in past]
    routes = alert_routes.routes(session, news[:MOST], at=datetime.now(UTC))
    alone = sum(_told(session, row, routes.get(str(row.id))) for row in news[:MOST])
    return alone + (alerts.put_summary(session, rest) if rest else 0)


def _told(session: Session, row: Anomaly, route: Route | None) -> bool:
    """Write an event's message down; returns whether it is new. One that is too much for a day comes with others."""
    if not alerts.put(session, row, route):
        return False
    workspace, severity = (route.workspace, route.severity) if route else ("", Severity.WARNING)
    alert_caps.keep(session, f"anomaly {row.id}", workspace=workspace, severity=severity, at=datetime.now(UTC))
    return True


def _past(row: Anomaly, last: date) -> bool:
    """Whether it is no news: over, or old already when it was found, by a run that told nobody, too."""
    late = datetime.now(UTC).date() - last
    return row.first_day <= (row.found_at.date() - late if row.lasts else last) - FRESH


def _worth(recorded: anomalies.Recorded, least: Floors) -> Sequence[Anomaly]:
    """Return what is worth a message, the largest first: no drop, which costs less, and no other side of an event."""
    rows = [row for row in (*recorded.new, *recorded.going) if row.merged_into is None]
    return sorted((row for row in rows if _counted(row) >= least.told), key=lambda row: -row.monthly)


def _shown(recorded: anomalies.Recorded, least: Floors) -> tuple[list[Anomaly], list[Anomaly]]:
    """Return the events that have pages, those that are listed of late; and older ones whose cause alone is told.

    Of the past that is what was worth a message, and what became of commitments. What is worth a message comes first.
    """
    worth, late = _worth(recorded, least), datetime.now(UTC).date() - LISTED
    rows = [row for row in (*recorded.new, *recorded.going) if row.merged_into is None and row not in worth]
    ranked = [*worth, *sorted(rows, key=lambda row: -abs(row.monthly))]
    current = [row for row in ranked if row.lasts or row.end_day > late]
    told = {row.id for row in worth} | {row.id for row in rows if row.kind in {Kind.BEGUN, Kind.ENDED}}
    return current, [row for row in ranked if row.id in told and row not in current]


def _counted(row: Anomaly) -> Decimal:
    """Return what is held against the floor: a day of late; of a commitment that ended, which is no chance, a month."""
    return row.monthly if row.kind == Kind.ENDED else late(row.monthly)
