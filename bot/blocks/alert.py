"""An alert as one message: what happened in a line, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from slack_sdk.models.blocks import Block, SectionBlock

from bot.blocks.text import FALLBACK, cut, markdown, with_code

TITLE, TEXT = 150, 2000


def sentence(alert: Mapping[str, str]) -> str:
    """Return what a notification shows: it makes sense alone."""
    return cut(f"{with_code(alert['title'])} {with_code(alert['text'])}", FALLBACK)


def build(alert: Mapping[str, str]) -> list[Block]:
    """Return title and text; both may name files and sources, so both are foreign."""
    title, text = with_code(cut(alert["title"], TITLE)), with_code(cut(alert["text"], TEXT))
    return [SectionBlock(text=markdown(f"⚠️ *{title}*\n{text}"))]
