"""What every section of the Home tab looks like: a title, a few lines, and one button that goes on from there."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement, ContextBlock, DividerBlock, HeaderBlock, SectionBlock

from bot.actions import Action
from bot.blocks.text import BUTTON, SECTION, cut, markdown, with_code
from bot.questions import LONGEST, CostQuestion

LINE = 400
ASKS = (Action.HOME_ASK.value, *(f"{Action.HOME_ASK}_{number}" for number in range(1, 3)))
"""The ids of buttons that ask: within a row each needs one of its own."""
Asks = tuple[str, CostQuestion | str]
"""What a button says, and what it asks."""


def ask(asks: Asks, number: int = 0) -> ButtonElement | None:
    """Return a button whose answer comes as a direct message; None for a question too long to be read again."""
    words, question = asks
    value = str(question) or "this month"
    if len(value) > LONGEST:
        return None
    return ButtonElement(text=cut(words, BUTTON), action_id=ASKS[number], value=value)


def section(title: str, *lines: str, asks: Asks | None = None, notes: Sequence[str] = ()) -> list[Block]:
    """Return a section. `lines` are markup, foreign names in them escaped by whoever wrote them."""
    return [DividerBlock(), HeaderBlock(text=title), *lead(*lines, asks=asks), *context(*notes)]


def lead(*lines: str, asks: Asks | None = None) -> list[Block]:
    """Return lines with the button beside them."""
    words = "\n".join(line for line in lines if line)
    return [SectionBlock(text=markdown(words), accessory=ask(asks) if asks else None)] if words else []


def context(*notes: str) -> list[Block]:
    """Return small print: our own sentences, in which foreign names count as text."""
    told = "\n".join(with_code(cut(note, LINE)) for note in notes if note)
    return [ContextBlock(elements=[markdown(cut(told, SECTION))])] if told else []
