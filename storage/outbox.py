"""What leaves the system: written in the transaction of its cause, claimed by one sender at a time.

No receiver of ours can promise that a message arrives exactly once. What can be promised: a message is never lost,
its key says what it is wherever it goes, and how often its fate was unknown is counted in its receipt.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, bindparam, cast, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session, aliased

from storage.models import Outbox, OutboxState
from storage.models.base import table

ATTEMPTS = 12
"""With the waits of `backoff` about five hours: longer than a receiver's restart, shorter than a working day."""
LEASE = timedelta(seconds=60)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)
AMBIGUOUS = "ambiguous"
FIRST, CURSOR = "first_tried", "cursor"
"""In a receipt: when it may first have arrived, and how far it was looked for since."""
NO_ANSWER: Mapping[str, Any] = {}

log = logging.getLogger(__name__)


def put(
    session: Session, *, key: str, kind: str, payload: Mapping[str, Any], workspace: str = "",
    not_before: datetime | None = None,
) -> bool:  # fmt: skip
    """Write a message down, once a workspace and key. Returns whether it is new."""
    new = insert(Outbox).values(workspace=workspace, key=key, kind=kind, payload=dict(payload))
    new = new.values(next_attempt_at=not_before) if not_before else new
    once = new.on_conflict_do_nothing(index_elements=["workspace", "key"])
    return session.scalar(once.returning(Outbox.id)) is not None


def of_key(session: Session, key: str, *, workspace: str = "") -> Outbox | None:
    """Return the message of a key."""
    return session.scalar(select(Outbox).where(Outbox.workspace == workspace, Outbox.key == key))


def put_claimed(
    session: Session, *, workspace: str, key: str, kind: str, payload: Mapping[str, Any], lease: timedelta = LEASE
) -> Outbox | None:
    """Write a message down that its writer sends at once, or `claim` if it dies. None if the key was there."""
    what = {"in": workspace, "as": key, "kind": kind, "payload": dict(payload), "lease": lease}
    row: Outbox | None = session.scalar(_CLAIMED, what)
    return row


_CLAIMED = select(Outbox).from_statement(
    insert(table(Outbox))
    .values(
        workspace=bindparam("in"), key=bindparam("as"), kind=bindparam("kind"), payload=bindparam("payload"),
        state=OutboxState.SENDING, attempts=1,
        next_attempt_at=func.clock_timestamp() + bindparam("lease", type_=Interval),
    )
    .on_conflict_do_nothing(index_elements=["workspace", "key"])
    .returning(table(Outbox))
)  # fmt: skip
"""Written once, as `_SENT`: everybody who answers says it all day."""


def claim(
    session: Session, kinds: Sequence[str], *, now: datetime, limit: int = 10, lease: timedelta = LEASE
) -> list[Outbox]:
    """Take the messages that are due; nobody else gets them until the lease ends. Commit before sending.

    What belongs into a thread waits for what was written down for it before.
    One whose former sender let the lease end was perhaps sent: `maybe_sent` tells, and it is counted.
    """
    due = (
        select(Outbox)
        .where(
            Outbox.kind.in_(kinds),
            Outbox.state.in_([OutboxState.PENDING, OutboxState.SENDING]),
            Outbox.next_attempt_at <= now,
            ~_follows(),
        )
        .order_by(Outbox.next_attempt_at, Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Outbox)
    )
    claimed = [message for message in session.scalars(due) if not _hopeless(message)]
    for message in claimed:
        message.state, message.next_attempt_at = OutboxState.SENDING, now + lease
        message.attempts += 1
    session.flush()
    return claimed


def _follows() -> ColumnElement[bool]:
    """Whether an earlier message of the same thread has yet to go: a thread is read in order."""
    earlier = aliased(Outbox)
    thread = Outbox.payload["thread_ts"].astext
    return exists().where(
        earlier.state.in_([OutboxState.PENDING, OutboxState.SENDING]),
        earlier.id < Outbox.id,
        earlier.workspace == Outbox.workspace,
        earlier.payload["thread_ts"].astext == thread,
    )


def is_behind(session: Session, message_id: int) -> bool:
    """Whether an earlier message of the same thread has yet to go."""
    return session.scalar(select(Outbox.id).where(Outbox.id == message_id, _follows())) is not None


def _hopeless(message: Outbox) -> bool:
    """Count a lease that ended unanswered; a message that ends its senders every time is given up."""
    if message.state is not OutboxState.SENDING:
        return False
    _count(message)
    if message.attempts < ATTEMPTS:
        return False
    _give_up(message, OutboxState.AMBIGUOUS, f"Its sender ended without an answer, {message.attempts} times.")
    return True


def maybe_sent(message: Outbox) -> bool:
    """Whether an earlier attempt may have arrived, although nobody answered for it: look before sending again."""
    return bool((message.receipt or {}).get(AMBIGUOUS))


def backoff(attempts: int, *, jitter: float | None = None) -> timedelta:
    """Return how long to wait after so many attempts: doubling up to an hour, spread so that not all come at once."""
    spread = random.random() if jitter is None else jitter  # noqa: S311  it spreads load, it keeps no secret
    return min(FIRST_WAIT * (1 << min(max(attempts - 1, 0), 20)), LONGEST_WAIT) * (0.75 + spread / 2)


