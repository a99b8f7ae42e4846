"""Lists that Slack gives page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

PAGE = 200
CHANNELS = "public_channel,private_channel"


def every(method: Callable[..., SlackResponse], items: str, **asked: Any) -> Iterator[Any]:  # noqa: ANN401  Slack's own
    """Yield what a method lists under `items`, of all its pages. Raises SlackApiError."""
    cursor = ""
    while True:
        page = method(limit=PAGE, cursor=cursor, **asked)
        yield from page.get(items) or []
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def channels(client: WebClient) -> Iterator[dict[str, Any]]:
    """Yield the channels that the app may see, none that is archived. Raises SlackApiError."""
    return every(client.conversations_list, "channels", types=CHANNELS, exclude_archived=True)
