"""What went wrong, told to the person who asked: a known error as its sentence, a surprise as an id to quote."""

from __future__ import annotations

import logging
from functools import wraps
from http import HTTPStatus
from traceback import format_exception
from typing import Any, Protocol
from urllib.error import URLError

from slack_bolt import Respond
from slack_bolt.request.internals import extract_team_id, extract_user_id
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.blocks.text import SECTION, cut, with_code
from finops.errors import CostsError
from finops.redaction import redact
from storage import surprises
from storage.database import transaction

Body = dict[str, Any]
KNOWN = {
    "not_in_channel": "I am not in this channel: invite me with `/invite`, then press again.",
    "channel_not_found": "I cannot see this conversation: invite me with `/invite`, or ask me in a channel.",
    "is_archived": "This channel is archived: ask me in another one.",
    "expired_trigger_id": "That took me longer than the three seconds that Slack allows: press it again.",
    "trigger_expired": "That took me longer than the three seconds that Slack allows: press it again.",
    "exchanged_trigger_id": "Slack has opened this once already: press it again if it is not there.",
    "ratelimited": "Slack asks me to slow down: try again in a minute.",
    "missing_scope": "The Slack app lacks a permission: whoever installed it has to install manifest.json anew.",
}
"""What Slack refuses, and what to do about it."""
log = logging.getLogger(__name__)


INTERRUPTED = (
    "I was interrupted while doing what you asked, so perhaps it was done: look, then ask again if it was not."
)


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
            place = f"{listener.__module__.removeprefix('bot.listeners.')}.{listener.__name__}"
            tell(error, respond, body=body, place=place)

    return listen


def tell(error: Exception, respond: Respond, *, body: Body | None = None, place: str = "slack") -> None:
    """Answer with what went wrong, seen by the asker alone; the message that was pressed stays."""
    words = sentence(error, body=body, place=place)
    if not getattr(respond, "reaches", respond.response_url):  # some deliveries leave no way to answer
        log.warning("nobody could be told: %s", words)
        return
    try:
        respond(text=words, response_type="ephemeral", replace_original=False)
    except OSError as lost:  # Slack is away, too
        log.warning("nobody could be told: %s (%s)", words, lost)


def sentence(error: Exception, *, body: Body | None = None, place: str = "slack") -> str:
    """Return what a person is told; a surprise is kept under the id that is told."""
    if isinstance(error, CostsError):
        return cut(with_code(str(error)), SECTION)
    code = str(error.response.get("error")) if isinstance(error, SlackApiError) else ""
    if code in KNOWN:
        return KNOWN[code]
    if isinstance(error, (URLError, ConnectionError, TimeoutError)) or _is_no_answer(error):
        log.warning("Slack did not answer: %s", error)
        return "Slack did not answer me in time, so perhaps not all of it was done: look, then try again."
    name = surprise(error, place=place, body=body or {})
    return f"Something went wrong on our side. Please quote {name} when you ask for help."


def surprise(error: Exception, *, place: str, body: Body) -> str:
    """Keep an error that nobody expected; returns the id that `costs errors` knows it by."""
    name, known = surprises.number(), surprises.known_secrets()
    try:
        with transaction() as session:
            surprises.keep(
                session, error, name=name, place=place, asked=_asked(body), who=extract_user_id(body) or "",
                workspace=extract_team_id(body) or "",
            )  # fmt: skip
    except (SQLAlchemyError, CostsError) as lost:
        log.warning("surprise %s is only in this log: %s", name, str(lost).splitlines()[0])
    log.error("surprise %s in %s: %s", name, place, redact("".join(format_exception(error)), known))
    return name


def _asked(body: Body) -> str:
    """Say what somebody typed or pressed."""
    if "command" in body:
        return f"{body['command']} {body.get('text') or ''}".strip()
    if isinstance(event := body.get("event"), dict):
        return f"{event.get('type')} {event.get('text') or ''}".strip()
    pressed = (body.get("actions") or [{}])[0]
    view = body.get("view") or {}
    named = pressed.get("action_id") or view.get("callback_id") or body.get("callback_id")
    return " ".join(str(one) for one in (body.get("type"), named, pressed.get("value")) if one)


def _is_no_answer(error: Exception) -> bool:
    """Whether something between us and Slack answered in its place, or Slack with an error of its own."""
    return isinstance(error, SlackApiError) and int(error.response.status_code or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
