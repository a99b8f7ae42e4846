"""The list of evidence pages: each with what it was asked, so that two of one notebook can be told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from finops.anomalies.scopes import EMPTY, Scope
from finops.errors import BadSettingError
from finops.focus import Dimension
from finops.foreign import plain, shortened
from finops.periods import Period
from finops.tables import PROVIDERS, days, heading, missing

LONGEST = 120
"""Characters of what was asked: filters may be of any length."""
Given = Mapping[str, Any]


def asked(given: Given, called: Mapping[str, str] = EMPTY) -> str:
    """Say what a notebook was asked, from its parameters: 1-26 Nov 2026, by service, USD. Foreign text stays text.

    `called` has the names of accounts by their ids.
    """
    words = (*_days(given), *_whose(given.get("scope"), called), *_by(given), *_narrowed(given, called))
    return shortened(plain(", ".join([*words, *_of(given, "currency")])), LONGEST)


def _days(given: Given) -> Iterator[str]:
    start, end = (given.get("start") or given.get("first")), given.get("end")
    if start and end:
        yield _span(str(start), str(end))
    if ahead := given.get("days"):
        yield f"{ahead} day{'' if ahead == 1 else 's'} ahead"
    if week := given.get("week"):
        yield f"week of {_span(str(week), str(week))}"
    yield from _of(given, "month")


def _span(start: str, end: str) -> str:
    try:
        return days(Period(date.fromisoformat(start), date.fromisoformat(end)))
    except (ValueError, OverflowError):  # no days at all: the notebook refused them, and its page says so
        return start if start == end else f"{start} to {end}"


def _by(given: Given) -> Iterator[str]:
    words: Sequence[str] = [str(given[name]) for name in ("by", "group_by", "then_by") if given.get(name)]
    if words:
        yield "by " + " and ".join(map(_word, words))


def _word(name: str) -> str:
    """Return what people call it: bills say sub account."""
    if name == Dimension.SUB_ACCOUNT:
        return "account"
    return heading(name) if name == "sku_id" else heading(name).lower()


def _named(name: str, value: str, called: Mapping[str, str]) -> str:
    """Return a value as it is told elsewhere: an account by its name, a provider as people say it."""
    if name == Dimension.PROVIDER:
        return PROVIDERS.get(value, value)
    return called.get(value, value) if name == Dimension.SUB_ACCOUNT else value


def _narrowed(given: Given, called: Mapping[str, str]) -> Iterator[str]:
    where = given.get("where")
    for filtered in where if isinstance(where, list) else ():
        name, _, value = str(filtered).partition("=")
        yield f"{_word(name)} is {_named(name, value, called)}" if value else missing(name)


def _whose(scope: Any, called: Mapping[str, str]) -> Iterator[str]:  # noqa: ANN401  whatever a person gave
    """Name the costs that an anomaly is of, as its message does."""
    if scope:
        with suppress(BadSettingError):
            yield Scope.read(str(scope)).name(called)
            return
    try:
        told = json.loads(scope or "{}")
    except (ValueError, TypeError, RecursionError):
        told = scope
    named = {name: value for name, value in told.items() if name != "of" and value} if isinstance(told, dict) else None
    parts = [told] if named is None else [_named(name, str(value), called) for name, value in named.items()]
    if parts:
        yield " · ".join(map(str, parts))


def _of(given: Given, name: str) -> Iterator[str]:
    if value := given.get(name):
        yield str(value)
