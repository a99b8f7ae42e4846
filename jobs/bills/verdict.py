"""What is to become of a billing period that was delivered: loaded, refused, or nothing, since a newer one is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from finops.periods import ONE_DAY
from jobs.bills import again
from jobs.bills.files import File
from jobs.bills.results import PeriodResult, texts
from jobs.bills.rollup import Totals
from storage import ledger
from storage.models import Delivery, DeliveryStatus, Source

SHRUNK = Decimal("0.9")
"""A delivery with less than this share of the rows it replaces is taken for half of one."""
NO_CHANCE = 100
"""Charges: two bills of so many that add up to the same, billed and effective, are one."""


def judge(
    session: Session,
    source: Source,
    totals: Totals,
    opened: Sequence[File],
    *,
    fingerprint: str,
    anyway: bool,
) -> tuple[PeriodResult, Delivery | None]:
    """Say what is to become of a billing period, and note it; the delivery is returned if it is to be loaded."""
    of_period = select(Delivery).where(Delivery.source_id == source.id, Delivery.billing_period == totals.month)
    seen = session.scalar(of_period.where(Delivery.fingerprint == fingerprint))
    loaded = session.scalar(of_period.where(Delivery.status == DeliveryStatus.LOADED))
    moment, held = made(totals, opened), loaded.made_at if loaded else None
    back = anyway or _later(moment, held)
    if seen and (seen.status is DeliveryStatus.LOADED or (seen.status is DeliveryStatus.SUPERSEDED and not back)):
        seen.made_at = max((one for one in (seen.made_at, moment) if one), default=None)
        return _result(totals, fingerprint, "unchanged", again.why_old(seen)), None
    new = seen or Delivery(source_id=source.id, billing_period=totals.month, fingerprint=fingerprint)
    new.made_at = moment
    new.format, new.rows, new.reason = source.format, totals.rows, None
    new.files = [opened[number].name for number in sorted(totals.files)]
    new.billed_cost, new.effective_cost = texts(totals.billed_cost), texts(totals.effective_cost)
    doubt = _doubt(session, totals, new, loaded) if loaded and not anyway else None
    session.add(new)
    if _later(held, moment) and not anyway:
        new.status, new.superseded_at = DeliveryStatus.SUPERSEDED, datetime.now(UTC)
        session.flush()
        return _result(totals, fingerprint, "unchanged", again.why_old(new)), None
    new.reason = doubt
    if doubt:
        new.status = DeliveryStatus.REJECTED
        session.flush()
        return _result(totals, fingerprint, new.status, new.reason), None
    _replace(session, new, loaded)
    return _result(totals, fingerprint, DeliveryStatus.LOADED, _elsewhere(session, new)), new


def made(totals: Totals, opened: Sequence[File]) -> datetime | None:
    """Return when the provider made this version, if it is told of every file."""
    told = [opened[number].told.made for number in totals.files]
    return max((one for one in told if one), default=None) if all(told) else None


def _later(one: datetime | None, other: datetime | None) -> bool:
    """Whether a version is known to have been made after another."""
    return one is not None and other is not None and one > other


def _doubt(session: Session, totals: Totals, new: Delivery, loaded: Delivery) -> str | None:
    """Say why a delivery is not believed to be a whole and newer one."""
    known = ledger.billing_accounts(session, source_id=loaded.source_id, month=totals.month)
    if totals.accounts and known and not totals.accounts & known:
        another, here = _few(totals.accounts), _few(known)
        return f"it is of billing account {another}, what it would replace of {here}: give it a source of its own"
    if totals.rows < loaded.rows * SHRUNK:
        return f"it has {totals.rows} rows, the one it would replace has {loaded.rows}"
    return None if new.made_at and loaded.made_at else _odd_days(totals, loaded)


def _odd_days(totals: Totals, loaded: Delivery) -> str | None:
    """Say which days the loaded delivery has that this one should have, too; of neither is told when it was made."""
    first, last, end = loaded.first_day, loaded.last_day, _next(totals.month)
    if first and totals.first and first < totals.first:
        return f"it begins on {totals.first}, the one it would replace on {first}: it looks like a part of the month"
    if last is None or totals.last is None or totals.rows >= loaded.rows:
        return None
    if totals.last < min(last, end - ONE_DAY):
        return f"it looks older: it ends on {totals.last}, the one it would replace on {last} and with more rows"
    return None


def _elsewhere(session: Session, new: Delivery) -> str | None:
    """Say where the same costs are loaded already: the very same files, or many charges that add up to the same."""
    totals = (Delivery.rows, Delivery.billed_cost, Delivery.effective_cost)
    alike = Delivery.fingerprint == new.fingerprint
    if new.rows >= NO_CHANCE:
        same = tuple(column == getattr(new, column.key) for column in totals)
        alike = or_(alike, and_(*same, Delivery.billing_period == new.billing_period))
    of_others = select(Source.name).join(Delivery, Delivery.source_id == Source.id)
    loaded = (Delivery.status == DeliveryStatus.LOADED, Delivery.source_id != new.source_id, Delivery.rows > 0)
    name = session.scalar(of_others.where(*loaded, alike).order_by(Source.name))
    return f"the source {name} holds the same charges, so they count twice: give one bill one source" if name else None


def _few(names: frozenset[str]) -> str:
    first, *others = sorted(names)
    return f"{first[:60]} and {len(others)} more" if others else first[:60]


def _next(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _replace(session: Session, new: Delivery, loaded: Delivery | None) -> None:
    if loaded:
        loaded.status, loaded.superseded_at = DeliveryStatus.SUPERSEDED, datetime.now(UTC)
        new.status = DeliveryStatus.SUPERSEDED  # only one may be loaded, at any moment
        session.flush()
    new.status, new.loaded_at, new.superseded_at = DeliveryStatus.LOADED, datetime.now(UTC), None
    session.flush()


def _result(totals: Totals, fingerprint: str, status: str, reason: str | None = None) -> PeriodResult:
    return PeriodResult(
        f"{totals.month:%Y-%m}", totals.rows, totals.billed_cost, totals.effective_cost, fingerprint, status, reason
    )
