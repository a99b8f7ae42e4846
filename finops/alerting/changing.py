"""What becomes of the open alerts of a rule that is changed: by what of it is another."""

from __future__ import annotations

from enum import StrEnum

from finops.alerting.rules import AlertRule

QUESTION = ("kind", "filters", "grain", "comparison", "currency", "budget", "tag")
"""What says of what a rule tells: with one of them changed, an open alert is about something else."""
SIZES = ("amount", "share", "days")
"""What says from when on it tells: an open alert is judged by it again."""


class Effect(StrEnum):
    """What becomes of them."""

    CLOSED = "closed"
    JUDGED = "judged"
    KEPT = "kept"

    def told(self, many: int, *, saved: bool = False) -> str:
        """Tell it of so many that are open, before or after it is saved; nothing of none."""
        if not many:
            return ""
        one = many == 1
        if saved and self is Effect.CLOSED:
            return f"{'1 alert was' if one else f'{many} alerts were'} closed: the rule watches something else now."
        return f"{'1 alert is' if one else f'{many} alerts are'} open{_TOLD[self]}"


_TOLD = {
    Effect.CLOSED: ", and closed when this is saved: the rule then watches something else.",
    Effect.JUDGED: ", judged anew within the hour, and over if the rule does not tell of that any more.",
    Effect.KEPT: ", and going on where it was told; what is found from now on is told as the rule says now.",
}


def effect(before: AlertRule, after: AlertRule) -> Effect:
    """Return what a change does to what is open."""
    if any(getattr(before, name) != getattr(after, name) for name in QUESTION):
        return Effect.CLOSED
    return Effect.JUDGED if any(getattr(before, name) != getattr(after, name) for name in SIZES) else Effect.KEPT
