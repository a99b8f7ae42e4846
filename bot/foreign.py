"""Names that others gave to things: what in them would change the line they stand on is left out."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""A terminal obeys them."""
_TURNS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""They turn the direction of what follows: an amount, or a command that is about to be copied."""


def plain(text: str) -> str:
    """Return a name on one line, without control characters and changes of direction."""
    return " ".join(_CONTROLS.sub(" ", _TURNS.sub("", text)).split())


def middle(text: str, limit: int) -> str:
    """Shorten a name in its middle: what tells it from its neighbours often stands at its end."""
    head = limit // 3
    return text if len(text) <= limit else f"{text[:head]}…{text[head + 1 - limit :]}"
