"""The bot process: Slack over Socket Mode, for those who open no port."""

from __future__ import annotations

import logging
import signal
import threading

from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot import app as slack
from bot import deliver, warming
from finops.errors import BadSettingError
from storage import migrate
from storage.settings import settings


def serve() -> None:
    """Run the bot until it is stopped. Raises BadSettingError without tokens."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    token = settings().slack_app_token
    if token is None:
        message = (
            "SLACK_APP_TOKEN is not set: Socket Mode needs an app-level token (xapp-…); README says how to get it."
        )
        raise BadSettingError(message)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until it listens, TERM ends it as Ctrl-C does
    migrate.ensure()
    warming.in_background()
    app = slack.build()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    handler = SocketModeHandler(app, token.get_secret_value(), web_client=app.client)
    handler.connect()  # type: ignore[no-untyped-call]
    stop = deliver.run_in_background(app.client)
    ended.wait()
    stop.set()
    handler.close()  # type: ignore[no-untyped-call]
