"""Looks for anomalies in all that is watched, remembers them, and tells people what is new and large enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from finops.anomalies.alerts import FRESH, late
from finops.anomalies.estate import Floors, Known, floors, sensitivity
from finops.anomalies.scopes import Of
from finops.trend import complete_through
from jobs.anomalies import watching
from storage import alerts, allocation, anomalies, charges, watched
from storage.database import transaction
from storage.models import Anomaly
from storage.settings import settings

MOST = 5
"""Messages of one run: what is found beyond them is told together, in one."""


def run() -> dict[str, Any]:
    """Judge every series of every currency. Raises NoChargesError, and BadSettingError for rules of teams."""
    teams = allocation.rules(settings().home, "team")
    with transaction() as session:
        complete_through(charges.settled_through(session))  # an empty ledger is told as such
        span = charges.spans(session)
        assert span is not None  # noqa: S101  what is settled holds charges
        estate = {
            currency: watched.series(session, span, currency=currency, teams=teams)
            for currency in charges.currencies(session)
        }
    return {currency: _found(known, currency) for currency, known in estate.items() if known}


def _found(known: Known, currency: str) -> dict[str, Any]:
    """Judge the series of one currency, outside of any transaction, then write down what came of it in one."""
    least = floors(known, settings().costs_alert_amount)
    wanted = sensitivity(known, least)
    events = watching.found(known, wanted)
    judged = [scope for scope, _ in known]
    with transaction() as session:
        recorded = anomalies.record(session, events, currency=currency, judged=judged)
        last = {scope.written(): one.day(len(one.amounts) - 1) for scope, one in known}
        posted = announce(session, recorded, least, last)
    return {
        "series": sum(scope.of is not Of.REGION for scope in judged),
        "least": str(least.found),
        "once_in_months": str(round(1 / wanted.rate, 1)),
        "new": len(recorded.new),
        "going": sum(row.lasts for row in recorded.going),
        "withdrawn": len(recorded.withdrawn),
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
