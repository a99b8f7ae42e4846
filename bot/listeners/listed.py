"""The private list that a button stands in, of which Slack sends no content along: its words, and drawing it anew."""

from __future__ import annotations

import uuid

from slack_bolt import Respond
from slack_sdk.models.blocks import Block

from bot import people, recommending
from bot.blocks.forms import Kept
from bot.listeners.permitted import in_place
from bot.listeners.telling import Body
from storage.database import transaction


def words(body: Body) -> str:
    """Return the words of the list whose button was pressed; empty where it stands in none."""
    asked = str(body["actions"][0].get("block_id") or "").partition(" ")[2]
    return asked if recommending.is_asked(asked) else ""


def keeping(body: Body, respond: Respond, *offers: uuid.UUID) -> Kept:
    """Return what a form keeps: what it is about, and the list that it was opened from, if it was one."""
    place = words(body)
    return Kept(offers, people.channel(body), place, message=(respond.response_url or "") if place else "")


def drawn(body: Body, asked: str, *, channel: str, also: uuid.UUID | None = None) -> tuple[str, list[Block]]:
    """Return a list as it is now, in a channel."""
    with transaction() as session:
        return recommending.drawn(session, asked, workspace=people.of(body).workspace, channel=channel, also=also)


def draw_anew(body: Body, respond: Respond, *, also: uuid.UUID | None = None) -> None:
    """Draw the list anew that a form was opened from: its buttons are of what was, until that form was handed in."""
    kept = Kept.read(body["view"])
    if kept.place:
        text, blocks = drawn(body, kept.place, channel=kept.channel, also=also)
        in_place(body, respond, text=text, blocks=blocks)
