"""Who would read what is posted into a channel."""

from __future__ import annotations

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError


def named(client: WebClient, channel: str) -> str:
    """Say who reads a channel: how many, and whether some belong to another organization."""
    try:
        about = client.conversations_info(channel=channel, include_num_members=True).get("channel") or {}
    except SlackApiError:  # where the bot is no member it may not know; posting will say so
        about = {}
    members = about.get("num_members")
    people = members - bool(about.get("is_member")) if isinstance(members, int) else 0  # the bot is one, and reads not
    many = f" ({people} {'member' if people == 1 else 'members'})" if people > 0 else ""
    outside = bool(about.get("is_ext_shared") or about.get("is_pending_ext_shared"))
    others = ", *people of other organizations among them*" if outside else ""
    return f"Everybody in <#{channel}>{many}{others} will see this answer and its chart. Share it?"
