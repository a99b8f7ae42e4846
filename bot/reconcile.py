"""A message that was perhaps posted is looked for in the channel, by the key in its metadata, before it is repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from storage import outbox, pace
from storage.database import transaction
from storage.models import Outbox

EVENT = "costs_outbox"
PAGE = 15
"""Messages that Slack shows at once to apps that are in no marketplace, whatever is asked for."""
CLOCKS = timedelta(minutes=2)
"""By how much Slack's clock may differ from ours."""
BLIND = frozenset({"missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type", "access_denied"})
"""Slack's words for a history that we shall never see."""

Shows = Callable[[Mapping[str, Any]], bool]
"""Whether a posted message is the one that is looked for."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It cannot be said yet: look again, from `cursor` on, after so long."""

    after: timedelta
    cursor: str | None = None


class NeverKnownError(Exception):
    """Nobody can say whether it was posted."""


def metadata(message: Outbox) -> dict[str, Any]:
    """Return what a message carries so that it can be found."""
    return {"event_type": EVENT, "event_payload": {"key": message.key}}


def find(
    client: WebClient, channel: str, message: Outbox, *, thread: str | None = None, shows: Shows | None = None
) -> str | Wait | None:
    """Return the time of a message that is there, None if it is not. Raises NeverKnownError, SlackApiError, OSError.

    It is known by its key, unless `shows` tells; `thread`: where it stands if its payload does not say. One page a
    minute is read, from the first attempt on; in a busy channel the search goes on where it was.
    """
    with transaction() as session:
        wait = pace.take(session, workspace=message.workspace, what="history", every=pace.HISTORY)
    if wait:
        return Wait(wait, outbox.cursor(message))
    since = (outbox.first_tried(message) or message.created_at) - CLOCKS
    thread = thread or message.payload.get("thread_ts")
    asked: dict[str, Any] = {
        "channel": channel,
        "oldest": f"{since.timestamp():.6f}",
        "limit": PAGE,
        "include_all_metadata": True,
    }
    asked |= {"cursor": outbox.cursor(message)}
    try:  # a channel's history leaves out what stands in threads
        page = client.conversations_replies(ts=thread, **asked) if thread else client.conversations_history(**asked)
    except SlackApiError as error:
        if error.response.get("error") in BLIND:
            raise NeverKnownError(str(error.response.get("error"))) from error
        raise
    for posted in page.get("messages") or []:
        if shows(posted) if shows else _key(posted) == message.key:
            return str(posted["ts"])
    more = (page.get("response_metadata") or {}).get("next_cursor")
    return Wait(pace.HISTORY, str(more)) if more else None


def _key(posted: Mapping[str, Any]) -> object:
    found = posted.get("metadata") or {}
    return (found.get("event_payload") or {}).get("key") if found.get("event_type") == EVENT else None
