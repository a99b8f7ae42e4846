"""Who has asked: noted when there is nothing else to do, so that Home stops telling them what there is to try."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot import people
from bot.blocks import draft
from finops.errors import CostsError
from finops.people import Person
from storage import asking
from storage.database import statement

KNOWN_FOR = 24 * 3600.0
"""Seconds in which somebody is noted once: it is forgotten only after weeks."""
MOST = 10_000
log = logging.getLogger(__name__)
_noted: dict[Person, float] = {}
_waiting: set[Person] = set()
_lock = threading.Lock()


def heard(body: dict[str, Any]) -> None:
    """Remember who asked by a command, or with a button under an answer; that costs the answer nothing."""
    pressed = {one.get("action_id") for one in body.get("actions", ())}
    if "command" in body or pressed & {*draft.ASKS}:
        _remember(people.of(body), time.monotonic())


def _remember(person: Person, now: float) -> None:
    with _lock:
        if now - _noted.get(person, -KNOWN_FOR) < KNOWN_FOR:
            return
        if len(_noted) >= MOST:
            _noted.clear()
        _noted[person] = now
        _waiting.add(person)


def write() -> None:
    """Write down who asked since the last time, all at once. Nobody waits: what goes wrong is told in the log alone."""
    with _lock:
        found = sorted((one.workspace, one.user) for one in _waiting)
        _waiting.clear()
    if not found:
        return
    try:
        with statement() as session:
            asking.note_askers(session, found)
    except (SQLAlchemyError, CostsError) as error:
        log.warning("that %s people asked was not noted: %s", len(found), str(error).splitlines()[0])
        with _lock:
            _noted.clear()  # their next questions note them
