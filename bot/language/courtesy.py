"""Words beside a question that say nothing: hello and thanks, names where values stand, and list before names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from bot.language.question import Kind
from bot.language.typed import Typed, typed
from bot.language.vocabulary import GREETINGS

_LISTED = re.compile(r"(?:[=:]|\([^()]*|\b(?:in|is|and))\s*\Z", re.IGNORECASE)
"""What ends before a value: an operator, `in`, `is`, `and`, a bracket that is still open."""
_NAMED = (["DIM"], ["TAG"], ["KIND"])


def is_courtesy(one: Typed) -> bool:
    """Whether a token is hello or thanks, and no value that is called so."""
    return one.type == "KIND" and " ".join(one.raw.casefold().split()) in GREETINGS


def listed(one: Typed, before: str, found: Sequence[Typed]) -> Typed:
    """Take hello or thanks for a name where `before` it the text begins a value, or has others of its list."""
    begun = any(not is_courtesy(other) for other in found)
    return typed("WORD", one.raw, one.raw) if begun and is_courtesy(one) and _LISTED.search(before) else one


def alone(found: Sequence[Typed]) -> list[Typed]:
    """Leave out hello before a question, and thanks before or after it; alone each is one, once.

    Between other words, or hello after them, each is a name.
    """
    opening = len(list(takewhile(is_courtesy, found)))
    if opening == len(found):
        return list(found[:1])
    closing = len(list(takewhile(_is_thanks, reversed(found))))
    kept = found[opening : len(found) - closing]
    return [typed("WORD", one.raw, one.raw) if is_courtesy(one) else one for one in kept]


def _is_thanks(one: Typed) -> bool:
    return is_courtesy(one) and one.token.value is Kind.THANKS


def unlisted(found: list[Typed]) -> list[Typed]:
    """Leave out `list` that begins a question by names, as in list teams: nobody thinks of list prices there."""
    kinds = [one.type for one in found[:5]]
    place = 3 if kinds[1:3] == ["TOP", "NUMBER"] else 1
    filtered = kinds[place + 1 : place + 2] in (["EQ"], ["WORD"])
    listing = bool(found) and found[0].raw.casefold() == "list" and kinds[place : place + 1] in _NAMED and not filtered
    return found[1:] if listing else found
