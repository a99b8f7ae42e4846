"""Who is told regularly: a channel or a person, once a local day or week."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.digests import Every
from storage.models import Subscription, Workspace, WorkspaceState

Filters = Mapping[str, Sequence[str]]
HOUR = 9


def add(
    session: Session,
    *,
    workspace: str,
    channel: str,
    person: str | None,
    cadence: Every,
    filters: Filters,
    timezone: str,
    by: str,
    hour: int = HOUR,
) -> bool:
    """Have digests sent from now on. Returns whether that is new."""
    new = insert(Subscription).values(
        workspace=workspace, channel=channel, person=person, cadence=cadence, filters=_sorted(filters),
        timezone=timezone, hour=hour, created_by=by,
    )  # fmt: skip
    return session.scalar(new.on_conflict_do_nothing().returning(Subscription.id)) is not None


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


def end_one(session: Session, chosen: uuid.UUID) -> bool:
    """Send no more of one. Returns whether it was still sent."""
    one = update(Subscription).where(Subscription.id == chosen, Subscription.deleted_at.is_(None))
    return session.scalar(one.values(deleted_at=func.now()).returning(Subscription.id)) is not None


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
