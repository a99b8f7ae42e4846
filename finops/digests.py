"""A digest: what a day or a week has to tell, by how much money a month is at stake in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from finops.foreign import shortened
from finops.money import EXACT, Money
from finops.shown_names import recognizable

DAYS, MONTHS = Decimal(365), Decimal(12)
"""Of a year."""
NAMED = 3
"""Of a list so many are named, and the rest are counted: it is read on a phone."""
NAME = 60
"""Characters of a foreign name, so that one does not push the others out of a sentence."""


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Every(StrEnum):
    """How often a digest goes out."""

    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def days(self) -> int:
        """Return how many complete days it tells of."""
        return 7 if self is Every.WEEKLY else 1

    def on(self, weekday: int) -> str:
        """Return cron's word for the days on which it goes out, of a weekly one this, 0 for Monday."""
        return WEEKDAYS[weekday][:3].lower() if self is Every.WEEKLY else "*"

    def told(self, weekday: int, hour: int) -> str:
        """Tell when it goes out: every day at 9:00, on Fridays at 8:00."""
        days = f"on {WEEKDAYS[weekday]}s" if self is Every.WEEKLY else "every day"
        return f"{days} at {hour}:00"


class Ended(StrEnum):
    """Why a digest ended that nobody ended; the first three in Slack's words."""

    ARCHIVED = "is_archived"
    GONE = "channel_not_found"
    NOT_IN = "not_in_channel"
    LEFT = "no_member"

    @property
    def told(self) -> str:
        """Tell it."""
        return _WHY[self]


_WHY = {
    Ended.ARCHIVED: "the channel is archived",
    Ended.GONE: "the channel was deleted, or I was taken out of it",
    Ended.NOT_IN: "I am not in the channel any more",
    Ended.LEFT: "its reader is no member any more",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is told, after the spend itself, which always comes first."""

    text: str
    stake: Decimal = Decimal(0)
    """Money a month in the digest's currency, of either sign; nothing where it is in another one."""
    urgent: bool = False
    """Whether somebody has to act: that comes before all that is merely worth knowing."""


def ranked(points: Iterable[Point]) -> list[str]:
    """Return what is told, what is urgent first, then by the money at stake; what has none keeps its order."""
    told = (one for one in points if one.text)
    return [one.text for one in sorted(told, key=lambda one: (not one.urgent, -abs(one.stake)))]


def monthly(amount: Decimal, days: int) -> Decimal:
    """Return what an amount of so many days is in a month of average length."""
    return EXACT.divide(EXACT.multiply(amount, DAYS), MONTHS * days)


def movers(changes: Iterable[tuple[str, Decimal]], currency: str, what: str = "Largest changes") -> str:
    """Name the largest changes."""
    told = list(changes)
    names = [recognizable(name, NAME) for name, _ in told]
    if len({*names}) < len(names):  # of resources that are called alike in two places
        names = [shortened(name, NAME) for name, _ in told]
    moved = [f"{name} {signed(Money(change, currency))}" for name, (_, change) in zip(names, told, strict=True)]
    return f"{what}: {', '.join(moved[:NAMED])}." if moved else ""


def several(what: str, named: list[str]) -> str:
    """Name some of a list, and count the rest: Out of order since: A; B; C; and 2 more."""
    if not named:
        return ""
    left = len(named) - NAMED
    return f"{what}: {'; '.join([*named[:NAMED], *([f'and {left} more'] if left > 0 else [])])}."


def signed(amount: Money) -> str:
    """Show an amount with its sign."""
    return f"{'+' if amount.amount >= 0 else ''}{amount}"
