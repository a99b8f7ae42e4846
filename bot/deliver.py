"""What the outbox holds for Slack, posted: a thread of the web and the bot process."""

from __future__ import annotations

import logging
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot import announcements
from finops.errors import BadSettingError, CostsError
from storage import outbox
from storage.database import transaction
from storage.models import Outbox
from storage.settings import settings

PAUSE = 2.0
EVENT = "costs_outbox"
UNSURE = timedelta(seconds=90)
"""One look into a channel's history a minute is what Slack grants new apps."""
NEVER = frozenset({"channel_not_found", "is_archived", "invalid_blocks", "msg_too_long", "no_text"})
PERHAPS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""What Slack says when it does not know itself whether it did it."""
Note = Callable[..., None]
"""What is written down about a message, given a session and its id."""

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
        except Exception:  # the edge: a thread that ended would keep every later message
            log.exception("outbox: a surprise")


def once(client: WebClient) -> int:
    """Post what is due; returns how many messages were tried."""
    with transaction() as session:
        claimed = outbox.claim(session, [announcements.KIND], now=datetime.now(UTC))
    for message in claimed:
        _send(client, message)
    return len(claimed)


def _send(client: WebClient, message: Outbox) -> None:
    """Post one message and note what became of it; no transaction is open while Slack is waited for."""
    note: Note
    try:
        note = partial(outbox.sent, receipt=_post(client, message))
    except SlackApiError as error:
        note = _refused(error)
    except CostsError as error:
        note = partial(outbox.retry, error=str(error))
    except (OSError, HTTPException) as error:
        note = _unanswered(error)
    with transaction() as session:
        note(session, message.id)


def _post(client: WebClient, message: Outbox) -> dict[str, str]:
    channel = message.payload.get("channel") or settings().costs_channel
    if channel is None:
        unset = "COSTS_CHANNEL is not set: give it the id of the channel for announcements."
        raise BadSettingError(unset)
    if announcements.REDRAW in message.payload:
        with transaction() as session:
            announcements.redraw_anomaly(session, client, uuid.UUID(message.payload[announcements.REDRAW]))
        return {}
    if outbox.maybe_sent(message) and (ts := _find(client, channel, message.key)):
        return {"channel": channel, "ts": ts}
    with transaction() as session:
        text, blocks = announcements.draw(session, message.payload)
    metadata = {"event_type": EVENT, "event_payload": {"key": message.key}}
    posted = client.chat_postMessage(channel=channel, text=text, blocks=blocks, metadata=metadata)
    return {"channel": channel, "ts": str(posted["ts"])}


def _refused(error: SlackApiError) -> Note:
    """Tell what is worth another try; where Slack itself failed, the message may be there all the same."""
    code = str(error.response.get("error", "unknown"))
    headers = {name.lower(): value for name, value in (error.response.headers or {}).items()}
    wait = str(headers.get("retry-after", ""))
    if code == "ratelimited" or wait or error.response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return partial(outbox.retry, error=code, after=timedelta(seconds=int(wait) if wait.isdigit() else 30))
    if code in NEVER:
        return partial(outbox.failed, error=code)
    unclear = code in PERHAPS or not code.isidentifier()  # no word of Slack's: a proxy's page, or half an answer
    if unclear or int(error.response.status_code or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return partial(outbox.ambiguous, error=code, after=UNSURE)
    return partial(outbox.retry, error=code)


def _unanswered(error: OSError | HTTPException) -> Note:
    """Look for the message before sending it again, unless it cannot have left."""
    if isinstance(getattr(error, "reason", error), (ConnectionRefusedError, socket.gaierror)):
        return partial(outbox.retry, error=str(error))
    return partial(outbox.ambiguous, error=str(error) or type(error).__name__, after=UNSURE)


def _find(client: WebClient, channel: str, key: str) -> str | None:
    """Look for a message's key in the channel's latest hundred."""
    history = client.conversations_history(channel=channel, limit=100, include_all_metadata=True)
    for posted in history.get("messages") or []:
        if ((posted.get("metadata") or {}).get("event_payload") or {}).get("key") == key:
            return str(posted["ts"])
    return None
