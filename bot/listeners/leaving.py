"""A workspace that sends the app away: its tokens are forgotten at once."""

from __future__ import annotations

import logging

from slack_bolt import Respond
from slack_bolt.request.internals import extract_team_id
from slack_sdk import WebClient

from bot.listeners.telling import Body, told
from storage import workspaces
from storage.database import transaction

log = logging.getLogger(__name__)


@told
def uninstalled(body: Body, respond: Respond, client: WebClient) -> None:
    """Forget the workspace that uninstalled the app."""
    del respond, client
    _forget(extract_team_id(body) or "")


@told
def revoked(body: Body, respond: Respond, client: WebClient) -> None:
    """Forget the workspace whose bot token was revoked; tokens of people, which are not kept, do not count."""
    del respond, client
    if (body["event"].get("tokens") or {}).get("bot"):
        _forget(extract_team_id(body) or "")


def _forget(workspace: str) -> None:
    with transaction() as session:
        gone = workspaces.end(session, workspace)
    if not gone:
        log.warning("Slack has revoked SLACK_BOT_TOKEN: install the app anew and set its new token.")
