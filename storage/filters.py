"""Filters as the ledger spells them: people write AWS and ec2, bills write aws and Amazon Elastic Compute Cloud."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from finops import service_names
from finops.allocation import UNALLOCATED
from finops.errors import UnknownWordError
from finops.focus import DIMENSIONS, Dimension
from finops.tables import missing
from storage import accounts, allotted, charges
from storage.charges import CostSum

NONE = ("untagged", "none", "(none)")
"""What people write for a missing value, beside how it is shown."""
LONG = 5
"""A word of so many letters says something inside of another one, too."""
LIKE = 0.6
"""How alike what is offered has to be (`difflib`'s ratio)."""
Where = Mapping[str, Sequence[str]]


def named(session: Session, where: Where) -> dict[str, tuple[str, ...]]:
    """Return filters with accounts by their numbers, where a person wrote a name; several may share one."""
    found = {word: tuple(values) for word, values in where.items()}
    word = Dimension.SUB_ACCOUNT.value
    if word in found:
        known = accounts.ids(session)
        meant = [one for value in found[word] for one in known.get(value.casefold(), (value,))]
        found[word] = tuple(dict.fromkeys(meant))
    return found


def spelt(session: Session, where: Where, currency: str) -> dict[str, tuple[str, ...]]:
    """Return filters with each value as the ledger has it. Raises UnknownWordError."""
    span = charges.spans(session)
    found = {word: tuple(values) for word, values in where.items()}
    for name, values in found.items() if span else ():
        sums = allotted.sums(session, period=span, currency=currency, group_by=(name,)) if span else []
        called = _called(sums, accounts.called(session, sums), name)
        known = {*called, *called.values()}
        known |= {""} if UNALLOCATED in known else set()  # "untagged" asks for it, too
        found[name] = tuple(dict.fromkeys(one for value in values for one in _spelt(value, known, name, called)))
    return found


def _called(sums: Sequence[CostSum], shown: Sequence[CostSum], name: str) -> dict[str, str]:
    """Return how people read each value, the dearest first."""
    return {one.key[name] or "": other.key[name] or "" for one, other in zip(sums, shown, strict=True)}


def _spelt(value: str, known: Collection[str], name: str, called: Mapping[str, str]) -> tuple[str, ...]:
    alike = {one.casefold(): one for one in sorted(known)}
    wanted = value.casefold()
    if wanted not in alike and wanted in (missing(name).casefold(), *NONE):
        wanted = ""
    if wanted in alike:
        return (alike[wanted],)
    if name == Dimension.SERVICE and (meant := service_names.called(value, known)):
        return meant
    close = _closest(wanted, alike, [*called] if name == Dimension.SERVICE else [])
    closest = called.get(close, close) if close else None
    named = (told for one, told in called.items() if told != one)  # nobody knows an account by its number
    some = closest or next(named, None) or next((one for one in sorted(known) if one), missing(name))
    raise UnknownWordError(value[:60], closest, f'where {_word(name)}="{some}"')


def _closest(wanted: str, alike: Mapping[str, str], services: Sequence[str]) -> str | None:
    """Return the value that is most like a word: one with a word that begins so, a service called nearly so.

    Nothing is like an empty one, which is how a missing value is asked for.
    """
    if not wanted:
        return None
    within = re.escape(wanted) if len(wanted) >= LONG else rf"(?<![a-z0-9]){re.escape(wanted)}"
    found = next((one for key, one in alike.items() if re.search(within, key)), None)
    found = found or service_names.nearly(wanted, services)
    return found or next((alike[key] for key in difflib.get_close_matches(wanted, alike, n=1, cutoff=LIKE)), None)


def _word(name: str) -> str:
    return next((word for word, known in DIMENSIONS.items() if known == name), name)
