"""Cloud resources and how much they are used, as values."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


def resource_key(provider: str, resource_id: str) -> uuid.UUID:
    """Return the same identity for the same resource, whether a bill or an inventory named it.

    Providers differ in letter case between their bills and their interfaces, so case does not count.
    """
    text = f"{provider}/{resource_id}".lower().encode()
    return uuid.UUID(bytes=hashlib.md5(text, usedforsecurity=False).digest())


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that a cloud runs or keeps, as its inventory described it."""

    provider: str
    resource_id: str
    resource_type: str
    """Provider-neutral: `machine`, `disk`, `address`, `snapshot`, `load_balancer`, `database`, `bucket`."""
    name: str
    region: str
    sub_account_id: str
    state: str
    """Provider-neutral: `running`, `stopped`, `attached`, `unattached`."""
    size: str
    """The provider's word: `m5.large`, `Standard_D4s_v5`, `100 GiB gp3`."""
    created_at: datetime
    attached_to: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> uuid.UUID:
        """Its identity here."""
        return resource_key(self.provider, self.resource_id)


@dataclass(frozen=True, slots=True)
class DailyUtilization:
    """How much of one metric a resource used in one day. CPU is a ratio: 0.05 is 5 %."""

    resource_id: str
    metric: str
    """`cpu` (ratio), `network` (bytes a day), `disk` (bytes a day)."""
    day: date
    minimum: float
    mean: float
    p95: float
    maximum: float
    samples: int
    p50: float | None = None
    """Percentiles beside P95 are empty for days that were summed up before they were kept."""
    p99: float | None = None
    p995: float | None = None
    hours: tuple[float | None, ...] = ()
    """Means of its 24 hours of UTC where samples were finer than a day; they end in a profile of the week, see
    `finops.utilization`, and are not kept by the day."""
