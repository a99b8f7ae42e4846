"""What the outbox holds for Slack, posted: a thread of the web and the bot process."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot import announcements
from finops.errors import CostsError
from storage import outbox
from storage.database import transaction
from storage.models import Outbox
from storage.settings import settings

PAUSE = 2.0
EVENT = "costs_outbox"
UNSURE = timedelta(seconds=90)
"""One look into a channel's history a minute is what Slack grants new apps."""

log = logging.getLogger(__name__)


def run_in_background(client: WebClient) -> threading.Event:
    """Start delivering; set the returned event to stop."""
    stop = threading.Event()
    threading.Thread(target=_loop, args=(client, stop), name="outbox", daemon=True).start()
    return stop


def _loop(client: WebClient, stop: threading.Event) -> None:
    while not stop.wait(PAUSE):
        try:
            once(client)
        except (SQLAlchemyError, CostsError) as error:  # the database is away: it is tried again
            log.warning("outbox: %s", str(error).splitlines()[0])


def once(client: WebClient) -> int:
    """Post what is due; returns how many messages were tried."""
    with transaction() as session:
        claimed = outbox.claim(session, [announcements.KIND], now=datetime.now(UTC))
    for message in claimed:
        _send(client, message)
    return len(claimed)


def _send(client: WebClient, message: Outbox) -> None:
    channel = message.payload.get("channel") or settings().costs_channel
    with transaction() as session:
        if channel is None:
            outbox.retry(session, message.id, error="COSTS_CHANNEL is not set.", after=timedelta(minutes=5))
            return
        text, blocks = announcements.draw(session, message.payload)
        try:
            already = _find(client, channel, message.key) if outbox.maybe_sent(message) else None
            metadata = {"event_type": EVENT, "event_payload": {"key": message.key}}
            ts = already or client.chat_postMessage(channel=channel, text=text, blocks=blocks, metadata=metadata)["ts"]
            outbox.sent(session, message.id, {"channel": channel, "ts": ts})
        except SlackApiError as error:
            _refused(session_id=message.id, error=error)
        except OSError as error:  # the answer was lost: look for the message before sending it again
            outbox.ambiguous(session, message.id, error=str(error), after=UNSURE)


def _refused(*, session_id: int, error: SlackApiError) -> None:
    wait = error.response.headers.get("Retry-After") if hasattr(error.response, "headers") else None
    code = str(error.response.get("error", "unknown"))
    with transaction() as session:
        if code == "ratelimited" or wait:
            outbox.retry(session, session_id, error=code, after=timedelta(seconds=int(wait or 30)))
        elif code in ("channel_not_found", "not_in_channel", "is_archived", "invalid_blocks"):
            log.error("Slack refused a message: %s", code)
            outbox.failed(session, session_id, code)
        else:
            outbox.retry(session, session_id, error=code)


def _find(client: WebClient, channel: str, key: str) -> str | None:
    history = client.conversations_history(channel=channel, limit=100, include_all_metadata=True)
    for posted in history.get("messages") or []:
        if ((posted.get("metadata") or {}).get("event_payload") or {}).get("key") == key:
            return str(posted["ts"])
    return None
