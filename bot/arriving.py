"""Where a message goes, as Slack's id. What cannot arrive where a rule says is told where it is seen, with why.

The names that stand in files are looked up here, as only the bot may ask Slack; what was found is remembered a while.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot import cost_alerts, digest, members, places
from finops.alerting.whom import Way, way
from finops.errors import BadSettingError
from finops.people import Person
from storage import alert_posts, alerts, outbox
from storage import workspaces as kept
from storage.database import transaction
from storage.models import AlertRuleRow, CostAlert, Outbox
from storage.posted import MISSED
from storage.settings import settings

KNOWN_FOR, MOST = 3600.0, 1000
"""Seconds that a name is taken from memory: Slack lists channels and people by pages, some twenty a minute."""
NEVER = {
    "channel_not_found": "Slack knows no such channel with me in it: invite me there with `/invite`.",
    "not_in_channel": "I am not in it: invite me there with `/invite`.",
    "is_archived": "the channel is archived.",
    "restricted_action": "only some people may write there.",
    "user_not_found": "Slack knows nobody of that id.",
    "user_disabled": "the account is deactivated.",
    "cannot_dm_bot": "that is a bot.",
    "missing_scope": "the Slack app lacks a permission: whoever installed it has to install manifest.json anew.",
}
"""What Slack says of a place where nothing will ever arrive, until somebody does something about it."""
RULES = cost_alerts.KEYS | {alerts.ALONE, "alert"}
"""In a payload: what a rule had go where it says."""
Note = Callable[..., None]
"""What is written down about a message, given a session and its id."""
_known: dict[tuple[str, str], tuple[float, str]] = {}
_lock = threading.Lock()


def channel(speaker: Callable[[], WebClient], message: Outbox) -> str:
    """Return the id of where a message goes. Raises NoPlaceError, NobodyError, NotAllowedError, SlackApiError.

    Raises BadSettingError where it goes to the channel of announcements, and none is set.
    """
    to = message.payload.get("channel") or settings().costs_channel
    if to is None:
        unset = "COSTS_CHANNEL is not set: give it the id of the channel for announcements."
        raise BadSettingError(unset)
    return remembered(message) or _looked_up(speaker(), message.workspace, str(to))


def remembered(message: Outbox) -> str | None:
    """Return the id of where a message goes, if it is known without asking Slack."""
    to = message.payload.get("channel") or settings().costs_channel
    if to is None or way(str(to)) not in {Way.CHANNEL, Way.PERSON}:
        return to and str(to)
    with _lock:
        at, found = _known.get((message.workspace, str(to)), (time.monotonic() - KNOWN_FOR - 1, ""))
    return found if time.monotonic() - at <= KNOWN_FOR else None


def _looked_up(client: WebClient, workspace: str, to: str) -> str:
    found = places.joined(places.looked_up(client, to)) if way(to) is Way.CHANNEL else _person(client, to)
    with _lock:
        if len(_known) >= MOST:
            _known.clear()
        _known[workspace, to] = (time.monotonic(), found)
    return found


def _person(client: WebClient, to: str) -> str:
    """Return the id of a member: names are what people call themselves, guests, too."""
    told = client.auth_test()
    here = Person(str(told["team_id"]), "", str(told.get("enterprise_id") or ""))
    found = members.meant(client, to)
    members.require(client, found, by=here, to="be told of alerts")
    return found


def refused(message: Outbox, error: SlackApiError) -> Note | None:
    """Return what becomes of a message for which Slack names a reason that will not go away; None of any other."""
    why = NEVER.get(str(error.response.get("error")))
    return elsewhere(message, why) if why else None


def elsewhere(message: Outbox, why: str) -> Note | None:
    """Have a rule's message go to the channel of announcements; of another workspace to whoever made the rule.

    None for what is no rule's, has been there already, or has nobody there. A digest is no rule's, even with
    alerts in it: it may be a private channel's, and ends when it cannot arrive.
    """
    payload, to = message.payload, message.payload.get("channel")
    if not to or not payload.keys() & RULES or payload.keys() & {"thread_ts", MISSED, digest.SUBSCRIPTION}:
        return None
    with _lock:
        _known.pop((message.workspace, str(to)), None)  # it is looked up anew when there is something to tell again
    with transaction() as session:
        own = message.workspace in {"", kept.own(session)}
        instead = None if own else _maker(session, payload)
    if instead in {None, to} and not own:
        return None
    held = {**payload, "channel": instead, MISSED: {"to": str(to), "why": why}}
    return partial(outbox.elsewhere, payload=held)


def _maker(session: Session, payload: Mapping[str, Any]) -> str | None:
    name = next(iter(alert_posts.told_in(payload)), None)
    alert = session.get(CostAlert, uuid.UUID(name)) if name else None
    return session.get_one(AlertRuleRow, alert.rule_id).created_by if alert else None
