"""Who has which role, as a message."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from slack_sdk.models.blocks import Block, ContextBlock, SectionBlock

from bot.blocks.text import cut, escape, markdown
from bot.members import mention
from finops.roles import Role
from storage.models import ResourceOwner, RoleGrant

MAY = {
    Role.ADMIN: "grant roles, and all below",
    Role.APPROVER: "approve and dismiss savings, report them as done, and all below",
    Role.ANALYST: "say what an anomaly was, set a scope; put savings off, hand them over, ask owners; and all below",
    Role.VIEWER: "ask",
}
MANY, OWNERS, NAME = 40, 30, 60
"""How many are named, so that a section stays below Slack's limit."""


def build(
    granted: Sequence[RoleGrant], named: Sequence[ResourceOwner], *, bootstrapped: Collection[str], you: Role
) -> tuple[str, list[Block]]:
    """Return the text for notifications and the blocks."""
    blocks: list[Block] = []
    for role, may in MAY.items():
        subjects = [one.subject for one in granted if one.role is role]
        if role is Role.APPROVER:
            subjects += sorted(set(bootstrapped) - {one.subject for one in granted})
        who = "every other member" if role is Role.VIEWER else "nobody yet"
        blocks.append(
            SectionBlock(text=markdown(f"*{role.value.capitalize()}*: {_names(subjects) or who}\n_may {may}_"))
        )
    if named:
        lines = [f"• {escape(cut(one.name, NAME))}: {mention(one.subject)}" for one in named[:OWNERS]]
        more = [f"… and {len(named) - OWNERS} more"] if len(named) > OWNERS else []
        blocks.append(SectionBlock(text=markdown("\n".join(["*Owners* by tag:", *lines, *more]))))
    hint = f"You are {you}. `/cost grant approver @ada` · `/cost revoke @ada` · `/cost owner payments @ada`"
    blocks.append(ContextBlock(elements=[markdown(hint)]))
    return f"You are {you}.", blocks


def _names(subjects: Sequence[str]) -> str:
    more = f" and {len(subjects) - MANY} more" if len(subjects) > MANY else ""
    return ", ".join(map(mention, subjects[:MANY])) + more
