"""Who asks, where, and which day it is there."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from finops.people import Person

KNOWN_FOR = 6 * 3600.0
"""Seconds that a person's time zone is taken from memory: who travels asks again."""
MOST = 10_000
log = logging.getLogger(__name__)
_zones: dict[tuple[str, Person], tuple[float, tzinfo]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks in a channel, on their day."""

    person: Person
    channel: str
    """Slack's id; '' at the command line."""
    today: date
    zone: str = "UTC"
    """Where that is: a name of the tz database."""

    @property
    def workspace(self) -> str:
        """Slack's team id."""
        return self.person.workspace

    @property
    def is_direct(self) -> bool:
        """Whether nobody else reads the channel."""
        return not self.channel or self.channel.startswith("D")


def of(client: WebClient, person: Person, channel: str) -> Asker:
    """Return who asks; their day by the time zone of their Slack profile, or in UTC where Slack does not say."""
    zone = _zone(client, person)
    return Asker(person, channel, datetime.now(zone).date(), getattr(zone, "key", "UTC"))


def _zone(client: WebClient, person: Person) -> tzinfo:
    key, now = (client.base_url, person), time.monotonic()
    with _lock:
        at, zone = _zones.get(key, (now - KNOWN_FOR - 1, UTC))
    if now - at <= KNOWN_FOR:
        return zone
    zone = _told(client, person.user)
    with _lock:
        if len(_zones) >= MOST:
            _zones.clear()
        _zones[key] = (now, zone)
    return zone


def _told(client: WebClient, user: str) -> tzinfo:
    try:
        profile = client.users_info(user=user).get("user") or {}
        return ZoneInfo(str(profile["tz"]))
    except (SlackApiError, OSError, KeyError, ValueError, ZoneInfoNotFoundError) as error:
        log.info("the time zone of %s is not known, so it is UTC: %s", user, type(error).__name__)
        return UTC
