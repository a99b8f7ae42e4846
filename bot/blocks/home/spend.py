"""What the month has cost so far: all of it, or what belongs to one's own teams."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, SectionBlock

from bot.blocks import grid
from bot.blocks.home.section import Asks, context, section
from bot.blocks.text import cut, escape, markdown
from bot.drafts.draft import Draft

HEADLINE, MORE = 900, 900


def build(draft: Draft, *, title: str, asks: Asks, teams: bool, note: str) -> list[Block]:
    """Return the answer that `/cost` gives, and a line for each team where there are some."""
    headline, more = escape(cut(draft.headline, HEADLINE)), escape(cut(draft.more, MORE))
    blocks = section(title, f"*{headline}*", more, asks=asks)
    if teams and draft.grid:
        blocks.append(SectionBlock(text=markdown("\n".join(["*Your teams*", *grid.coded(draft.grid)]))))
    return [*blocks, *context(note)]
