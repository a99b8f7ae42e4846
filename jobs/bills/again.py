"""The same files a second time: what became of them is known, and they need not be read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from finops.freshness import complete_through
from jobs.bills.files import File
from jobs.bills.results import Ingested, PeriodResult
from storage import ledger
from storage.models import Delivery, DeliveryStatus, Source


def digest(rules: int, opened: Sequence[File]) -> str:
    """Return what a set of files, read by these rules, is known by."""
    parts = sorted(file.sha256 for file in opened)
    return hashlib.sha256(" ".join([str(rules), *parts]).encode()).hexdigest()


def remember(source: Source, digest: str, done: Ingested) -> None:
    """Note what the source was read from, unless a period was rejected: that one may be wanted after all."""
    fingerprints = [one.fingerprint for one in done.periods]
    source.last_read = None if done.rejected else {"digest": digest, "lacks": done.lacks, "fingerprints": fingerprints}


def known(session: Session, name: str, digest: str, *, made: datetime | None = None) -> Ingested | None:
    """Return what the files brought, if this source was read from the very same ones last.

    `made` is when the provider made the first of them, if it is told of all: what it still says then is as new as that.
    """
    source = session.scalar(select(Source).where(Source.name == name))
    if source is None or source.last_read is None or source.last_read["digest"] != digest:
        return None
    brought = select(Delivery).where(
        Delivery.source_id == source.id, Delivery.fingerprint.in_(source.last_read["fingerprints"])
    )
    settle(session, source)
    found = session.scalars(brought.order_by(Delivery.billing_period)).all()
    for one in found:
        one.made_at = max((moment for moment in (one.made_at, made) if moment), default=None)
    return Ingested(name, source.format, tuple(_unchanged(one) for one in found), tuple(source.last_read["lacks"]))


def settle(session: Session, source: Source) -> None:
    """Set how far the source is complete, by its provider's rule."""
    if last := ledger.last_usage_day(session, source_id=source.id):
        source.settled_through = complete_through(source.provider, last, today=datetime.now(UTC).date())


def why_old(seen: Delivery) -> str | None:
    """Say why a delivery that was seen before stays out of the ledger, if it does."""
    return "a newer delivery is loaded" if seen.status is DeliveryStatus.SUPERSEDED else None


def _unchanged(seen: Delivery) -> PeriodResult:
    billed, effective = _amounts(seen.billed_cost), _amounts(seen.effective_cost)
    month = f"{seen.billing_period:%Y-%m}"
    return PeriodResult(month, seen.rows, billed, effective, seen.fingerprint, "unchanged", why_old(seen))


def _amounts(by_currency: dict[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in by_currency.items()}
