"""How long: `30m`, `4h`, `2d`, as people write it, and back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
NAMES = {"m": "minute", "h": "hour", "d": "day"}
LONGEST = timedelta(days=90)
_WRITTEN = re.compile(r"([1-9]\d{0,4}) ?([mhd])")


def read(given: object) -> timedelta:
    """Read a duration. Raises ValueError with what was expected."""
    if isinstance(given, timedelta):
        found = given
    elif isinstance(given, str) and (matched := _WRITTEN.fullmatch(given.strip().lower())):
        found = int(matched[1]) * UNITS[matched[2]]
    else:
        found = timedelta(0)
    if not timedelta(0) < found <= LONGEST or found % UNITS["m"]:
        message = f"write how long as 30m, 4h or 2d, {LONGEST.days}d at most"
        raise ValueError(message)
    return found


def written(length: timedelta) -> str:
    """Write a duration in the largest unit that tells it exactly."""
    unit = next(unit for unit in ("d", "h", "m") if not length % UNITS[unit])
    return f"{length // UNITS[unit]}{unit}"


def told(length: timedelta) -> str:
    """Tell a duration in words: 4 hours."""
    short = written(length)
    count, unit = int(short[:-1]), NAMES[short[-1]]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


Duration = Annotated[timedelta, BeforeValidator(read), PlainSerializer(written, return_type=str)]
"""A field that is written `4h`."""
