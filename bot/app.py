"""The Bolt app: the same listeners, whether Slack comes over HTTP or Socket Mode."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import App, BoltResponse, Respond
from slack_bolt.lazy_listener.thread_runner import ThreadLazyListenerRunner
from slack_sdk import WebClient

from bot import listeners
from bot.listeners.telling import tell
from finops.errors import BadSettingError
from storage import inbox
from storage.database import transaction
from storage.settings import settings

WORKERS = 16
"""Threads that acknowledge; Bolt's default of five would make the sixth person wait."""
ANSWERING = 8
"""Threads that answer, apart from those that acknowledge: slow questions must not use up others' three seconds. Each
holds a connection to the database, of which a process has twenty."""


def client() -> WebClient:
    """Return a client of Slack's Web API. Raises BadSettingError."""
    token = settings().slack_bot_token
    if token is None:
        message = (
            "SLACK_BOT_TOKEN is not set: README says how to make the Slack app, and `costs demo` brings a local one."
        )
        raise BadSettingError(message)
    # The SDK would send again whenever an answer is lost; a message would be there twice, and nobody would know.
    return WebClient(token=token.get_secret_value(), base_url=settings().slack_api_url, timeout=15, retry_handlers=[])


def build(*, signing_secret: str | None = None) -> App:
    """Make the app. With a signing secret it refuses what Slack did not sign."""
    speaker = client()
    app = App(
        client=speaker,
        signing_secret=signing_secret or "socket mode signs nothing",
        request_verification_enabled=signing_secret is not None,
        token_verification_enabled=False,
        listener_executor=ThreadPoolExecutor(WORKERS),
        process_before_response=False,
    )
    app.listener_runner.lazy_listener_runner = ThreadLazyListenerRunner(app.logger, ThreadPoolExecutor(ANSWERING))
    app.use(once)
    app.error(told)
    listeners.register(app)
    return app


def once(body: dict[str, Any], next: Callable[[], BoltResponse]) -> BoltResponse | None:  # noqa: A002  Bolt's word
    """Let a delivery through the first time; answer a replay without acting again."""
    known = body.get("trigger_id") or body.get("event_id")
    key = known or hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    with transaction() as session:
        fresh = inbox.first_time(session, f"slack {key}")
    return next() if fresh else BoltResponse(status=200)


def told(error: Exception, respond: Respond) -> BoltResponse:
    """Tell the person what went wrong before a listener had its turn."""
    tell(error, respond)
    return BoltResponse(status=200)
