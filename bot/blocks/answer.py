"""A cost answer as a message: a sentence, a table that fits a phone, how settled it is, and where to go on."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock, SectionBlock

from bot.actions import Action
from bot.answers import CostAnswer, Row
from bot.blocks.text import FALLBACK, VALUE, cut, escape, markdown
from bot.wording import freshness_line, headline, movers_line
from finops.foreign import middle
from finops.money import Money

LABEL, BAR, MONEY, LINES = 48, 6, 10, 20
"""A bar of six and money of ten are as wide on every line, so that the names begin below each other on a phone too."""
SPACE = "\u00a0"
"""A space that no surface swallows: some fold the common ones inside code."""


def build(found: CostAnswer, *, share: bool = True) -> list[Block]:
    """Return the blocks of an answer; a shared one has no Share button."""
    blocks: list[Block] = [_section(f"*{escape(headline(found))}*")]
    if movers := movers_line(found):
        blocks.append(_section(escape(movers)))
    if found.question.group_by and found.rows:
        blocks.append(_section(_table(found)))
    notes = escape(freshness_line(found)) + (f"\n<{found.evidence}|Evidence>" if found.evidence else "")
    blocks.append(ContextBlock(elements=[markdown(notes)]))
    # The words of the question, not state: read anew, they give today's figures.
    value = cut(found.question.text or "this month", VALUE)
    buttons = [ButtonElement(text="Chart", action_id=Action.CHART, value=value)]
    if share:
        buttons.append(ButtonElement(text="Share", action_id=Action.SHARE, value=value))
    blocks.append(ActionsBlock(elements=list(buttons)))
    return blocks


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=markdown(text))


def _table(found: CostAnswer) -> str:
    most = max((abs(row.cost) for row in found.rows), default=None) or 1
    lines = [_line(row, float(abs(row.cost) / most), found.currency) for row in found.rows[:LINES]]
    left = found.others + len(found.rows[LINES:])
    more = f": say `top {min(len(found.rows) + left, LINES)}`" if len(lines) < LINES else ""
    lines += [f"… and {left} more{more}"] if left else []
    return "\n".join(lines)


def _line(row: Row, size: float, currency: str) -> str:
    """Return bar and money in code, so that they line up, and the name beside it, which needs no room of its own."""
    figures = f"{'█' * round(size * BAR):<{BAR}} {_short(row, currency):>{MONEY}}"
    return f"`{figures.replace(' ', SPACE)}` {escape(middle(row.label, LABEL))}"


def _short(row: Row, currency: str) -> str:
    text = str(Money(row.cost, currency))
    return text if len(text) <= MONEY else text.removesuffix(f" {currency}")


def fallback(found: CostAnswer) -> str:
    """Return what a notification shows: foreign names in it must call nobody either."""
    return cut(escape(f"{headline(found)} {movers_line(found)}"), FALLBACK)
