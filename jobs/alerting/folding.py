"""Telling in one message what was too much for a day: where no daily digest goes, at the end of the day."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from jobs.slots import latest
from storage import alert_caps, alert_folds, outbox
from storage.models import Outbox
from storage.posted import KIND


def summarize(session: Session, *, now: datetime) -> int:
    """Write down one message for each place whose day has ended; returns how many.

    What comes too late for one, as quiet hours keep it, is another's: only the same ones are told once a day.
    """
    by_place: dict[str, list[Outbox]] = defaultdict(list)
    for row in alert_folds.ready(session, at=now):
        by_place[str((row.receipt or {})[alert_caps.FOLDED])].append(row)
    return sum(_summarized(session, place, rows, now=now) for place, rows in by_place.items())


def _summarized(session: Session, place: str, rows: list[Outbox], *, now: datetime) -> bool:
    if alert_caps.daily(session, place) is not None:  # `jobs.digest` takes them
        return False
    timezone = alert_caps.timezone(session, place)
    due = latest(f"0 {alert_caps.END} * * *", timezone, now)
    ready = [row for row in rows if due is not None and row.created_at < due]
    if due is None or not ready:
        return False
    day = due.astimezone(ZoneInfo(timezone)).date()
    key = f"alerts kept for {place} until {day}, {ready[0].id} first"
    payload = {"channel": ready[0].payload.get("channel"), alert_caps.FOLDED: [row.id for row in ready]}
    if not outbox.put(session, workspace=ready[0].workspace, key=key, kind=KIND, payload=payload):
        return False
    alert_folds.taken(session, ready, into=key, at=now)
    return True
