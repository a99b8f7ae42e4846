"""What a manifest tells of a file, beside what the file holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a file without reading it. What nobody told is None."""

    made: datetime | None = None
    """When its provider made this version."""
    kind: str | None = None
    """What it lists, in the provider's own word: Azure's `ActualCost` and `AmortizedCost`."""
    rows: int | None = None
    run: str | None = None
    """By which manifest: files of one run are parts of one bill."""


NOTHING = Told()
