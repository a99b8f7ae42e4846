"""Recommendations as cards to decide on, and as one digest in a channel."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    MarkdownTextObject,
    SectionBlock,
)

from bot.actions import Action
from bot.blocks.text import SECTION, cut, escape, in_code
from finops.money import Money, total
from finops.recommendations.lifecycle import State
from storage.models import Recommendation

SHOWN = 5
"""A digest names the five largest; cards of the same number fit a message."""

GIVEN_UP = (State.DISMISSED, State.EXPIRED)


def card(row: Recommendation) -> list[Block]:
    """Return one recommendation: what it saves and why, and its buttons, or who decided and when."""
    saving = Money(row.potential_savings, row.currency)
    text = f"*{escape(row.title)}*\nSaves *{escape(str(saving))} a month* · {escape(row.reason)}"
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=cut(text, SECTION)))]
    if row.state is State.OPEN:
        blocks.append(
            ActionsBlock(
                elements=[
                    ButtonElement(text="Approve", action_id=Action.APPROVE, value=str(row.id), style="primary"),
                    ButtonElement(text="Dismiss", action_id=Action.DISMISS, value=str(row.id)),
                ]
            )
        )
        return blocks
    return [*blocks, *_decided(row)]


def _decided(row: Recommendation) -> list[Block]:
    mark = "✅" if row.state is State.APPROVED else "▫️"
    when = f" on {row.decided_at:%-d %b %Y at %H:%M} UTC" if row.decided_at else ""
    who = f" by <@{row.decided_by}>" if (row.decided_by or "").isalnum() else ""
    blocks: list[Block] = [
        ContextBlock(elements=[MarkdownTextObject(text=f"{mark} *{row.state.value.capitalize()}*{who}{when}")])
    ]
    command = row.details.get("command") if row.state is State.APPROVED else None
    if command:
        undo = row.details.get("undo")
        text = f"To apply it: `{in_code(str(command))}`" + (f"\nTo undo it: `{in_code(str(undo))}`" if undo else "")
        blocks.append(SectionBlock(text=MarkdownTextObject(text=cut(text, SECTION))))
    return blocks


def sentence(rows: Sequence[Recommendation]) -> str:
    """Return the digest's sentence, which a notification shows too. One resource has one saving, so they add up."""
    counted = [row for row in rows if row.state not in GIVEN_UP]
    if not counted:
        return "No saving waits for a decision."
    currency = counted[0].currency
    sum_ = Money(total(row.potential_savings for row in counted if row.currency == currency), currency)
    word = "recommendation" if len(counted) == 1 else "recommendations"
    return f"{len(counted)} {word} would save {sum_} a month."


def cards(rows: Sequence[Recommendation], *, new: bool = False) -> list[Block]:
    """Return the largest savings as cards under one sentence."""
    largest = sorted(rows, key=lambda row: -row.potential_savings)
    blocks: list[Block] = [
        SectionBlock(text=MarkdownTextObject(text=f"*{'New: ' if new else ''}{escape(sentence(rows))}*"))
    ]
    for row in largest[:SHOWN]:
        blocks += [DividerBlock(), *card(row)]
    left = len(rows) - SHOWN
    if left > 0:
        note = f"… and {left} smaller: `/cost recommendations` shows the next once these are decided."
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=note)]))
    return blocks
