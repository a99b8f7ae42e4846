"""An answer on a terminal."""

from __future__ import annotations

import re

from bot.blocks.grid import lines
from bot.drafts.draft import Draft, Open
from finops.foreign import harmless

SLACK_S = re.compile(r"(?<!In Slack, `)/cost ")
"""What one would type in Slack, where it is not said to be typed there."""
WIDTH = 100
COMMAND = 60


def shown(draft: Draft) -> str:
    """Return the text of an answer, without what a terminal would obey."""
    parts = [*(one for one in (draft.headline, draft.more) if one)]
    parts += [f"  {one}" for one in draft.points]
    if draft.grid and draft.grid.rows:
        parts += ["", *(f"  {line}".rstrip() for line in lines(draft.grid, WIDTH))]
    parts += [f"  {one.rule.name} ({one.about}): {one.rule.sentence()}" for one in draft.items]
    parts += [f"{f'costs ask {_quoted(words)}':<{COMMAND}}{does}" for words, does in draft.lines]
    notes = [
        *(_open(one) for one in draft.open),
        *draft.notes,
        *([f"{draft.evidence_name}: {draft.evidence}"] if draft.evidence else []),
    ]
    parts += ["", *notes] if notes else []
    return SLACK_S.sub("costs ask ", harmless("\n".join(parts)))


def _open(one: Open) -> str:
    said = one.standing()
    return f"{one.sentence} ({', '.join(said)})" if said else one.sentence


def _quoted(words: str) -> str:
    return f"'{words}'" if '"' in words else f'"{words}"'
