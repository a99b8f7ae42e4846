"""What Slack sent: kept before it is acknowledged, worked off once, however often it is sent and whoever dies."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Executable, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import Inbox, InboxState
from storage.models.base import table

LEASE = timedelta(seconds=60)
"""Who works on a delivery renews it every third of this; who does not is dead."""
HOLD = timedelta(seconds=10)
"""Longer than Slack waits for the acknowledgement of a form, which says whether the form was taken."""
ATTEMPTS = 5
"""A delivery that ended its worker so often would end the next one, too."""
KEEP_PAYLOAD, KEEP = timedelta(days=3), timedelta(days=30)
"""Payloads say what somebody typed: they are kept for finding errors, the keys alone for recognizing replays."""
ALIVE = (InboxState.WAITING, InboxState.WORKING)


def put(session: Session, *, workspace: str, key: str, payload: str, held: bool = False) -> int | None:
    """Keep a delivery; returns its id, or None if it came before.

    One that is `held` waits for `release` or `refuse`: for as long as a form is being looked at.
    """
    due = func.clock_timestamp() + HOLD if held else func.clock_timestamp()
    new = insert(Inbox).values(workspace=workspace, key=key, payload=payload, next_attempt_at=due)
    return session.scalar(new.on_conflict_do_nothing(index_elements=["workspace", "key"]).returning(Inbox.id))


def release(session: Session, row: int) -> None:
    """Give a held delivery to the workers: its form was taken."""
    session.execute(update(Inbox).where(Inbox.id == row).values(next_attempt_at=func.clock_timestamp()))


def refuse(session: Session, row: int) -> None:
    """End a held delivery whose form was sent back: the same form, mended, may come again."""
    mended = {"state": InboxState.REFUSED, "payload": None, "ended_at": func.clock_timestamp()}
    renamed = func.concat(Inbox.key, " refused ", Inbox.id)
    session.execute(update(Inbox).where(Inbox.id == row).values(key=renamed, **mended))


def claim(session: Session, *, lease: timedelta = LEASE) -> Inbox | None:
    """Take the delivery that is due longest; nobody else gets it until the lease ends. Commit before working."""
    found: Inbox | None = session.scalar(_claiming(lease))
    return found


@cache
def _claiming(lease: timedelta) -> Executable:
    """Write the statement, once: everybody who answers says it all day."""
    now = func.clock_timestamp()
    due = (
        select(Inbox.id)
        .where(Inbox.state.in_(ALIVE), Inbox.next_attempt_at <= now)
        .order_by(Inbox.next_attempt_at, Inbox.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return select(Inbox).from_statement(
        update(table(Inbox))
        .where(Inbox.id == due.scalar_subquery())
        .values(state=InboxState.WORKING, attempts=Inbox.attempts + 1, next_attempt_at=now + lease)
        .returning(table(Inbox))
    )


def renew(session: Session, rows: Collection[int], *, lease: timedelta = LEASE) -> None:
    """Say that these are still being worked on."""
    mine = Inbox.id.in_(rows) & (Inbox.state == InboxState.WORKING)
    session.execute(update(Inbox).where(mine).values(next_attempt_at=func.clock_timestamp() + lease))


def end(session: Session, row: int, state: InboxState, *, error: str | None = None) -> None:
    """Note what became of a delivery."""
    session.connection().execute(_ENDED, {"row": row, "became": state, "why": error})


_ENDED = (
    update(table(Inbox))
    .where(Inbox.id == bindparam("row"))
    .values(state=bindparam("became"), error=bindparam("why"), ended_at=func.clock_timestamp())
)
"""Written once: everybody who answers says it all day."""


def again(session: Session, row: int, *, error: str, after: timedelta) -> None:
    """Have a delivery worked on later: nothing of it was done yet, so the attempt does not count."""
    later = {"state": InboxState.WAITING, "error": error, "attempts": Inbox.attempts - 1}
    due = func.clock_timestamp() + after
    session.execute(update(Inbox).where(Inbox.id == row).values(next_attempt_at=due, **later))


def prune(session: Session, *, now: datetime) -> int:
    """Forget payloads, and later keys; returns how many payloads went."""
    session.execute(delete(Inbox).where(Inbox.ended_at < now - KEEP))
    old = update(Inbox).where(Inbox.ended_at < now - KEEP_PAYLOAD, Inbox.payload.is_not(None))
    return len(session.scalars(old.values(payload=None).returning(Inbox.id)).all())
