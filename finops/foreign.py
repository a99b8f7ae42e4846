"""Names that others gave to things: what in them would change the line they stand on is shown, or left out."""

from __future__ import annotations

import re
from functools import lru_cache

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""A terminal obeys the first; half a letter, the last, can be written to no file."""
_TURNS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""They turn the direction of what follows: an amount, or a command that is about to be copied."""


def visible(text: str) -> str:
    """Show what turns the direction of a text by its number, as in [U+202E]: left out, two names would look alike."""
    return _TURNS.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def harmless(text: str) -> str:
    """Return a text of any number of lines without control characters, changes of direction made `visible`."""
    return "\n".join(_CONTROLS.sub(" ", line) for line in visible(text).split("\n"))


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Return a name on one line, without control characters, and with changes of direction made `visible`.

    The same names come again with every question, thousands at a time, so it remembers the last of them.
    """
    return " ".join(_CONTROLS.sub(" ", visible(text)).split())


def middle(text: str, limit: int) -> str:
    """Shorten a name in its middle: what tells it from its neighbours often stands at its end."""
    head = limit // 3
    return text if len(text) <= limit else f"{text[:head]}…{text[head + 1 - limit :]}"


def shortened(text: str, limit: int) -> str:
    """Shorten `plain` text in its middle as well, but keep more of its beginning: services are told apart there."""
    words = plain(text)
    tail = (limit - 1) // 3
    return words if len(words) <= limit else f"{words[: limit - 1 - tail].rstrip()}…{words[-tail:].lstrip()}"


def worded(text: str, limit: int) -> str:
    """Shorten `plain` text between its words, so that as much of both its ends stays as there is room for.

    One of words that are too long for that is `shortened`.
    """
    words = plain(text).split(" ")
    whole = " ".join(words)
    tail = 2 if len(words) > 3 else 1  # noqa: PLR2004  of "EC2 in prod, AWS" the last word tells least
    cuts = ((first, last) for last in range(tail, len(words)) for first in range(len(words) - last - 1, 0, -1))
    short = (f"{' '.join(words[:first]).rstrip(',')} … {' '.join(words[-last:])}" for first, last in cuts)
    fitting = max((one for one in short if len(one) <= limit), key=len, default="")
    return whole if len(whole) <= limit else fitting or shortened(text, limit)
