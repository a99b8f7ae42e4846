"""The Bolt app: the same listeners, whether Slack comes over HTTP or Socket Mode."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import App, BoltResponse, Respond
from slack_sdk import WebClient

from bot import inline, listeners, workspaces
from bot.listeners.telling import tell


def client() -> WebClient:
    """Return a client that speaks in the deployment's own workspace. Raises BadSettingError."""
    return workspaces.client()


def build() -> App:
    """Make the app. What it is given has been verified: over HTTP by its signature, over Socket Mode by its socket."""
    app = App(
        client=workspaces.speaker(),
        authorize=workspaces.authorize,  # type: ignore[arg-type] # it may also know nobody
        signing_secret="verified before",  # noqa: S106  no secret
        request_verification_enabled=False,
        token_verification_enabled=False,
        listener_executor=ThreadPoolExecutor(1),
        process_before_response=True,
    )
    app.logger.setLevel(logging.ERROR)  # else it warns of each event that nobody listens to
    inline.install(app)
    app.error(told)
    listeners.register(app)
    return app


def told(error: Exception, respond: Respond, body: dict[str, Any]) -> BoltResponse:
    """Tell the person what went wrong before a listener had its turn."""
    tell(error, respond, body=body)
    return BoltResponse(status=200)
