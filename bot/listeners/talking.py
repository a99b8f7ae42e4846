"""Mentions and direct messages: the same questions in conversation, a reply in a thread refining the one above it."""

from __future__ import annotations

import html
import re
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient

from bot import asker, people
from bot.answering import understand
from bot.asker import Asker
from bot.listeners.asking import Message, reply, unclear
from bot.listeners.telling import Body, once_only, sentence, told
from bot.questions import NotUnderstoodError
from finops.errors import CostsError
from storage import asking
from storage.database import transaction

_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^>|]*\|([^>]*)>|<((?:https?|mailto|tel):[^>]*)>")
Event = dict[str, Any]


@once_only
@told
def mention(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer `@costs …` in its thread, where everybody read the question."""
    del respond
    _talk(body, client, body["event"], thread=body["event"].get("thread_ts") or body["event"]["ts"])


@once_only
@told
def message(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer a direct message; what others write, what was changed, and what apps write is not for the bot."""
    del respond
    event = body["event"]
    if is_for_us(event):
        _talk(body, client, event, thread=event.get("thread_ts"))


def is_for_us(event: Event) -> bool:
    """Whether a person wrote it to the bot alone."""
    spoken = event.get("subtype") in (None, "thread_broadcast", "file_share")
    return spoken and event.get("channel_type") == "im" and not event.get("bot_id") and bool(event.get("user"))


def said(text: str) -> str:
    """Return what a person typed: without mentions, links as their words, Slack's three entities as characters."""
    words = _MENTION.sub(" ", text)
    return html.unescape(_LINK.sub(lambda found: found[1] or found[2], words)).strip()


def _talk(body: Body, client: WebClient, event: Event, *, thread: str | None) -> None:
    who = asker.of(client, people.of(body), event["channel"])
    text, blocks, question = _answered(said(event.get("text") or ""), who, event.get("thread_ts"))
    posted = client.chat_postMessage(channel=who.channel, text=text, blocks=blocks or None, thread_ts=thread)
    if question is None:
        return
    with transaction() as session:
        for hung_on in {thread or str(event["ts"]), str(posted["ts"])}:
            place = {"workspace": who.workspace, "channel": who.channel, "thread": hung_on}
            asking.note(session, question, **place, by=who.person.user)


def _answered(text: str, who: Asker, thread: str | None) -> tuple[*Message, str | None]:
    """Return the message, and the question that the thread is about from now on; errors are sentences, too."""
    try:
        with transaction() as session:
            place = {"workspace": who.workspace, "channel": who.channel}
            above = asking.above(session, **place, thread=thread) if thread else None
            asked = understand(session, text, who, above=above)
            return *reply(session, asked, who), str(asked.question)
    except NotUnderstoodError as error:
        return *unclear(error), None
    except CostsError as error:
        return sentence(error), [], None
