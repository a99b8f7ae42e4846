"""Who looks at the Home tab: their day and scope, the role they have, the names in tags that stand for them."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import asker, members, permissions
from bot.asker import Asker
from finops.people import Person
from finops.roles import Act, Role, may
from storage import owners, roles
from storage.database import transaction

KNOWN_FOR = 120.0
"""Seconds that a role and groups are taken from memory for showing, never for deciding: Slack tells few a minute."""
MOST = 10_000
log = logging.getLogger(__name__)
_known: dict[tuple[str, Person], tuple[float, Role, frozenset[str]]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody before their Home tab."""

    who: Asker
    """In their direct messages with the bot."""
    role: Role
    names: frozenset[str]
    """Values of tags, in lower case, that an admin said are theirs or of a user group of theirs."""
    bootstrapped: frozenset[str] = frozenset()
    """Who may decide by COSTS_APPROVERS, for admins to see."""

    @property
    def decides(self) -> bool:
        """Whether they may approve."""
        return may(self.role, Act.DECIDE)

    @property
    def grants(self) -> bool:
        """Whether they are an admin."""
        return may(self.role, Act.GRANT)


def of(client: WebClient, person: Person, channel: str) -> Viewer:
    """Return who looks. Slack is asked, so no transaction may be open."""
    key, now = (client.base_url, person), time.monotonic()
    with _lock:
        at, role, names = _known.get(key, (now - KNOWN_FOR - 1, Role.VIEWER, frozenset()))
    if now - at > KNOWN_FOR:
        role, names = role_of(client, person), _names(client, person)
        with _lock:
            if len(_known) >= MOST:
                _known.clear()
            _known[key] = (now, role, names)
    return Viewer(asker.of(client, person, channel), role, names, permissions.bootstrapped(client))


def role_of(client: WebClient, person: Person) -> Role:
    """Return a role for showing: what Slack does not say now is left out."""
    try:
        return permissions.role(client, person)
    except (SlackApiError, OSError, HTTPException) as error:  # shown as less than it is, rather than not at all
        log.info("the role of %s is not known now: %s", person.user, type(error).__name__)
        return Role.VIEWER


def _names(client: WebClient, person: Person) -> frozenset[str]:
    with transaction() as session:
        named = [(one.name, one.subject) for one in owners.named(session, workspace=person.workspace)]
    groups = {subject for _, subject in named if roles.is_group(subject)}
    mine = {person.user, *(one for one in sorted(groups) if _belongs(client, one, person))}
    return frozenset(name for name, subject in named if subject in mine)


def _belongs(client: WebClient, group: str, person: Person) -> bool:
    try:
        return members.belongs(client, group, person)
    except (SlackApiError, OSError, HTTPException) as error:
        log.info("whether %s is in %s is not known now: %s", person.user, group, type(error).__name__)
        return False
