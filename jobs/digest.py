"""Has digests sent: one row of the outbox for each local day or week of each subscription, drawn when it is posted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from finops.digests import Every
from jobs.slots import latest
from storage import charges, outbox, subscriptions
from storage.database import transaction
from storage.models import Subscription

KIND = "slack_message"
STALE = {Every.DAILY: timedelta(hours=20), Every.WEEKLY: timedelta(days=6)}
"""So late a digest is not sent any more: the next one is near."""


def run() -> dict[str, Any]:
    """Write down what is due; an empty ledger has nothing to tell."""
    now = datetime.now(UTC)
    with transaction() as session:
        if not charges.currencies(session):
            return {"written": 0}
        return {"written": sum(put(session, one, now=now) for one in subscriptions.alive(session))}


def put(session: Session, one: Subscription, *, now: datetime) -> bool:
    """Write a subscription's newest digest down, if it is due and not there yet. Returns whether it is new."""
    due = slot(one.cadence, one.timezone, one.hour, now)
    if due is None or due < one.created_at or now - due > STALE[one.cadence]:
        return False
    before = slot(one.cadence, one.timezone, one.hour, due - timedelta(seconds=1))
    day = due.astimezone(ZoneInfo(one.timezone)).date()
    payload = {"channel": one.channel, "subscription": str(one.id), "since": before.isoformat() if before else None}
    key = f"{one.cadence} digest {one.id} of {day}"
    return outbox.put(session, workspace=one.workspace, key=key, kind=KIND, payload=payload)


def slot(cadence: Every, timezone: str, hour: int, until: datetime) -> datetime | None:
    """Return the last instant, not later than `until`, at which a digest was due; every local day has one."""
    return latest(f"0 {hour} * * {cadence.weekday}", timezone, until)
