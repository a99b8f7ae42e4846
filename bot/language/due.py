"""The words of when a digest goes out: at 7, at 19:00, 8 am; on fridays."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.language.onething import OneThingError
from bot.language.question import Kind
from bot.language.typed import Typed, typed
from finops.digests import WEEKDAYS

EXAMPLE = "subscribe daily at 7"
HOURS, NOON = 24, 12
_CLOCK = re.compile(
    r"""(?:at\s+(?P<at>\d{1,2})(?::(?P<at_minute>\d\d))?|(?P<plain>\d{1,2}):(?P<minute>\d\d)|(?P<half>\d{1,2})(?=\s?[ap]m))
    (?:\s?(?P<day>[ap])m|\s+o'?clock|\s?h)?(?![\w:%]|[.,-]\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLURALS = {f"{name}s".casefold(): number for number, name in enumerate(WEEKDAYS)}
_DATED = frozenset({"LAST", "SINCE", "FROM", "TO"})
"""Before these a weekday is one day, and not every week's."""


def clock(text: str, place: int) -> tuple[Typed, int] | None:
    """Return the hour that a text says there, and where it ends; its value is hour and minute as they were typed."""
    found = _CLOCK.match(text, place)
    if found is None:
        return None
    hour = int(found["at"] or found["plain"] or found["half"])
    minute = int(found["at_minute"] or found["minute"] or 0)
    if found["day"] and 1 <= hour <= NOON:
        hour = hour % NOON + (NOON if found["day"].casefold() == "p" else 0)
    elif found["day"]:
        hour = HOURS
    return typed("CLOCK", (hour, minute), found[0]), found.end()


def full(hour: int, minute: int) -> int:
    """Return an hour of the day. Raises OneThingError for what is none."""
    if hour >= HOURS or minute:
        message = f"A digest goes out at a full hour of the day, from 0:00 to 23:00. For example: {EXAMPLE}"
        raise OneThingError(message)
    return hour


def weekly(found: Sequence[Typed]) -> list[Typed]:
    """Have weekdays mean every week's where a digest is subscribed to; elsewhere they are days of the past."""
    if not any(one.token.value is Kind.SUBSCRIBE for one in found):
        return list(found)
    kept: list[Typed] = []
    for one in found:
        before = kept[-1] if kept else None
        number = one.token.value if one.type == "WEEKDAY" else _plural(one)
        if not isinstance(number, int) or (before and before.type in _DATED):
            kept.append(one)
            continue
        if before and before.raw.casefold() == "every":
            kept.pop()
        kept.append(typed("EACH", number, one.raw))
    return kept


def _plural(one: Typed) -> int | None:
    """Return the weekday of `fridays`; a value that is called so is none."""
    return _PLURALS.get(one.raw.casefold()) if one.type == "WORD" else None
