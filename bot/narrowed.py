"""What an answer was narrowed down to, as people say it: team payments, AWS, env prod or test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.language.question import word
from finops.allocation import TAG, UNALLOCATED
from finops.focus import Dimension
from finops.shown_names import recognizable
from finops.tables import PROVIDERS, missing

NAME = 60
"""Characters of a name, enough for all that bills call services: the figures stand after it."""
VALUES, FILTERS = 2, 3
"""Values of a filter, and filters, that are named; the others are counted."""
PLAIN_ENOUGH = frozenset({Dimension.PROVIDER.value, Dimension.SERVICE.value, Dimension.REGION.value})
"""Nobody takes their names for anything else."""


def told(where: Mapping[str, Sequence[str]], called: Mapping[str, str]) -> str:
    """Say whose costs they are, nothing where they are everybody's; `called` names accounts.

    The names in it are foreign, on one line: whoever draws them escapes them.
    """
    terms = [_term(name, values, called) for name, values in where.items() if values]
    left = len(terms) - FILTERS
    if left > 0:
        terms = [*terms[:FILTERS], f"{left} more filter{'s' if left > 1 else ''}"]
    said = ", ".join(terms)
    return said[:1].upper() + said[1:] if where and next(iter(where)) not in PLAIN_ENOUGH else said


def _term(name: str, values: Sequence[str], called: Mapping[str, str]) -> str:
    if all(value in ("", UNALLOCATED) for value in values):
        return missing(name)
    said = _either([_value(name, value, called) for value in values])
    return said if name in PLAIN_ENOUGH else f"{_word(name)} {said}"


def _word(name: str) -> str:
    return recognizable(name.removeprefix(TAG), NAME) if name.startswith(TAG) else word(name)


def _value(name: str, value: str, called: Mapping[str, str]) -> str:
    if value in ("", UNALLOCATED):
        return "none"
    if name == Dimension.PROVIDER:
        return PROVIDERS.get(value, recognizable(value, NAME))
    return recognizable(called.get(value, value) if name == Dimension.SUB_ACCOUNT else value, NAME)


def _either(values: Sequence[str]) -> str:
    """Write a or b; of many the first ones, and how many others."""
    if len(values) <= VALUES:
        return " or ".join(values)
    return f"{', '.join(values[:VALUES])} or {len(values) - VALUES} more"
