"""What somebody is told without asking: open alerts, and the digests that go to them."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.blocks import subscription
from bot.blocks.home.section import Asks, context, section
from bot.blocks.text import cut, escape
from bot.members import mention
from storage.models import CostAlert, Subscription

SHOWN, LONGEST = 5, 400
ALERTS: Asks = ("All alerts", "alerts")
DIGESTS: Asks = ("How they end", "subscribe")
NONE = "No digest goes to you: `/cost subscribe weekly` sends one on Mondays."


def alerts(rows: Sequence[CostAlert], user: str) -> list[Block]:
    """Return the open alerts, those of `user` first; nothing where all is quiet."""
    if not rows:
        return []
    mine = [one for one in rows if one.assigned_to == user]
    ordered = [*mine, *(one for one in rows if one.assigned_to != user)]
    count = f"*{len(rows)} alert{'s are' if len(rows) > 1 else ' is'} open*"
    lines = [_alert(one) for one in ordered[:SHOWN]]
    more = [f"… and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    return section("Alerts", f"{count}{f', {len(mine)} of them yours' if mine else ''}.", *lines, *more, asks=ALERTS)


def _alert(one: CostAlert) -> str:
    whose = f" ({mention(one.assigned_to)})" if one.assigned_to else ""
    seen = f" (acknowledged by {mention(one.acknowledged_by)})" if one.acknowledged_by and not whose else ""
    return f"• {escape(cut(one.sentence, LONGEST))}{whose}{seen}"


def digests(rows: Sequence[Subscription], ended: Sequence[Subscription] = ()) -> list[Block]:
    """Return the digests that somebody gets, or set up for a channel; and those that ended of themselves."""
    gone = [subscription.gone(one) for one in ended[:SHOWN]]
    if not rows:
        return [*section("Digests", "No digest goes to you.", *gone), *context(NONE.partition(": ")[2])]
    more = [f"… and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    return section("Digests", *(subscription.line(one) for one in rows[:SHOWN]), *more, *gone, asks=DIGESTS)
