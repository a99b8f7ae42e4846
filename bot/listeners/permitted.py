"""Listeners for those who may: asked of Slack and of the roles at the moment of the act, before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps

from slack_bolt import Respond
from slack_bolt.request.internals import extract_channel_id
from slack_sdk import WebClient
from slack_sdk.models.blocks import Block

from bot import membership, people, permissions, private
from bot.blocks.forms import Kept
from bot.listeners.telling import Body, Listener, sentence, told
from bot.permissions import Refused
from bot.replying import Reply
from finops.roles import Act

ALLOWED = "costs_allowed"
"""In the body of a delivery whose sender was found to be allowed to do what it does."""


def pressed(act: Act) -> Callable[[Listener], Listener]:
    """Let a button or a command do its work for who may; others are told who that is."""

    def decorate(listener: Listener) -> Listener:
        @wraps(listener)
        def listen(body: Body, respond: Respond, client: WebClient) -> None:
            try:
                permissions.check(client, people.of(body), act)
                body[ALLOWED] = True
                listener(body, respond, client)
            except Refused as refused:
                respond(text=str(refused), response_type="ephemeral", replace_original=False)

        return told(listen)

    return decorate


def asking(listener: Listener) -> Listener:
    """Let members ask; others, and whoever may not have what they ask for, are told why, seen by them alone."""

    @wraps(listener)
    def listen(body: Body, respond: Respond, client: WebClient) -> None:
        try:
            membership.check(client, people.of(body))
            listener(body, respond, client)
        except Refused as refused:
            _whisper(body, respond, client, str(refused))

    return told(listen)


def _whisper(body: Body, respond: Respond, client: WebClient, text: str) -> None:
    whispering(body, respond, client)(text=text, response_type="ephemeral", replace_original=False)


def whispering(body: Body, respond: Respond, client: WebClient) -> Respond:
    """Return what reaches whoever sent it alone, also where an event came by no inbox."""
    if getattr(respond, "reaches", respond.response_url):
        return respond
    return Whisper(client, extract_channel_id(body) or "", people.of(body).user)


def handed_in(
    act: Act, *, also: Callable[[Body, WebClient, str], None] | None = None
) -> Callable[[Listener], Listener]:
    """As `pressed`, for a form, which says not where it came from: its sender is told in the channel that it keeps.

    `also` is told, too, why nothing came of it: a form that stays open must not go on saying that it is worked on.
    """

    def decorate(listener: Listener) -> Listener:
        @wraps(listener)
        def listen(body: Body, respond: Respond, client: WebClient) -> None:
            answer = _answering(respond, client, body)
            try:
                permissions.check(client, people.of(body), act)
                body[ALLOWED] = True
                listener(body, answer, client)
            except Refused as refused:
                why = str(refused)
            except Exception as error:  # noqa: BLE001  the edge: nobody above would tell the person
                why = sentence(error, body=body, place=f"form {listener.__name__}")
            else:
                return
            answer(text=why)
            if also:
                also(body, client, why)

        return listen

    return decorate


def _answering(respond: Respond, client: WebClient, body: Body) -> Respond:
    channel = Kept.read(body["view"]).channel
    if isinstance(respond, Reply):  # by way of the outbox
        respond.to["channel"] = channel
        return respond
    return Whisper(client, channel, people.of(body).user)


def in_place(body: Body, respond: Respond, *, text: str, blocks: Sequence[Block]) -> None:
    """Say it in place of the message whose button opened the form, so that nobody presses another one of it.

    Where Slack does not replace that any more, it is said below.
    """
    usual, respond.response_url = respond.response_url, Kept.read(body["view"]).message or None
    respond(text=text, blocks=blocks, replace_original=True)
    respond.response_url = usual


class Whisper(Respond):
    """Tells the sender of a form something that nobody else sees, where the delivery came by no inbox."""

    reaches = True

    def __init__(self, client: WebClient, channel: str, user: str) -> None:
        """Take whom to tell, and the channel that the form was opened in."""
        super().__init__(response_url=None)
        self._client, self._channel, self._user = client, channel, user

    def __call__(self, text: str = "", blocks: Sequence[Block] | None = None, **how: object) -> None:  # type: ignore[override]  # as much as is needed
        """Say it; it is seen by one person, however."""
        message = {"text": text} | ({"blocks": [one.to_dict() for one in blocks]} if blocks else {}) | how
        until = (datetime.now(UTC) + private.GOOD_FOR).isoformat()
        payload = {
            "url": self.response_url,
            "until": until,
            "channel": self._channel,
            "user": self._user,
            "message": message,
        }
        private.post(lambda: self._client, payload, now=datetime.now(UTC))
