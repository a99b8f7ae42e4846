"""Mentions and direct messages: the same questions in conversation, a reply in a thread refining the one above it."""

from __future__ import annotations

import html
import re
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient

from bot import asker, awaited, people, speaking, workspaces
from bot.answering import Understood, understand
from bot.asker import Asker
from bot.listeners import granting
from bot.listeners.asking import Message, allow, reply, unclear
from bot.listeners.permitted import asking, whispering
from bot.listeners.telling import Body, sentence, told
from bot.questions import NotUnderstoodError
from bot.said import Said
from finops.errors import CostsError
from storage import asking as threads
from storage.database import transaction
from storage.models import OutboxState

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^>|]*\|([^>]*)>|<((?:https?|mailto|tel):[^>]*)>")
Event = dict[str, Any]


@told
def mention(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer `@costs …` in its thread, where everybody read the question; two bots would answer each other for ever."""
    if is_a_person_s(body["event"]):
        _talk(body, respond, client)


@told
def message(body: Body, respond: Respond, client: WebClient) -> None:
    """Answer a direct message; what others write, what was changed, and what apps write is not for the bot."""
    if is_for_us(body["event"]):
        _talk(body, respond, client)


def is_a_person_s(event: Event) -> bool:
    """Whether a person wrote it, and no app."""
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") != "bot_message"


def is_for_us(event: Event) -> bool:
    """Whether a person wrote it to the bot alone."""
    spoken = event.get("subtype") in (None, "thread_broadcast", "file_share")
    return spoken and event.get("channel_type") == "im" and is_a_person_s(event)


def said(text: str, *, to: str | None) -> str:
    """Return what a person typed to the user that is the bot: without its mention, but with those of others.

    Links are their words, Slack's three entities characters.
    """
    words = _MENTION.sub(lambda found: " " if found[1] == to else found[0], text)
    return html.unescape(_LINK.sub(lambda found: found[1] or found[2], words)).strip()


def _bot(body: Body, who: Asker) -> str | None:
    """Return whom a mention of the app calls: an event names it, and else the token does."""
    told = (one.get("user_id") for one in body.get("authorizations") or () if one.get("is_bot"))
    found = next(told, None) or getattr(workspaces.access(who.workspace), "bot_user", None)
    return str(found) if found else None


@asking
def _talk(body: Body, respond: Respond, client: WebClient) -> None:
    event = body["event"]
    thread = event.get("thread_ts") or (event["ts"] if event["type"] == "app_mention" else None)
    who = asker.of(client, people.of(body), event["channel"])
    typed = said(event.get("text") or "", to=_bot(body, who))
    if granting.is_asked({"text": typed}):  # who may what is nobody else's matter: seen by whoever asked
        granting.asked({**body, "text": typed}, whispering(body, respond, client), client)
        return
    text, blocks, asked = answered(client, typed, who, event.get("thread_ts"))
    question = str(asked.question) if asked else None
    what = Said(who.channel, text, blocks, thread, question=question, by=who.person.user, above=str(event["ts"]))
    if asked:
        with transaction() as session:
            awaited.note(session, body, asked, who, what=what)
    row = speaking.post(body, what, workspace=who.workspace)
    if row is not None and row.state is OutboxState.FAILED:
        respond(text=speaking.fate(row), response_type="ephemeral", replace_original=False)


def answered(client: WebClient, text: str, who: Asker, thread: str | None) -> tuple[*Message, Understood | None]:
    """Return the message, and the question that the thread is about from now on; errors are sentences, too."""
    try:
        with transaction() as session:
            place = {"workspace": who.workspace, "channel": who.channel}
            above = threads.above(session, **place, thread=thread) if thread else None
            asked = understand(session, text, who, above=above)
        asked = allow(client, asked, who)
        with transaction() as session:
            return *reply(session, asked, who), asked
    except NotUnderstoodError as error:
        return *unclear(error), None
    except CostsError as error:
        return sentence(error), [], None
