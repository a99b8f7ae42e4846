"""The Home tab: drawn when it is opened and after a decision; its buttons answer in direct messages."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from functools import wraps
from http.client import HTTPException

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import asker, membership, people, speaking
from bot.home import page, viewer
from bot.listeners.permitted import ALLOWED, asking
from bot.listeners.talking import answered
from bot.listeners.telling import Body, sentence
from bot.permissions import Refused
from bot.said import Said
from finops.people import Person
from storage import posted, recommendations
from storage.database import transaction
from storage.models import Outbox, OutboxState

HOME = "home"
ANSWERED = "I have answered under *Messages*, above."
log = logging.getLogger(__name__)
Drawing = Callable[[Body, WebClient], None]


def quietly(drawing: Drawing) -> Drawing:
    """Draw a page that nobody waits for: what goes wrong is told on it, or else in the log."""

    @wraps(drawing)
    def draw(body: Body, client: WebClient) -> None:
        try:
            drawing(body, client)
        except (SlackApiError, OSError, HTTPException) as error:  # it is drawn anew when it is opened next
            log.warning("a Home tab was not drawn: %s", error)
        except Exception as error:  # noqa: BLE001  the edge: nobody above would tell the person
            words = sentence(error, body=body, place=f"home.{drawing.__name__}")
            _show(client, people.of(body), words)

    return draw


@quietly
def opened(body: Body, client: WebClient) -> None:
    """Draw it for who opened it; who may not ask reads why. Slack tells of the Messages tab by the same event."""
    if body["event"].get("tab", HOME) != HOME:
        return
    try:
        membership.check(client, people.of(body))
    except Refused as refused:
        _show(client, people.of(body), str(refused))
        return
    _draw(client, people.of(body), str(body["event"].get("channel") or ""))


@quietly
def decided(body: Body, client: WebClient) -> None:
    """Draw it anew for who has just decided something."""
    if body.get(ALLOWED):
        person = people.of(body)
        _draw(client, person, direct(client, person))


def _draw(client: WebClient, person: Person, channel: str, note: str = "") -> None:
    page.publish(client, person.user, page.build(viewer.of(client, person, channel), note=note))


def _show(client: WebClient, person: Person, words: str) -> None:
    try:
        page.publish(client, person.user, page.sentence(words))
    except (SlackApiError, OSError, HTTPException) as error:
        log.warning("a Home tab was not drawn: %s", error)


def direct(client: WebClient, person: Person) -> str:
    """Return the channel of direct messages with somebody. Raises SlackApiError."""
    return str(client.conversations_open(users=person.user)["channel"]["id"])


@asking
def ask(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer what a button asks in direct messages."""
    person = people.of(body)
    who = asker.of(client, person, direct(client, person))
    text, blocks, asked = answered(client, body["actions"][0]["value"], who, None)
    what = Said(who.channel, text, blocks, question=str(asked.question) if asked else None, by=person.user)
    _told(speaking.post(body, what, workspace=who.workspace), body, respond, client, who.channel)


@asking
def card(body: Body, respond: Respond, client: WebClient) -> None:
    """Show a recommendation's card in direct messages, drawn anew there like any other."""
    person, offer = people.of(body), uuid.UUID(body["actions"][0]["value"])
    with transaction() as session:
        row = recommendations.of_offer(session, offer, workspace=person.workspace)
    channel = direct(client, person)
    payload = {"channel": channel, posted.CARD: str(row.id), "by": "", "owner": False}
    payload[posted.ROLE] = viewer.of(client, person, channel).role.value
    put = speaking.put(body, posted.KIND, payload, workspace=person.workspace)
    _told(put, body, respond, client, channel)


def _told(row: Outbox | None, body: Body, respond: Respond, client: WebClient, channel: str) -> None:
    """Say on the Home tab, where nothing else moves, that the answer is there."""
    if row is not None and row.state is OutboxState.FAILED:
        respond(text=speaking.fate(row), response_type="ephemeral", replace_original=False)
    elif (body.get("view") or {}).get("type") == HOME:
        _noted(body, client, channel, (row and speaking.fate(row)) or ANSWERED)


def _noted(body: Body, client: WebClient, channel: str, note: str) -> None:
    @quietly
    def answer(body: Body, client: WebClient) -> None:
        _draw(client, people.of(body), channel, note)

    answer(body, client)
