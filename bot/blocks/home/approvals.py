"""What waits for this person's decision: how many, what it would save, and the five largest."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, ButtonElement, SectionBlock

from bot.actions import Action
from bot.blocks.home.section import Asks, context, lead, section
from bot.blocks.text import cut, escape, markdown
from finops.money import Money
from finops.recommendations import kinds
from storage.models import Recommendation

SHOWN, TITLE = 5, 150
ALL: Asks = ("See them all", "recommendations")
APPROVED: Asks = ("How to do it", "recommendations approved")


def build(
    rows: Sequence[Recommendation], where: Mapping[uuid.UUID, str], *, decides: bool,
    approved: Sequence[Recommendation] = (),
) -> list[Block]:  # fmt: skip
    """Return the section, last what is approved; who may not decide is told how much waits for those who may."""
    return [*_waiting(rows, where, decides=decides), *_approved(approved)]


def _approved(rows: Sequence[Recommendation]) -> list[Block]:
    words = f"*{len(rows)} approved*, not yet carried out: {_sums(rows)} a month."
    return lead(words, asks=APPROVED) if rows else []


def _waiting(rows: Sequence[Recommendation], where: Mapping[uuid.UUID, str], *, decides: bool) -> list[Block]:
    if not rows:
        return section("Approvals", "Nothing waits for your decision." if decides else "Nothing waits for a decision.")
    several = len(rows) != 1
    whom = "your decision" if decides else "somebody who may decide"
    words = (
        f"*{len(rows)} saving{'s' if several else ''}* wait{'' if several else 's'} for {whom}: {_sums(rows)} a month."
    )
    blocks = section("Approvals", words, asks=ALL)
    if decides:
        blocks += _largest(rows, where)
    return blocks


def assigned(rows: Sequence[Recommendation], where: Mapping[uuid.UUID, str]) -> list[Block]:
    """Return the section of what somebody was asked to look after; none where there is nothing."""
    if not rows:
        return []
    words = f"*{len(rows)} saving{'s' if len(rows) != 1 else ''}* to look after: {_sums(rows)} a month."
    return [*section("Assigned to you", words), *_largest(rows, where)]


def _sums(rows: Sequence[Recommendation]) -> str:
    return escape(" and ".join(map(str, kinds.totals(rows))))


def _largest(rows: Sequence[Recommendation], where: Mapping[uuid.UUID, str]) -> list[Block]:
    left = len(rows) - SHOWN
    blocks = [_one(row, where.get(row.resource_id, "")) for row in rows[:SHOWN]]
    return blocks + (context(f"… and {left} smaller.") if left > 0 else [])


def _one(row: Recommendation, where: str) -> Block:
    saving = escape(str(Money(row.potential_savings, row.currency)))
    place = f" · {escape(cut(where, TITLE))}" if where else ""
    show = ButtonElement(text="Show", action_id=Action.HOME_CARD, value=str(row.offer_id))
    return SectionBlock(text=markdown(f"{escape(cut(row.title, TITLE))}\n{saving} a month{place}"), accessory=show)
