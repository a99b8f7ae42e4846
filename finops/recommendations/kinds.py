"""What each kind of recommendation risks, whether it can be undone, and which beats which on one resource."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from finops.errors import UnknownWordError
from finops.money import Money, total
from finops.recommendations.findings import RecommendationType


@dataclass(frozen=True, slots=True)
class About:
    """What a person should know of a kind before deciding."""

    many: str
    """What the kind is called, for a list."""
    risk: str
    reversible: bool
    """Snapshot first counts as reversible: what was deleted can be made again from it."""
    rank: int
    """On one resource ending it (0) beats resizing it (1), which beats committing to it (2)."""


KINDS = {
    RecommendationType.STOP_IDLE_MACHINE: About(
        "Idle machines to stop",
        "It is started again with one command; what lies in memory or on disks local to its host is lost.",
        reversible=True,
        rank=0,
    ),
    RecommendationType.RIGHTSIZE_MACHINE: About(
        "Oversized machines to halve",
        "It restarts once, and once more if undone; memory is not measured, so look at it first.",
        reversible=True,
        rank=1,
    ),
    RecommendationType.DELETE_UNATTACHED_DISK: About(
        "Unattached disks to delete",
        "A snapshot is made first, and a disk can be made from it again; the snapshot costs a little.",
        reversible=True,
        rank=0,
    ),
    RecommendationType.RELEASE_IDLE_ADDRESS: About(
        "Idle addresses to release",
        "A released address may be somebody else's a minute later: look for it in DNS and firewalls first.",
        reversible=False,
        rank=0,
    ),
}
UNKNOWN = About("Others", "How it is undone is not known here.", reversible=False, rank=0)
"""A kind of a later version, or of another tool: two people look at it."""


class Saving(Protocol):
    """A recommendation, as far as totals are concerned."""

    @property
    def resource_id(self) -> object:
        """Which resource: alike for the same one."""

    @property
    def recommendation_type(self) -> str:
        """Which kind."""

    @property
    def potential_savings(self) -> Decimal:
        """A month, in `currency`."""

    @property
    def currency(self) -> str:
        """ISO 4217."""


def about(kind: str) -> About:
    """Tell of a kind; one that is not known is not reversible."""
    return KINDS[RecommendationType(kind)] if kind in list(RecommendationType) else UNKNOWN


def find(words: str) -> RecommendationType:
    """Return the kind that a person means: `stop_idle_machine`, `idle machines`, `disks`. Raises UnknownWordError."""
    wanted = words.lower().replace("_", " ").replace("-", " ").split()
    for kind in RecommendationType:
        known = f"{kind} {KINDS[kind].many}".lower().replace("_", " ").split()
        if wanted and all(any(word.rstrip("s") == one.rstrip("s") for one in known) for word in wanted):
            return kind
    close = difflib.get_close_matches("_".join(wanted), list(RecommendationType), n=1)
    raise UnknownWordError(words[:60], close[0] if close else None, "recommendations idle machines page 2")


def totals(rows: Iterable[Saving]) -> list[Money]:
    """Add up what could be saved a month, each currency by itself: one resource counts once, by what beats the rest.

    A resource that is billed in two currencies counts once in each.
    """
    best: dict[tuple[object, str], Saving] = {}
    for row in rows:
        key = (row.resource_id, row.currency)
        best[key] = min(best.get(key, row), row, key=_order)
    currencies = dict.fromkeys(currency for _, currency in best)
    return [
        Money(total(row.potential_savings for (_, currency), row in best.items() if currency == one), one)
        for one in currencies
    ]


def _order(row: Saving) -> tuple[int, Decimal]:
    return about(row.recommendation_type).rank, -row.potential_savings
