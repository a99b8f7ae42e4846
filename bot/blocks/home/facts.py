"""Sections that show what another answer says in two sentences: what is out of order, how fresh the bills are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from slack_sdk.models.blocks import Block

from bot.blocks.home.section import Asks, section
from bot.blocks.text import cut, escape
from bot.drafts.draft import Draft
from bot.wording import settled_line

HEADLINE, MORE = 600, 600


def said(draft: Draft, *, title: str, asks: Asks) -> list[Block]:
    """Return a draft's two sentences."""
    return section(title, escape(cut(draft.headline, HEADLINE)), escape(cut(draft.more, MORE)), asks=asks)


def fresh(draft: Draft, settled: Mapping[str, date], *, asks: Asks) -> list[Block]:
    """Return how fresh the bills are, by provider."""
    lines = (draft.headline, draft.more, settled_line(settled))
    return section("Data", *(escape(cut(one, MORE)) for one in lines), asks=asks)
