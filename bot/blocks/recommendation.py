"""Recommendations as cards to decide on, and as one digest in a channel."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    SectionBlock,
)

from bot.actions import Action
from bot.blocks.text import cut, escape, in_code, link, markdown
from finops.money import Money, total
from finops.recommendations.lifecycle import State
from storage.models import Recommendation

SHOWN = 5
"""A digest names the five largest; cards of the same number fit a message."""
TITLE, REASON, CODE = 150, 400, 900
"""Characters: a foreign name must not push the saving or the undo off its card."""

GIVEN_UP = (State.DISMISSED, State.EXPIRED)


def card(row: Recommendation) -> list[Block]:
    """Return one recommendation: what it saves and why, and its buttons, or who decided and when."""
    saving = Money(row.potential_savings, row.currency)
    title, reason = escape(cut(row.title, TITLE)), escape(cut(row.reason, REASON))
    blocks: list[Block] = [_section(f"*{title}*\nSaves *{escape(str(saving))} a month* · {reason}")]
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


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=markdown(text))


def _decided(row: Recommendation) -> list[Block]:
    mark = "✅" if row.state is State.APPROVED else "▫️"
    blocks: list[Block] = [ContextBlock(elements=[markdown(f"{mark} *{row.state.value.capitalize()}*{_by_whom(row)}")])]
    command = row.details.get("command") if row.state is State.APPROVED else None
    if command:
        undo = row.details.get("undo")
        text = f"To apply it: `{_code(command)}`" + (f"\nTo undo it: `{_code(undo)}`" if undo else "")
        page = link(row.details.get("console_url"), "Look at it in the cloud's console")
        blocks.append(_section(f"{text}\n{page}".rstrip()))
    return blocks


def _code(command: object) -> str:
    return cut(in_code(str(command)), CODE)


def _by_whom(row: Recommendation) -> str:
    when = f" on {row.decided_at:%-d %b %Y at %H:%M} UTC" if row.decided_at else ""
    return (f" by <@{row.decided_by}>" if (row.decided_by or "").isalnum() else "") + when


def refusal(row: Recommendation) -> str:
    """Tell who comes second who was first."""
    title = escape(cut(row.title, TITLE))
    if row.decided_by is None:
        return f"“{title}” is {row.state}: there is nothing left to decide."
    return f"“{title}” was {row.state}{_by_whom(row)}; the first decision stands."


def sentence(rows: Sequence[Recommendation]) -> str:
    """Return the digest's sentence, which a notification shows too. One resource has one saving, so they add up."""
    counted = [row for row in rows if row.state not in GIVEN_UP]
    if not counted:
        return "No saving waits for a decision."
    word = "recommendation" if len(counted) == 1 else "recommendations"
    return f"{len(counted)} {word} would save {_sums(counted)} a month."


def _sums(rows: Sequence[Recommendation]) -> str:
    """Sum each currency by itself, in the order of their rows."""
    currencies = dict.fromkeys(row.currency for row in rows)
    sums = (Money(total(row.potential_savings for row in rows if row.currency == one), one) for one in currencies)
    return " and ".join(str(one) for one in sums)


def cards(rows: Sequence[Recommendation], *, new: bool = False) -> list[Block]:
    """Return the largest savings as cards under one sentence."""
    largest = sorted(rows, key=lambda row: (-row.potential_savings, row.title))
    blocks: list[Block] = [_section(f"*{'New: ' if new else ''}{escape(sentence(rows))}*")]
    for row in largest[:SHOWN]:
        blocks += [DividerBlock(), *card(row)]
    left = len(rows) - SHOWN
    if left > 0:
        note = f"… and {left} smaller: `/cost recommendations` shows the next once these are decided."
        blocks.append(ContextBlock(elements=[markdown(note)]))
    return blocks
