"""What stands beneath a message that could not go where it was to go: where, and why not."""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.models.blocks import Block, ContextBlock

from bot import members
from bot.blocks.text import FALLBACK, cut, escape, markdown, with_code
from finops.alerting.whom import Way, way

WHY = 400


def added(text: str, blocks: list[Block], missed: Mapping[str, str]) -> tuple[str, list[Block]]:
    """Return the message with that line; whom it was for and why not are foreign."""
    why = f"it could not be told there, so it is told here: {with_code(cut(missed['why'], WHY))}"
    words = f"This is for {whom(missed['to'])}; {why}"
    return cut(f"{text} {words}", FALLBACK), [*blocks, ContextBlock(elements=[markdown(f"⚠️ {words}")])]


def whom(to: str) -> str:
    """Return whom a rule tells as markup that calls nobody but whom it names by an id."""
    if way(to) is not Way.ID:
        return escape(to)
    return f"<#{to}>" if to[0] in "CGD" else members.mention(to)
