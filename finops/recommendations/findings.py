"""What the rules look at and what they find, as values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from finops.money import EXACT, Money, total


class RecommendationType(StrEnum):
    """What is recommended."""

    STOP_IDLE_MACHINE = "stop_idle_machine"
    RIGHTSIZE_MACHINE = "rightsize_machine"
    DELETE_UNATTACHED_DISK = "delete_unattached_disk"
    RELEASE_IDLE_ADDRESS = "release_idle_address"


# A savings plan follows the spend, a reservation is bound to one kind of machine.
FLEXIBLE = ("savingsplan", "microsoft.billingbenefits")


@dataclass(frozen=True, slots=True)
class RecentCost:
    """What one resource cost over the last 30 days, and how much of that a commitment covered."""

    currency: str
    effective: Decimal
    covered: Mapping[str, Decimal] = field(default_factory=dict)
    """Effective cost by the id of the commitment that covered it."""
    timed: Decimal | None = None
    """The part of `effective` that is priced by the hour; the rest is what passed through it. None: not known."""

    @property
    def uncovered(self) -> Decimal:
        """What was paid at the price without commitment."""
        return EXACT.subtract(self.effective, total(self.covered.values()))

    @property
    def flexible(self) -> Decimal:
        """The part covered by commitments that move to other machines when this one stops."""
        return total(cost for name, cost in self.covered.items() if any(word in name.lower() for word in FLEXIBLE))

    @property
    def bound(self) -> Decimal:
        """The part covered by commitments that are paid whether or not this machine runs."""
        return EXACT.subtract(total(self.covered.values()), self.flexible)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that could be saved, with everything a person needs to judge it."""

    resource_id: uuid.UUID
    """`Resource.key`, not the provider's id."""
    provider: str
    recommendation_type: RecommendationType
    title: str
    reason: str
    monthly_saving: Money
    confidence: float
    details: dict[str, Any]
    """JSON-able: `resource`, `owner`, `team`, `command`, `undo`, `console_url`, `evidence`."""
