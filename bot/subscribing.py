"""Where a digest is to go: Slack is asked before anything is written down, and who may not is told so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import paging, permissions
from bot.answering import Understood
from bot.asker import Asker
from bot.questions import CostQuestion, Kind
from finops.errors import NotAllowedError
from finops.foreign import plain
from finops.roles import Act

_ID = re.compile(r"[CGD][A-Z0-9]{5,}")


def placed(client: WebClient, asked: Understood, who: Asker) -> Understood:
    """Return a subscription with the id of where it goes: of direct messages where no channel is named.

    Anybody has digests sent to themselves; to a channel that takes an analyst, and the bot in it.
    Raises Refused, NotAllowedError, SlackApiError.
    """
    question = asked.question
    if question.kind is not Kind.SUBSCRIBE or not changes(question):
        return asked
    if question.channel is None:
        channel = str(client.conversations_open(users=who.person.user)["channel"]["id"])
    else:
        permissions.check(client, who.person, Act.SUBSCRIBE)
        channel = _channel(client, question.channel, who, ending=question.off)
    return replace(asked, question=question.changed(channel=channel))


def changes(question: CostQuestion) -> bool:
    """Whether something is subscribed to or ended, and not only listed."""
    return question.off or question.cadence is not None


def _channel(client: WebClient, named: str, who: Asker, *, ending: bool) -> str:
    found = _about(client, named)
    name = f"#{plain(str(found.get('name') or named.removeprefix('#')))}"
    if found.get("is_im") or found.get("is_mpim"):
        message = "A digest goes to a channel or to you: name a channel, or none."
        raise NotAllowedError(message)
    members = paging.every(client.conversations_members, "members", channel=str(found["id"]))
    if found.get("is_private") and who.person.user not in members:
        raise _unseen(named)
    if not ending and not found.get("is_member"):
        message = f"I am not in {name}: invite me there with `/invite`, then say it again."
        raise NotAllowedError(message)
    return str(found["id"])


def _about(client: WebClient, named: str) -> dict[str, Any]:
    """Return what Slack says of a channel that the bot may see. Raises NotAllowedError."""
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
    return found


def _unseen(named: str) -> NotAllowedError:
    message = f"I see no channel {plain(named)[:80]} that we are both in: check its name, and invite me with `/invite`."
    return NotAllowedError(message)
