"""How many alerts a channel is told one by one a day; the rest waits and is told in one message.

A message that is one too many stays in the outbox, is claimed by nobody, and counts as told once a digest or a summary
has taken it. Which channel and which day it counts for is held in one row, so that two who write at once both count.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from finops.alerting.kinds import Severity
from finops.digests import Every
from storage import alert_posts, outbox, subscriptions
from storage.models import AlertDay, Outbox, OutboxState, Subscription
from storage.posted import KIND
from storage.settings import settings

FOLDED = "folded"
"""In a receipt: for which place it waits; in a payload: which messages of the outbox a digest or a summary takes in."""
END = 18
"""The hour, there, at which what waits is told where no daily digest goes: people are still about."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
WAITS = "Its channel had all the alerts that it is told one by one a day: it comes with the others, in one message."
_ID = re.compile(r"[CDGUW][A-Z0-9]{2,}")


def keep(session: Session, key: str, *, workspace: str, severity: Severity, at: datetime) -> bool:
    """Count an alert's new message, and keep it for later if its place had those of the day; a critical one never.

    Returns whether it is kept. What goes to an outlet, or as mail, is not counted.
    """
    row = outbox.of_key(session, key, workspace=workspace)
    if row is None or row.kind != KIND:
        return False
    if is_kept(row):
        return True
    there = place(session, row)
    digest = daily(session, there)
    day = at.astimezone(ZoneInfo(_zone(digest))).date()
    told = _counted(session, there, day)
    if told <= settings().costs_alerts_a_day or severity is Severity.CRITICAL:
        return False
    _say(session, row, there, digest, day=day)
    row.receipt, row.next_attempt_at, row.error = {FOLDED: there}, NEVER, WAITS
    session.flush()
    return True


def is_kept(row: Outbox) -> bool:
    """Whether a message waits for a digest or a summary."""
    return row.state is OutboxState.PENDING and FOLDED in (row.receipt or {})


def _counted(session: Session, there: str, day: date) -> int:
    """Count one more; returns which of the day it is."""
    first = insert(AlertDay).values(place=there, day=day, count=1)
    more = first.on_conflict_do_update(index_elements=["place", "day"], set_={"count": AlertDay.count + 1})
    return session.scalars(more.returning(AlertDay.count)).one()


def place(session: Session, row: Outbox) -> str:
    """Return where a message goes, whoever writes there: ids are Slack's own, names are those of a workspace.

    A name is the place to which its last message went, so that it and an id share a day's alerts and the digest.
    """
    to = str(row.payload.get("channel") or settings().costs_channel or "")
    if not to or _ID.fullmatch(to):
        return to
    channel = Outbox.receipt["channel"].astext
    went = select(channel).where(
        Outbox.kind == KIND, Outbox.state == OutboxState.SENT, Outbox.workspace == row.workspace,
        Outbox.payload["channel"].astext == to, channel.is_not(None),
    )  # fmt: skip
    return session.scalar(went.order_by(Outbox.id.desc()).limit(1)) or f"{row.workspace} {to}"


def timezone(session: Session, there: str) -> str:
    """Return the time zone of a place's days: that of its daily digest, else the deployment's."""
    return _zone(daily(session, there))


def _zone(digest: Subscription | None) -> str:
    return digest.timezone if digest is not None else settings().costs_timezone


def daily(session: Session, there: str) -> Subscription | None:
    """Return the daily digest that goes to a place, if one does."""
    found = subscriptions.alive(session, places=[there]) if there else []
    return next((one for one in found if one.cadence is Every.DAILY), None)


def _say(session: Session, row: Outbox, there: str, digest: Subscription | None, *, day: date) -> None:
    """Tell the place, once a day, that it had its alerts of the day, and when the others come."""
    when = "with the next daily digest" if digest else f"in one message at {END}:00 ({settings().costs_timezone})"
    most = settings().costs_alerts_a_day
    told = {
        "title": f"{most} alerts a day are told here one by one, and today's have been.",
        "text": f"Further ones come {when}, the most important first; critical ones come at once as ever. "
        "`/cost alerts` lists all that are open.",
    }
    outbox.put(
        session, workspace=row.workspace, key=f"alert cap {there} {day}", kind=KIND,
        payload={"channel": row.payload.get("channel"), "alert": told}, not_before=row.next_attempt_at,
    )  # fmt: skip


def waiting(session: Session, places: Collection[str] = ()) -> list[Outbox]:
    """Return the messages that wait, of these places or of all, the oldest first."""
    kept = Outbox.receipt[FOLDED].astext
    found = select(Outbox).where(Outbox.kind == KIND, Outbox.state == OutboxState.PENDING, kept.is_not(None))
    if places:
        found = found.where(kept.in_(places))
    return list(session.scalars(found.order_by(Outbox.id)))


def alerts(rows: Iterable[Outbox]) -> set[uuid.UUID]:
    """Return the alerts of rules that these messages are about."""
    return {uuid.UUID(name) for row in rows for name in alert_posts.told_in(row.payload)}


def prune(session: Session, *, before: date) -> None:
    """Forget how many alerts there were on days before that one."""
    session.execute(delete(AlertDay).where(AlertDay.day < before))
