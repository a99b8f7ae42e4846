"""Works off the inbox: own threads, so that nothing slow stands between Slack and its acknowledgement."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from slack_bolt import App, BoltRequest
from sqlalchemy.exc import SQLAlchemyError

from bot import workspaces
from bot.listeners import leaving, noting
from bot.listeners.telling import INTERRUPTED
from bot.replying import DELIVERY, Delivery, Reply
from finops.errors import CostsError
from storage import inbox
from storage.database import statement, transaction
from storage.models import Inbox, InboxState

THREADS = 1
"""Of a process. Several wait for each other's Python: with four of them an answer took a quarter more of it."""
PAUSE = 1.0
"""Seconds between looks for what another process took in, or left."""
LATE = timedelta(minutes=30)
"""A question so old was asked again, and a button pressed so long ago may not mean what it meant."""
WAIT = timedelta(seconds=5)
ENDINGS = frozenset({"app_uninstalled", "tokens_revoked"})
"""What is true however late it is heard, and of whomever: a workspace that still waits can go, too."""
TALK = frozenset({"app_mention", "message"})
"""Events behind which somebody waits for an answer."""
log = logging.getLogger(__name__)


class Bell(Protocol):
    """A semaphore, of threads or of processes."""

    def acquire(self, *, timeout: float) -> bool:
        """Wait until it is rung, but not for ever."""

    def release(self) -> None:
        """Ring it."""


class Workers:
    """Threads that work off the inbox until they are stopped."""

    def __init__(self, app: App, threads: int = THREADS, bell: Bell | None = None) -> None:
        self.app = app
        self._bell, self._stop = bell or threading.Semaphore(0), threading.Event()
        self._busy: set[int] = set()
        names = [f"inbox-{number}" for number in range(threads)]
        self._threads = [threading.Thread(target=self._loop, name=name, daemon=True) for name in names]
        self._threads.append(threading.Thread(target=self._renew, name="inbox-leases", daemon=True))

    def start(self) -> Workers:
        """Start them."""
        for thread in self._threads:
            thread.start()
        return self

    def ring(self) -> None:
        """Say that there is something to do."""
        self._bell.release()

    def stop(self, within: float = 10.0) -> None:
        """Let each finish what it works on, and wait that long for it."""
        self._stop.set()
        for _ in self._threads:
            self._bell.release()
        for thread in self._threads:
            thread.join(within / len(self._threads))

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                if not self.once():
                    self._bell.acquire(timeout=PAUSE)
            except (SQLAlchemyError, CostsError) as error:  # the database is away: it is tried again
                log.warning("inbox: %s", str(error).splitlines()[0])
                self._stop.wait(PAUSE)
            except Exception:  # the edge: a thread that ended would answer nobody any more
                log.exception("inbox: a surprise")
                self._stop.wait(PAUSE)

    def _renew(self) -> None:
        while not self._stop.wait(inbox.LEASE.total_seconds() / 3):
            try:
                with transaction() as session:
                    inbox.renew(session, list(self._busy))
            except (SQLAlchemyError, CostsError) as error:
                log.warning("inbox: %s", str(error).splitlines()[0])

    def once(self) -> bool:
        """Work on one delivery; returns whether there was one."""
        with statement() as session:
            row = inbox.claim(session)
        if row is None:
            noting.write()
            return False
        self._busy.add(row.id)
        try:
            _finish(self.app, row)
        finally:
            self._busy.discard(row.id)
        return True


def _finish(app: App, row: Inbox) -> None:
    """Work on a delivery and note what became of it."""
    try:
        state, error = _work(app, row)
    except workspaces.UnsureError as unsure:  # Slack does not answer whose it is: nothing was done
        if not _is_late(row):
            with transaction() as session:
                inbox.again(session, row.id, error=str(unsure), after=WAIT)
            return
        state, error = InboxState.EXPIRED, str(unsure)
    with statement() as session:
        inbox.end(session, row.id, state, error=error)


def _work(app: App, row: Inbox) -> tuple[InboxState, str | None]:
    body: dict[str, Any] = json.loads(row.payload or "{}")
    delivery = Delivery(row.id, row.workspace, row.attempts, row.received_at)
    reply = Reply(delivery, body)
    if row.attempts > inbox.ATTEMPTS:
        return _given_up(row, reply, body)
    if (body.get("event") or {}).get("type") in ENDINGS:
        leaving.heard(body, row.workspace)
        return InboxState.DONE, None
    access = workspaces.access(row.workspace)
    if access is None:
        if workspaces.is_waiting(row.workspace) and reply.response_url and not _is_late(row):
            reply(text=workspaces.waits(row.workspace), response_type="ephemeral", replace_original=False)
        return InboxState.REFUSED, "Its workspace is not admitted."
    if _is_late(row):
        if reply.reaches and (asked := _asked(body)):
            reply(text=too_late(asked, row.received_at), response_type="ephemeral", replace_original=False)
        return InboxState.EXPIRED, "It had waited too long."
    context = {DELIVERY: delivery, "respond": reply, workspaces.ACCESS: access}
    app.dispatch(BoltRequest(mode="socket_mode", body=body, context=context))
    noting.heard(body)
    return InboxState.DONE, None


def _is_late(row: Inbox) -> bool:
    return datetime.now(UTC) - row.received_at > LATE


def _given_up(row: Inbox, reply: Reply, body: dict[str, Any]) -> tuple[InboxState, str]:
    """Tell whoever waits for an answer that perhaps none comes."""
    log.error("delivery %s is given up: it ended its worker %s times", row.id, inbox.ATTEMPTS)
    if reply.reaches and _asked(body) and workspaces.is_admitted(row.workspace):
        reply(text=INTERRUPTED, response_type="ephemeral", replace_original=False)
    return InboxState.FAILED, f"It ended its worker {inbox.ATTEMPTS} times."


def _asked(body: dict[str, Any]) -> str | None:
    """Say what somebody did who now waits for an answer; None where nobody does."""
    if "command" in body:
        return "your command"
    if "event" not in body:
        return "what you sent with a button or a form"
    return "your message" if body["event"].get("type") in TALK else None


def too_late(asked: str, at: datetime) -> str:
    """Return what is told when nobody was there to answer for half an hour."""
    return f"I was away when {asked} came at {at:%H:%M} UTC, and have done nothing about it: please do it again."
