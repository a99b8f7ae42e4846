"""Has digests sent: one row of the outbox for each local day or week of each subscription, drawn when it is posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from finops.digests import Ended, Every
from finops.outlets import Outlet
from jobs.alerting import folding
from jobs.slots import latest
from storage import alert_caps, alert_folds, charges, outbox, outlets, subscriptions
from storage.database import transaction
from storage.models import Outbox, OutboxState, Subscription
from storage.posted import KIND
from storage.settings import settings

STALE = {Every.DAILY: timedelta(hours=20), Every.WEEKLY: timedelta(days=6)}
"""So late a digest is not sent any more: the next one is near."""

NEVER = frozenset({Ended.ARCHIVED.value, Ended.GONE.value, Ended.NOT_IN.value})
WAITING = (OutboxState.PENDING, OutboxState.FAILED)


def run() -> dict[str, Any]:
    """Write down what is due; an empty ledger has nothing to tell."""
    now = datetime.now(UTC)
    with transaction() as session:
        alert_folds.give_back(session)
        folding.summarize(session, now=now)
    with transaction() as session:
        if not charges.currencies(session):
            return {"written": 0}
        written = sum(put(session, one, now=now) for one in subscriptions.alive(session))
    with transaction() as session:  # a mistake in the file keeps nobody in Slack waiting
        told = [(one, cadence) for one in outlets.outlets(settings().home) for cadence in one.cadences]
        written += sum(put_outlet(session, one, cadence, now=now) for one, cadence in told)
    return {"written": written}


def put(session: Session, one: Subscription, *, now: datetime) -> bool:
    """Write a subscription's newest digest down, if it is due and not there yet. Returns whether it is new.

    One that Slack will never take ends the subscription: the next ones would fail as well, each day for ever.
    """
    found = _due(one.cadence, one.timezone, one.hour, now, weekday=one.weekday)
    if found is None or found.at < one.created_at:
        return False
    payload: dict[str, Any] = {"channel": one.channel, "subscription": str(one.id), "since": found.since}
    key = f"{one.cadence} digest {one.id} of {found.day}"
    kept = alert_folds.ready(session, _places(one), at=now) if one.cadence is Every.DAILY else []
    payload |= {alert_caps.FOLDED: [row.id for row in kept]} if kept else {}
    if outbox.put(session, workspace=one.workspace, key=key, kind=KIND, payload=payload):
        alert_folds.taken(session, kept, into=key, at=now)
        return True
    message = outbox.of_key(session, key, workspace=one.workspace)
    if message is not None and (why := _refused(message)):
        outbox.failed(session, message.id, why.value)
        subscriptions.refuse(session, one, why)
    return False


def _places(one: Subscription) -> set[str]:
    return {place for place in (one.channel, one.person) if place}


def _refused(message: Outbox) -> Ended | None:
    """Return what Slack said of a channel that nothing can be posted to; None of what may yet arrive."""
    code = (message.error or "").partition(" ")[0]
    return Ended(code) if message.state in WAITING and code in NEVER else None


def put_outlet(session: Session, one: Outlet, cadence: Every, *, now: datetime) -> bool:
    """Write an outlet's newest digest down, to be drawn and then delivered. Returns whether it is new."""
    found = _due(cadence, one.timezone, one.hour, now)
    if found is None:
        return False
    payload = {"outlet": one.name, "cadence": cadence.value, "since": found.since}
    return outbox.put(session, key=f"{cadence} digest {one.name} of {found.day}", kind=outlets.DRAFT, payload=payload)


@dataclass(frozen=True, slots=True)
class _Due:
    at: datetime
    day: date
    """There."""
    since: str | None
    """When the one before was due."""


def _due(cadence: Every, timezone: str, hour: int, now: datetime, *, weekday: int = 0) -> _Due | None:
    at = slot(cadence, timezone, hour, now, weekday=weekday)
    if at is None or now - at > STALE[cadence]:
        return None
    before = slot(cadence, timezone, hour, at - timedelta(seconds=1), weekday=weekday)
    return _Due(at, at.astimezone(ZoneInfo(timezone)).date(), before.isoformat() if before else None)


def slot(cadence: Every, timezone: str, hour: int, until: datetime, *, weekday: int = 0) -> datetime | None:
    """Return the last instant, not later than `until`, at which a digest was due; every local day has one."""
    return latest(f"0 {hour} * * {cadence.on(weekday)}", timezone, until)
