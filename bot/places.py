"""Where rules and digests tell people, as Slack's id: only where a message can arrive, and where who says so may read.

What rules call a channel or a person is looked up when they are kept, or, of those of a file, when they tell something.
"""

from __future__ import annotations

import re
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import members, paging
from finops.alerting.rules import AlertRule
from finops.errors import NotAllowedError
from finops.foreign import plain
from finops.people import Person

CHANNELS = "CG"
LONGEST = 80
_ID = re.compile(r"[CGD][A-Z0-9]{5,}")
Channel = dict[str, Any]
"""What Slack says of one."""


class NoPlaceError(NotAllowedError):
    """A channel is not there, the app is not in it, or who names it is not."""


def resolved(client: WebClient, to: str, *, by: Person) -> str:
    """Return the id of a channel that the app is in, or of a member. Raises NoPlaceError, NobodyError, NotAllowedError.

    Asked when a rule is kept: an alert that cannot arrive would be missed when it matters.
    """
    if to == by.user:
        return to
    if to.startswith("#") or to[0] in CHANNELS:
        return joined(seen(client, to, by=by))
    person = members.meant(client, to)
    members.require(client, person, by=by, to="be told of alerts")
    return person


def placed(client: WebClient, rule: AlertRule, *, by: Person) -> AlertRule:
    """Return a rule with the ids of whom it tells; raises as `resolved` does."""
    rule = rule.model_copy(update={"to": resolved(client, rule.to or by.user, by=by)})
    if rule.escalation is None:
        return rule
    then = rule.escalation.model_copy(update={"to": resolved(client, rule.escalation.to, by=by)})
    return rule.model_copy(update={"escalation": then})


def seen(client: WebClient, named: str, *, by: Person) -> Channel:
    """Return a channel that the app may see; a private one only to who is in it. Raises NoPlaceError, SlackApiError."""
    found = looked_up(client, named)
    if found.get("is_private") and by.user not in paging.every(
        client.conversations_members, "members", channel=str(found["id"])
    ):
        raise _unseen(named)
    return found


def joined(found: Channel) -> str:
    """Return the id of a channel that the app is in, and that still takes messages. Raises NoPlaceError."""
    called = f"#{plain(str(found['name']))[:LONGEST]}" if found.get("name") else "this channel"
    if found.get("is_archived"):
        message = f"Nothing can be posted to {called}: it is archived. Name another channel."
        raise NoPlaceError(message)
    if not found.get("is_member"):
        message = f"I am not in {called}: invite me there with `/invite`, then say it again."
        raise NoPlaceError(message)
    return str(found["id"])


def looked_up(client: WebClient, named: str) -> Channel:
    """Return what Slack says of `#name` or of an id. Raises NoPlaceError for what the app cannot see, SlackApiError."""
    if _ID.fullmatch(named):
        try:
            return dict(client.conversations_info(channel=named)["channel"])
        except SlackApiError as error:
            if error.response.get("error") != "channel_not_found":
                raise
            raise _unseen(named) from error
    name = named.removeprefix("#").casefold()
    found = next((one for one in paging.channels(client) if str(one.get("name")).casefold() == name), None)
    if found is None:
        raise _unseen(named)
    return dict(found)


def _unseen(named: str) -> NoPlaceError:
    if _ID.fullmatch(named):
        return NoPlaceError("I cannot see this channel: invite me there with `/invite`, then say it again.")
    called = plain(named)[:LONGEST]
    return NoPlaceError(f"I see no channel {called} that we are both in: check its name, and invite me with `/invite`.")
