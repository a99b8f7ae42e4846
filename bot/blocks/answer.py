"""A cost answer as a message: a sentence, a table that fits a phone, how settled it is, and where to go on."""

from __future__ import annotations

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    MarkdownTextObject,
    SectionBlock,
)

from bot.actions import Action
from bot.answers import CostAnswer, Row, freshness_line, headline, movers_line
from bot.blocks.text import SECTION, VALUE, cut, escape, in_code
from finops.money import Money

LABEL, BAR, LINES = 16, 6, 20
"""Sixteen for the name, six for the bar and ten for the money make the 34 that a phone shows in one line."""


def build(found: CostAnswer, *, share: bool = True) -> list[Block]:
    """Return the blocks of an answer; a shared one has no Share button."""
    blocks: list[Block] = [_section(f"*{escape(headline(found))}*")]
    if movers := movers_line(found):
        blocks.append(_section(escape(movers)))
    if found.question.group_by and found.rows:
        blocks.append(_section(_table(found)))
    notes = escape(freshness_line(found)) + (f"\n<{found.evidence}|Evidence>" if found.evidence else "")
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=cut(notes, SECTION))]))
    # The words of the question, not state: read anew, they give today's figures.
    value = cut(found.question.text or "this month", VALUE)
    buttons = [ButtonElement(text="Chart", action_id=Action.CHART, value=value)]
    if share:
        buttons.append(ButtonElement(text="Share", action_id=Action.SHARE, value=value))
    blocks.append(ActionsBlock(elements=list(buttons)))
    return blocks


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=cut(text, SECTION)))


def _table(found: CostAnswer) -> str:
    most = max((abs(row.cost) for row in found.rows), default=None) or 1
    lines = [_line(row, float(abs(row.cost) / most), found.currency) for row in found.rows[:LINES]]
    left = found.others + len(found.rows[LINES:])
    lines += [f"… and {left} more"] if left else []
    return "```\n" + "\n".join(lines) + "\n```"


def _line(row: Row, size: float, currency: str) -> str:
    name = in_code(cut(row.label, LABEL))
    padding = " " * (LABEL - len(cut(row.label, LABEL)))
    bar = ("█" * round(size * BAR)).ljust(BAR)
    return f"{name}{padding} {bar} {_short(row, currency):>10}"


def _short(row: Row, currency: str) -> str:
    text = str(Money(row.cost, currency))
    return text if len(text) <= 10 else text.removesuffix(f" {currency}")  # noqa: PLR2004  the money's column


def fallback(found: CostAnswer) -> str:
    """Return what a notification shows."""
    return f"{headline(found)} {movers_line(found)}".strip()
