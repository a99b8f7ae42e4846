"""The bot process: Slack over Socket Mode, for those who open no port."""

from __future__ import annotations

import logging
import signal
import threading

from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot import oauth, process, workspaces
from bot.intake import Intake
from finops.errors import BadSettingError, CostsError
from storage import migrate
from storage.settings import settings

log = logging.getLogger(__name__)


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
    speaker = workspaces.speaker() if oauth.is_set_up() else workspaces.client()
    talking = process.start()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ears = SocketModeClient(token.get_secret_value(), web_client=speaker)
    ears.socket_mode_request_listeners.append(lambda client, sent: heard(talking.intake, client, sent))
    ears.connect()
    ended.wait()
    ears.close()
    talking.stop()


def heard(intake: Intake, client: BaseSocketModeClient, sent: SocketModeRequest) -> None:
    """Take a delivery in and acknowledge it. What could not be kept is not acknowledged: Slack sends it again."""
    try:
        answer = intake.take(sent.payload)
    except CostsError as error:
        log.warning("not taken in: %s", error)
        return
    client.send_socket_mode_response(SocketModeResponse(envelope_id=sent.envelope_id, payload=answer.body))
