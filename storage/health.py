"""Whether bills are collected: the last run, each source, what was refused lately, and who is at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage import runs
from storage.models import Delivery, DeliveryStatus, Run, Source
from storage.sources import Fresh, freshness

LATELY, SHOWN = timedelta(days=7), 5
SILENT = timedelta(seconds=60)
"""A worker shows itself every 10 seconds; six times not is dead."""
_WORKERS = text("select count(*) from procrastinate_workers where last_heartbeat > now() - :silent")


@dataclass(frozen=True, slots=True)
class Health:
    """What an admin wants to know of it."""

    collected: Run | None
    """The last collection by timetable, however it ended."""
    sources: list[Fresh]
    refused: list[tuple[str, date, str]]
    """Of the last days: source, billing period and reason."""
    workers: int


def look(session: Session, *, now: datetime) -> Health:
    """Look at it now."""
    return Health(
        collected=runs.latest(session, "collect", outcome=None),
        sources=freshness(session),
        refused=_refused(session, since=now - LATELY),
        workers=session.scalar(_WORKERS, {"silent": SILENT}) or 0,
    )


def _refused(session: Session, *, since: datetime) -> list[tuple[str, date, str]]:
    found = session.execute(
        select(Source.name, Delivery.billing_period, Delivery.reason)
        .join(Source, Source.id == Delivery.source_id)
        .where(Delivery.status == DeliveryStatus.REJECTED, Delivery.loaded_at > since)
        .order_by(Delivery.id.desc())
        .limit(SHOWN)
    )
    return [(name, month, reason or "") for name, month, reason in found]
