"""Who has asked: noted after the answer, so that the Home tab stops telling them what there is to try."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from slack_sdk import WebClient
from sqlalchemy.exc import SQLAlchemyError

from bot import people
from finops.errors import CostsError
from finops.people import Person
from storage import asking
from storage.database import statement

KNOWN_FOR = 24 * 3600.0
"""Seconds in which somebody is noted once: it is forgotten only after weeks."""
MOST = 10_000
log = logging.getLogger(__name__)
_noted: dict[tuple[str, Person], float] = {}
_lock = threading.Lock()


def asked(body: dict[str, Any], client: WebClient) -> None:
    """Note who asked; nobody waits for that, so what goes wrong is told in the log and the next question notes it."""
    person = people.of(body)
    if not _is_due((client.base_url, person)):
        return
    try:
        with statement() as session:
            asking.note_asker(session, workspace=person.workspace, who=person.user)
    except (SQLAlchemyError, CostsError) as error:
        _noted.pop((client.base_url, person), None)
        log.warning("that %s asked was not noted: %s", person.user, str(error).splitlines()[0])


def _is_due(key: tuple[str, Person]) -> bool:
    """Whether it is time to note somebody, who counts as noted from now on."""
    now = time.monotonic()
    with _lock:
        if key in _noted and now - _noted[key] <= KNOWN_FOR:
            return False
        if len(_noted) >= MOST:
            _noted.clear()
        _noted[key] = now
    return True
