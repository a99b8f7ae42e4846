"""Whether somebody may ask: a member of the workspace, as Slack said a moment ago.

Only for asking, which would otherwise cost a call of Slack's each; whoever decides is looked at anew each time.
"""

from __future__ import annotations

import threading
import time
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import permissions
from bot.listeners.telling import KNOWN
from bot.permissions import Refused
from finops.people import Person
from finops.roles import Act

KNOWN_FOR = 120.0
"""Seconds that a member is taken for one: so long somebody who was just deactivated may still ask."""
MOST = 10_000
_members: dict[tuple[str, Person], float] = {}
_lock = threading.Lock()


def check(client: WebClient, person: Person) -> None:
    """Raise Refused for who may not ask, and where Slack does not say who it is. Only members are remembered."""
    key, now = (client.base_url, person), time.monotonic()
    with _lock:
        if now - _members.get(key, now - KNOWN_FOR - 1) <= KNOWN_FOR:
            return
    try:
        permissions.check(client, person, Act.LOOK)
    except (SlackApiError, OSError, HTTPException) as error:
        raise Refused(_unsaid(error)) from error
    with _lock:
        if len(_members) >= MOST:
            _members.clear()
        _members[key] = now


def _unsaid(error: Exception) -> str:
    code = error.response.get("error") if isinstance(error, SlackApiError) else None
    if code in KNOWN:
        return KNOWN[str(code)]
    why = f" ({code})" if code else ""
    return f"Slack did not tell me who you are{why}, so I did not answer: ask again in a minute."
