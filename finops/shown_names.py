"""Names that are too long for their place, cut so that a person knows them again."""

from __future__ import annotations

import re
from collections.abc import Callable

from finops.foreign import plain

Size = Callable[[str], int]
"""What a text takes: letters, or cells of which some letters take two."""
_VENDOR = re.compile(
    r"(?i:amazon|aws|microsoft azure|microsoft|azure|google cloud|google(?! cloud$))\s+(?=\S)"
    r"|(?:Amazon|AWS)(?=[A-Z][A-Za-z])"
)
_PATH = re.compile(r"arn:\S+|(?:https?:)?/\S*|[^\s/]+(?:/[^\s/]+){2,}")
_PARTS = re.compile(r"[/:]+")
_LAST = re.compile(r"(?:[^/:]+[/:]+)?([^/:]+)[/:]*\Z")
_LOOSE = " ,;:-–(·"  # noqa: RUF001  the dashes that stand between words
"""What no name ends with that goes on."""
FEW, ROOMY = 10, 40
"""With fewer letters both ends of a word are too short to be known again; with so many a name keeps its last word."""


def own(text: str) -> str:
    """Return a service's name without its vendor: bills write Amazon before half of them."""
    return _VENDOR.sub("", text, count=1) if _VENDOR.match(text) else text


def path(text: str) -> list[str]:
    """Return the parts of a resource's path, or of an ARN; nothing for another name."""
    return _PARTS.split(text.strip("/:")) if _PATH.fullmatch(text) else []


def recognizable(text: str, limit: int, size: Size = len) -> str:
    """Shorten a `plain` name: its vendor goes first, then what follows its first words; of a path the last part stays.

    A name of one long word is cut in its middle: what tells it from its neighbours often stands at its end.
    """
    whole = plain(text)
    if size(whole) <= limit:
        return whole
    if path(whole) and (found := _LAST.search(whole)):
        return next((one for one in (found[0], found[1]) if size(one) <= limit), "") or inner(found[1], limit, size)
    name = own(whole)
    if size(name) <= limit:
        return name
    if " " in name:
        return last_word(name, limit, size) if limit >= ROOMY else between_words(name, limit, size)
    return between_words(name, limit, size) if limit < FEW else inner(name, limit, size)


def between_words(text: str, limit: int, size: Size = len) -> str:
    """Cut the end of a name, between two words unless that would leave a third of the room empty."""
    whole = begun(text, limit - 1, size)
    if not text[len(whole) :].startswith(" ") and " " in whole:
        words = whole.rpartition(" ")[0].rstrip(_LOOSE)
        whole = words if (size(words) + 1) * 3 >= limit * 2 else whole
    return f"{whole.rstrip(_LOOSE) or whole}…"


def last_word(text: str, limit: int, size: Size = len) -> str:
    """Keep the beginning and the last word of a name, which loses some letters where it leaves no beginning."""
    last = text.rpartition(" ")[2]
    return inner(text, limit, size, max(limit - 1 - size(last), limit // 2))


def inner(text: str, limit: int, size: Size = len, head: int | None = None) -> str:
    """Cut the middle of a name; its beginning keeps `head` of the room, by default two thirds."""
    first = (limit - 1) * 2 // 3 if head is None else head
    start = begun(text, first, size)
    end = begun(text[::-1], limit - 1 - size(start), size)[::-1]
    return f"{start.rstrip()}…{end.lstrip()}"


def begun(text: str, limit: int, size: Size = len) -> str:
    """Return as much of a text's beginning as there is room for."""
    end = min(len(text), max(limit, 0))
    while end and size(text[:end]) > limit:
        end -= 1
    return text[:end]
