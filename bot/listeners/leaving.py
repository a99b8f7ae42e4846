"""A workspace that sends the app away: its tokens are forgotten at once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from bot import organizations
from storage import workspaces
from storage.database import transaction

log = logging.getLogger(__name__)


def heard(body: dict[str, Any], workspace: str) -> None:
    """Forget a workspace, or an organization, that uninstalled the app or revoked its token; of people none is kept.

    What was heard late, after the app had been installed anew, is not about the tokens that are held now.
    """
    event = body["event"]
    if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return
    if enterprise := organizations.sent_away(body):
        with transaction() as session:
            workspaces.end_organization(session, enterprise, happened=_happened(body))
        return
    with transaction() as session:
        known = workspaces.find(session, workspace) is not None
        workspaces.end(session, workspace, happened=_happened(body))
    if not known:
        log.warning("Slack has revoked SLACK_BOT_TOKEN: install the app anew and set its new token.")


def _happened(body: dict[str, Any]) -> datetime | None:
    """Return when it happened, of which Slack tells the second (https://docs.slack.dev/apis/events-api)."""
    told = body.get("event_time")
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int) else None
