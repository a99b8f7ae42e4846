"""What people say of an event, once they know."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Whether an event was one."""

    EXPECTED = "expected"
    """Nobody is surprised who knows what was done: a false alarm."""
    REAL = "real"
    FIXED = "fixed"
    """It was real, and what caused it is gone."""
