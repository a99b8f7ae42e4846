"""What went wrong, told to the person who asked: a known error as its sentence, a surprise as an id to quote."""

from __future__ import annotations

import logging
import uuid
from functools import wraps
from http import HTTPStatus
from typing import Any, Protocol
from urllib.error import URLError

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.blocks.text import SECTION, cut, with_code
from finops.errors import CostsError

Body = dict[str, Any]
KNOWN = {
    "not_in_channel": "I am not in this channel: invite me with `/invite`, then press again.",
    "channel_not_found": "I cannot see this conversation: invite me with `/invite`, or ask me in a channel.",
    "is_archived": "This channel is archived: ask me in another one.",
    "ratelimited": "Slack asks me to slow down: try again in a minute.",
    "missing_scope": "The Slack app lacks a permission: whoever installed it has to install manifest.json anew.",
}
"""What Slack refuses, and what to do about it."""
log = logging.getLogger(__name__)


class Listener(Protocol):
    """What a button or a command starts."""

    __name__: str

    def __call__(self, body: Body, respond: Respond, client: WebClient) -> None:
        """Do what was asked."""


def told(listener: Listener) -> Listener:
    """Tell errors to the person who asked: Bolt would only log those of lazy listeners."""

    @wraps(listener)
    def listen(body: Body, respond: Respond, client: WebClient) -> None:
        try:
            listener(body, respond, client)
        except Exception as error:  # noqa: BLE001  the edge: nobody above would tell the person
            tell(error, respond)

    return listen


def tell(error: Exception, respond: Respond) -> None:
    """Answer with what went wrong, seen by the asker alone; the message that was pressed stays."""
    words = sentence(error)
    if respond.response_url is None:  # some deliveries leave no way to answer
        log.warning("nobody could be told: %s", words)
        return
    try:
        respond(text=words, response_type="ephemeral", replace_original=False)
    except OSError as lost:  # Slack is away, too
        log.warning("nobody could be told: %s (%s)", words, lost)


def sentence(error: Exception) -> str:
    """Return what a person is told; a surprise is logged under the id that is told."""
    if isinstance(error, CostsError):
        return cut(with_code(str(error)), SECTION)
    code = str(error.response.get("error")) if isinstance(error, SlackApiError) else ""
    if code in KNOWN:
        return KNOWN[code]
    if isinstance(error, (URLError, ConnectionError, TimeoutError)) or _is_no_answer(error):
        log.warning("Slack did not answer: %s", error)
        return "Slack did not answer me in time, so perhaps not all of it was done: look, then try again."
    number = uuid.uuid4().hex[:8]
    log.error("surprise %s", number, exc_info=error)
    return f"Something went wrong on our side. Please quote {number} when you ask for help."


def _is_no_answer(error: Exception) -> bool:
    """Whether something between us and Slack answered in its place, or Slack with an error of its own."""
    return isinstance(error, SlackApiError) and int(error.response.status_code or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
