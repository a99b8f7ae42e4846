"""A recommendation in somebody's direct messages: its owner is asked about it, or it was assigned."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, SectionBlock

from bot.actions import Action
from bot.blocks import recommendation
from bot.blocks.text import cut, escape, markdown
from bot.cards import Card
from bot.members import mention
from finops.recommendations.lifecycle import State

TITLE = 150


def build(shown: Card, *, by: str, owner: bool) -> tuple[str, list[Block]]:
    """Return text and blocks: an owner says what should become of it, which decides nothing. By '' asked who reads."""
    title = escape(cut(shown.row.title, TITLE))
    if owner:
        words = f"{mention(by)} asks you, its owner: *{title}*. May it go?"
    elif not by:
        words = f"As you asked: *{title}*."
    else:
        words = f"{mention(by)} asks you to look after this: *{title}*."
    blocks: list[Block] = [SectionBlock(text=markdown(words)), *recommendation.card(shown)]
    if owner and shown.row.state in (State.OPEN, State.SNOOZED):
        value = str(shown.row.offer_id or shown.row.id)
        answers = [
            ButtonElement(text="Fine by me", action_id=Action.OWNER_AGREES, value=value),
            ButtonElement(text="I need it", action_id=Action.OWNER_KEEPS, value=value),
        ]
        blocks.insert(1, ActionsBlock(elements=list(answers)))
    return words, blocks
