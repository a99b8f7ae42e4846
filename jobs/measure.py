"""Holds what was carried out against the bill, 7, 14 and 30 days on; what cannot be said yet is tried again daily."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from finops.recommendations.measuring import Unmeasured
from storage import measuring
from storage.database import transaction


def run(at: str | None = None) -> dict[str, Any]:
    """Measure what is due; `at` is now, in ISO format, unless it is given. Each result is written down by itself."""
    moment = datetime.fromisoformat(at) if at else datetime.now(UTC)
    with transaction() as session:
        due = measuring.due(session, today=moment.astimezone(UTC).date())
        found = measuring.look(session, due)
    counts: Counter[str] = Counter(due=len(due))
    for one, result in zip(due, found, strict=True):
        with transaction() as session:
            new = measuring.note(session, one, result, at=moment)
        counts["waiting" if isinstance(result, Unmeasured) else "measured"] += 1
        counts["news"] += new
    return {name: counts[name] for name in ("due", "measured", "waiting", "news")}
