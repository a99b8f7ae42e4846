"""Filters as the ledger spells them: people write AWS and ec2, bills write aws and Amazon Elastic Compute Cloud."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from sqlalchemy.orm import Session

from bot.questions import CostQuestion
from finops.allocation import UNALLOCATED
from finops.errors import UnknownWordError
from finops.focus import DIMENSIONS, Dimension
from finops.tables import missing
from storage import accounts, allotted, charges

NONE = ("untagged", "none", "(none)")
"""What people write for a missing value, beside how it is shown."""


def named(session: Session, question: CostQuestion) -> CostQuestion:
    """Return the question with accounts by their numbers, where a person wrote a name; several may share one."""
    word = Dimension.SUB_ACCOUNT.value
    if word not in question.where:
        return question
    known = accounts.ids(session)
    found = [one for value in question.where[word] for one in known.get(value.casefold(), (value,))]
    return question.model_copy(update={"where": {**question.where, word: tuple(dict.fromkeys(found))}})


def spelt(session: Session, question: CostQuestion, currency: str) -> CostQuestion:
    """Return the question with each value of its filters as the ledger has it. Raises UnknownWordError."""
    span = charges.spans(session)
    if span is None:
        return question
    where = {}
    for name, values in question.where.items():
        sums = allotted.sums(session, period=span, currency=currency, group_by=(name,))
        known = {one.key[name] or "" for one in (*sums, *accounts.called(session, sums))}
        known |= {""} if UNALLOCATED in known else set()  # "untagged" asks for it, too
        where[name] = tuple(_spelt(value, known, name) for value in values)
    return question.model_copy(update={"where": where})


def _spelt(value: str, known: Collection[str], name: str) -> str:
    alike = {one.casefold(): one for one in sorted(known)}
    wanted = value.casefold()
    if wanted not in alike and wanted in (missing(name).casefold(), *NONE):
        wanted = ""
    if wanted in alike:
        return alike[wanted]
    close = [key for key in alike if wanted in key] or difflib.get_close_matches(wanted, alike, n=1, cutoff=0.5)
    closest = alike[close[0]] if close else None
    some = closest or next((one for one in sorted(known) if one), missing(name))
    raise UnknownWordError(value[:60], closest, f'where {_word(name)}="{some}"')


def _word(name: str) -> str:
    return next((word for word, known in DIMENSIONS.items() if known == name), name)
