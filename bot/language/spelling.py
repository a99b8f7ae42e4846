"""How alike words are: what a misspelt one is read as, and what it is only offered as."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from bot.language.vocabulary import Meaning

SURE, PERHAPS = 0.8, 0.7
"""How alike a word has to be to be read as another one, and to be offered as it (`difflib`'s ratio)."""
SHORT = 4
"""A word of fewer letters is like too many others; one of as many is offered another, never read as it."""
TURNS = frozenset({"DIM", "UNIT", "MONTH", "WEEKDAY", "TODAY", "TO_DATE"})
"""What makes another question of it, of other days or by other names: read as one of these is a single slip only."""
EACH = 3
"""One slip in so many letters is plausible; with more it is another word."""


def alike(raw: str, accepts: frozenset[str], words: Mapping[str, Meaning]) -> str | None:
    """Return the word that a misspelt one is most like, of those that may stand there."""
    word = raw.casefold()
    if len(word) < SHORT or len(word) > max(map(len, words)):
        return None
    long = {known: kind for known, (kind, _) in words.items() if len(known) >= SHORT - 1 and known != word}
    there = [known for known, kind in long.items() if kind in accepts]
    close = difflib.get_close_matches(word, there, n=3, cutoff=PERHAPS)
    return next((known for known in close if _near(word, known)), None)


def is_sure(raw: str, known: str, kind: str) -> bool:
    """Whether a word is so clearly another one, which is a `kind`, that it is read as that and not only offered."""
    word = raw.casefold()
    if len(word) <= SHORT or difflib.SequenceMatcher(None, word, known).ratio() < SURE:
        return False
    return kind not in TURNS or min(slips(word, known), slips(word.removesuffix("s"), known)) <= 1


def slips(one: str, other: str) -> int:
    """Return how many letters were left out, added, mistaken or swapped with the next one."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            found = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                found = min(found, before[column - 2] + 1)
            now.append(found)
        before, last = last, now
    return last[-1]


def _near(word: str, known: str) -> bool:
    """Whether it may be a slip, or an abbreviation: srvc has the letters of service in their order."""
    letters = iter(known)
    shortened = word[0] == known[0] and all(letter in letters for letter in word)
    return shortened or slips(word, known) <= max(1, len(word) // EACH)
