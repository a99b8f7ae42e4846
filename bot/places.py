"""Whom an alert rule tells, as Slack's id, and only where a message can arrive."""

from __future__ import annotations

from slack_sdk import WebClient

from bot import members
from finops.errors import CostsError, NotAllowedError
from finops.people import Person
from finops.roles import Standing

PAGE = 200
CHANNELS = "CG"
TYPES = "public_channel,private_channel"


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
    is_a = members.standing(client, Person(by.workspace, person, by.enterprise))
    if is_a is not Standing.MEMBER:
        message = f"Only members of this workspace can be told of alerts, and for Slack this is a {is_a}."
        raise NotAllowedError(message)
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


def _named(client: WebClient, name: str) -> dict[str, object]:
    cursor = ""
    while True:
        page = client.conversations_list(types=TYPES, exclude_archived=True, limit=PAGE, cursor=cursor)
        for one in page.get("channels") or []:
            if one.get("name") == name:
                return dict(one)
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            message = f"I see no channel #{name}: invite me there with `/invite`, then save again."
            raise NoPlaceError(message)