def sent(session: Session, message_id: int, receipt: Mapping[str, Any] = NO_ANSWER) -> None:
    """Note that it arrived, and what the receiver answered."""
    session.connection().execute(_SENT, {"row": message_id, "more": dict(receipt)})
    held = session.identity_map.get(session.identity_key(Outbox, message_id))
    if held is not None:
        session.refresh(held)


_SENT = (
    update(table(Outbox))
    .where(Outbox.id == bindparam("row"))
    .values(
        receipt=func.coalesce(Outbox.receipt, cast({}, JSONB)).op("||")(bindparam("more", type_=JSONB)),
        state=OutboxState.SENT, error=None, sent_at=func.clock_timestamp(),
    )
)  # fmt: skip


def retry(session: Session, message_id: int, *, error: str, after: timedelta | None = None) -> None:
    """Note that it was not taken and try again later, by default as `backoff` says; after too many times give up."""
    message = _locked(session, message_id)
    if message.attempts >= ATTEMPTS:
        _give_up(message, OutboxState.FAILED, f"{error} Given up after {message.attempts} attempts.")
    else:
        _again(message, error, backoff(message.attempts) if after is None else after)
    session.flush()


def fill(session: Session, message_id: int, values: Mapping[str, Any]) -> Outbox:
    """Add to what is to be sent, or take out of it (None), once its writer knows it."""
    message = _locked(session, message_id)
    message.payload = {**message.payload, **values}
    session.flush()
    return message


def note_receipt(session: Session, message_id: int, name: str, more: Sequence[str]) -> None:
    """Add to a list in the receipt, before the receiver is asked: what was handed over is known, whatever follows."""
    message = _locked(session, message_id)
    receipt = message.receipt or {}
    message.receipt = {**receipt, name: [*receipt.get(name, []), *more]}
    session.flush()


def first_tried(message: Outbox) -> datetime | None:
    """Return when the first attempt began that may have arrived."""
    found = (message.receipt or {}).get(FIRST)
    return datetime.fromisoformat(found) if found else None


def cursor(message: Outbox) -> str | None:
    """Return where the search for a message that may have arrived goes on."""
    return (message.receipt or {}).get(CURSOR)


def later(
    session: Session, message_id: int, *, after: timedelta, error: str | None = None, cursor: str | None = None
) -> None:
    """Put a message back that was not handed over: it is not its turn yet, so the attempt does not count.

    With `cursor` the search for an earlier attempt goes on there.
    """
    message = _locked(session, message_id)
    message.attempts -= 1
    if cursor:
        message.receipt = {**(message.receipt or {}), CURSOR: cursor}
    _again(message, error, after)
    session.flush()


def elsewhere(session: Session, message_id: int, *, payload: Mapping[str, Any]) -> None:
    """Have a message that cannot arrive where it was to go sent with another payload instead, at once."""
    message = _locked(session, message_id)
    message.attempts, message.payload, message.receipt = 0, dict(payload), None
    _again(message, None, timedelta(0))
    session.flush()


def failed(session: Session, message_id: int, error: str) -> None:
    """Note that the receiver will never take it."""
    _give_up(_locked(session, message_id), OutboxState.FAILED, error)
    session.flush()


def ambiguous(
    session: Session, message_id: int, *, error: str, after: timedelta | None = None, counted: bool = True
) -> None:
    """Note that it was handed over but the answer was lost. With `after` it is sent again then, under the same key.

    `counted`: by this attempt, not by an earlier one that cannot be cleared up.
    """
    message = _locked(session, message_id)
    if counted:
        _count(message)
    if after is None or message.attempts >= ATTEMPTS:
        _give_up(message, OutboxState.AMBIGUOUS, error)
    else:
        _again(message, error, after)
    session.flush()


def _locked(session: Session, message_id: int) -> Outbox:
    return session.get_one(Outbox, message_id, with_for_update=True, populate_existing=True)


def _again(message: Outbox, error: str | None, after: timedelta) -> None:
    if message.state is not OutboxState.SENT:  # a sender whose lease ended must not undo what its successor did
        message.state, message.error = OutboxState.PENDING, error
        message.next_attempt_at = func.clock_timestamp() + after


def _count(message: Outbox) -> None:
    """Count an attempt of which nobody knows; the lease tells when it began. The next search starts from the first."""
    before = {name: value for name, value in (message.receipt or {}).items() if name != CURSOR}
    began = message.next_attempt_at - LEASE
    message.receipt = {FIRST: began.isoformat(), **before, AMBIGUOUS: int(before.get(AMBIGUOUS, 0)) + 1}


def _give_up(message: Outbox, state: OutboxState, error: str) -> None:
    if message.state is OutboxState.SENT:
        return
    message.state, message.error = state, error
    log.error("Message “%s” is %s: %s", message.key, state.value, error)


def unsent(session: Session, *, limit: int = 100) -> list[Outbox]:
    """Return what has not arrived, or may not have: newest first."""
    there = select(Outbox).where(Outbox.state != OutboxState.SENT)
    return list(session.scalars(there.order_by(Outbox.created_at.desc(), Outbox.id.desc()).limit(limit)))


def prune(session: Session, kind: str, *, before: datetime) -> None:
    """Forget messages of a kind that were delivered, or given up, long ago. Where posted ones are is not forgotten."""
    over = Outbox.state.in_([OutboxState.SENT, OutboxState.FAILED, OutboxState.AMBIGUOUS])
    session.execute(delete(Outbox).where(Outbox.kind == kind, over, Outbox.created_at < before))
