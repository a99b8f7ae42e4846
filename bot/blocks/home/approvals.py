"""What waits for this person's decision: how many, what it would save, and the five largest."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement, SectionBlock

from bot.actions import Action
from bot.blocks.home.section import Asks, context, section
from bot.blocks.text import cut, escape, markdown
from finops.money import Money
from finops.recommendations import kinds
from storage.models import Recommendation

SHOWN, TITLE = 5, 150
ALL: Asks = ("See them all", "recommendations")


def build(rows: Sequence[Recommendation], *, decides: bool) -> list[Block]:
    """Return the section; who may not decide is told how much waits for those who may."""
    if not rows:
        return section("Approvals", "Nothing waits for your decision." if decides else "Nothing waits for a decision.")
    several = len(rows) != 1
    saved = escape(" and ".join(map(str, kinds.totals(rows))))
    whom = "your decision" if decides else "somebody who may decide"
    words = f"*{len(rows)} saving{'s' if several else ''}* wait{'' if several else 's'} for {whom}: {saved} a month."
    blocks = section("Approvals", words, asks=ALL)
    if decides:
        blocks += [_one(row) for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            blocks += context(f"… and {len(rows) - SHOWN} smaller.")
    return blocks


def _one(row: Recommendation) -> Block:
    saving = escape(str(Money(row.potential_savings, row.currency)))
    show = ButtonElement(text="Show", action_id=Action.HOME_CARD, value=str(row.offer_id))
    return SectionBlock(text=markdown(f"{escape(cut(row.title, TITLE))}\n{saving} a month"), accessory=show)
