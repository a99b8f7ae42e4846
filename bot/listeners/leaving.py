"""A workspace that sends the app away: its tokens are forgotten at once."""

from __future__ import annotations

import logging
from typing import Any

from storage import workspaces
from storage.database import transaction

log = logging.getLogger(__name__)


def heard(event: dict[str, Any], workspace: str) -> None:
    """Forget a workspace that uninstalled the app or revoked its bot token; of people no token is kept."""
    if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return
    with transaction() as session:
        gone = workspaces.end(session, workspace)
    if not gone:
        log.warning("Slack has revoked SLACK_BOT_TOKEN: install the app anew and set its new token.")
