"""Whom an alert rule tells, as Slack's id, and only where a message can arrive."""

from __future__ import annotations

from typing import Any

from slack_sdk import WebClient

from bot import members, paging
from finops.errors import CostsError
from finops.people import Person

CHANNELS = "CG"


class NoPlaceError(CostsError):
    """A channel is not there, or the app is not in it."""


def resolved(client: WebClient, to: str, *, by: Person) -> str:
    """Return the id of a channel that the app is in, or of a member. Raises NoPlaceError, NobodyError, NotAllowedError.

    Asked when a rule is kept: an alert that cannot arrive would be missed when it matters.
    """
    if to == by.user:
        return to
    if to.startswith("#") or to[0] in CHANNELS:
        return _channel(client, to)
    person = members.meant(client, to)
    members.require(client, person, by=by, to="be told of alerts")
    return person


def _channel(client: WebClient, to: str) -> str:
    if to.startswith("#"):
        found = _named(client, to.removeprefix("#"))
    else:
        found = dict(client.conversations_info(channel=to).get("channel") or {})
    if found.get("is_member") is False:
        called = to if to.startswith("#") else "this channel"
        message = f"I am not in {called}: invite me there with `/invite`, then save again."
        raise NoPlaceError(message)
    return str(found.get("id") or to)


def _named(client: WebClient, name: str) -> dict[str, Any]:
    found = next((one for one in paging.channels(client) if one.get("name") == name), None)
    if found is None:
        message = f"I see no channel #{name}: invite me there with `/invite`, then save again."
        raise NoPlaceError(message)
    return found
