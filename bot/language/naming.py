"""Values and names where they stand in a text: bare, in quotation marks, or known, whatever else they mean."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.language.quoting import unescaped

VALUE = re.compile(
    r"""\s*(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|“(?P<curly>[^”]*)”|«(?P<french>[^»]*)»
    |(?P<bare>[^\s,"“]+(?:,(?!\s)[^\s,="]+(?=[\s,]|$))*))""",
    re.VERBOSE | re.DOTALL,
)
ENDS = "?!."
"""What ends a sentence, and no value."""


def known(text: str, place: int, names: Collection[str]) -> tuple[str, int] | None:
    """Return the longest of the names that a text says there, and where it ends."""
    for name in sorted(names, key=len, reverse=True):
        spelt = r"\s+".join(map(re.escape, name.split()))
        if spelt and (found := re.compile(rf"\s*{spelt}[?!.]*(?=[\s,]|\Z)", re.IGNORECASE).match(text, place)):
            return name, found.end()
    return None


def bare_or_quoted(text: str, place: int) -> re.Match[str] | None:
    """Return what may be a name: no filter, amount or person."""
    found = VALUE.match(text, place)
    bare = found["bare"] if found else None
    if not bare:
        return found
    return None if "=" in bare or bare.startswith("tag:") or re.match(r"[#@<>=?!.$€£]", bare) else found


def values(matched: re.Match[str]) -> tuple[str, ...]:
    """Return what a value says, without its quotation marks; several that are divided by commas."""
    if matched["double"] is not None:
        return (unescaped(matched["double"]),)
    if matched["bare"] is not None:
        return tuple(matched["bare"].rstrip(ENDS).split(","))
    return (next(text for text in matched.group("single", "curly", "french") if text is not None),)
