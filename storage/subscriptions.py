"""Who is told regularly: a channel or a person, once a local day or week."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from finops.digests import Ended, Every
from storage import outbox, posted
from storage.models import Subscription, Workspace, WorkspaceState

Filters = Mapping[str, Sequence[str]]
HOUR = 9
SHOWN_FOR = timedelta(days=30)
UNIQUE = ("workspace", "channel", "cadence", "filters")
"""What there is one alive of."""


class Kept(StrEnum):
    """What became of a wish for a digest."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


def add(
    session: Session, *, workspace: str, channel: str, person: str | None, cadence: Every, filters: Filters,
    timezone: str, by: str, hour: int | None = None, weekday: int | None = None,
) -> tuple[Subscription, Kept]:  # fmt: skip
    """Have digests sent from now on; of a place, a cadence and costs there is one.

    `hour` (of `timezone`) and `weekday` (0 for Monday) are those of the one that is there, unless they are given.
    """
    new = insert(Subscription).values(
        workspace=workspace, channel=channel, person=person, cadence=cadence, filters=_sorted(filters),
        timezone=timezone, hour=HOUR if hour is None else hour, weekday=weekday or 0, created_by=by,
    )  # fmt: skip
    made: Subscription | None = session.scalar(new.on_conflict_do_nothing().returning(Subscription))
    if made is not None:
        return made, Kept.NEW
    held = _held(session, workspace=workspace, channel=channel, cadence=cadence, filters=filters)
    again = partial(
        add, session, workspace=workspace, channel=channel, person=person, cadence=cadence, filters=filters, by=by
    )
    if held is None:  # it was ended meanwhile
        return again(timezone=timezone, hour=hour, weekday=weekday)
    hour, timezone = (held.hour, held.timezone) if hour is None else (hour, timezone)
    if weekday not in (None, held.weekday):  # begun anew, so that nothing is sent of the day before it was chosen
        end_one(session, held.id)
        return again(timezone=timezone, hour=hour, weekday=weekday)[0], Kept.CHANGED
    if (hour, timezone) == (held.hour, held.timezone):
        return held, Kept.SAME
    held.hour, held.timezone = hour, timezone
    session.flush()
    return held, Kept.CHANGED


def _held(session: Session, *, workspace: str, channel: str, cadence: Every, filters: Filters) -> Subscription | None:
    """Return the one that is sent, until the transaction ends nobody else's to change."""
    there = select(Subscription).where(
        Subscription.workspace == workspace, Subscription.channel == channel, Subscription.cadence == cadence,
        Subscription.filters == _sorted(filters), Subscription.deleted_at.is_(None),
    )  # fmt: skip
    return session.scalar(there.with_for_update())


def _sorted(filters: Filters) -> dict[str, list[str]]:
    """Write filters in one way: the same ones in another order are the same subscription."""
    return {name: sorted(set(values)) for name, values in sorted(filters.items())}


def end(
    session: Session, *, workspace: str, channel: str, cadence: Every | None = None, filters: Filters | None = None
) -> int:
    """Send no more there: of all of them, or of a cadence, or of these costs only. Returns how many ended."""
    ended = update(Subscription).where(
        Subscription.workspace == workspace, Subscription.channel == channel, Subscription.deleted_at.is_(None)
    )
    if cadence is not None:
        ended = ended.where(Subscription.cadence == cadence)
    if filters:
        ended = ended.where(Subscription.filters == _sorted(filters))
    return len(session.scalars(ended.values(deleted_at=func.now()).returning(Subscription.id)).all())


def end_one(session: Session, chosen: uuid.UUID, *, why: Ended | None = None) -> bool:
    """Send no more of one; `why`, where nobody wanted that. Returns whether it was still sent."""
    one = update(Subscription).where(Subscription.id == chosen, Subscription.deleted_at.is_(None))
    return session.scalar(one.values(deleted_at=func.now(), ended_why=why).returning(Subscription.id)) is not None


def refuse(session: Session, one: Subscription, why: Ended) -> None:
    """End one that cannot arrive, and have whoever set it up told that, once, in direct messages."""
    if end_one(session, one.id, why=why):
        payload = {"channel": None, posted.TO: one.created_by, posted.ENDED: str(one.id)}
        outbox.put(session, workspace=one.workspace, key=f"digest {one.id} ended", kind=posted.KIND, payload=payload)


def ended(session: Session, *, workspace: str | None = None) -> list[Subscription]:
    """Return those that ended of themselves in the last 30 days and were not begun anew, the newest first."""
    again = aliased(Subscription)
    same = (getattr(again, name) == getattr(Subscription, name) for name in UNIQUE)
    found = select(Subscription).where(
        Subscription.ended_why.is_not(None),
        Subscription.deleted_at > func.now() - SHOWN_FOR,
        ~exists().where(again.deleted_at.is_(None), *same),
    )
    if workspace is not None:
        found = found.where(Subscription.workspace == workspace)
    return list(session.scalars(found.order_by(Subscription.deleted_at.desc(), Subscription.id)))


def alive(session: Session, *, workspace: str | None = None, places: Sequence[str] = ()) -> list[Subscription]:
    """Return those that are sent, of a workspace or of all of them that are admitted, the oldest first.

    With `places` those that go to one of these channels or persons.
    """
    gone = select(Workspace.workspace).where(Workspace.state != WorkspaceState.ADMITTED)
    found = select(Subscription).where(Subscription.deleted_at.is_(None), Subscription.workspace.not_in(gone))
    if workspace is not None:
        found = found.where(Subscription.workspace == workspace)
    if places:
        found = found.where(Subscription.channel.in_(places) | Subscription.person.in_(places))
    return list(session.scalars(found.order_by(Subscription.created_at, Subscription.id)))
