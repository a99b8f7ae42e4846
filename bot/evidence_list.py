"""The list of evidence pages: each with what it was asked, so that two of one notebook can be told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from finops.foreign import plain, shortened
from finops.periods import Period
from finops.tables import days, heading, missing

LONGEST = 120
"""Characters of what was asked: filters may be of any length."""
Given = Mapping[str, Any]


def asked(given: Given) -> str:
    """Say what a notebook was asked, from its parameters: 1-26 Nov 2026, by service, USD. Foreign text stays text."""
    words = (*_days(given), *_whose(given.get("scope")), *_by(given), *_narrowed(given))
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
        yield "by " + " and ".join(heading(word) if word == "sku_id" else heading(word).lower() for word in words)


def _narrowed(given: Given) -> Iterator[str]:
    where = given.get("where")
    for filtered in where if isinstance(where, list) else ():
        word, _, value = str(filtered).partition("=")
        yield f"{heading(word).lower()} is {value}" if value else missing(word)


def _whose(scope: Any) -> Iterator[str]:  # noqa: ANN401  whatever a person gave
    """Name the costs that an anomaly is of."""
    try:
        told = json.loads(scope or "{}")
    except (ValueError, TypeError, RecursionError):
        told = scope
    parts = [str(value) for word, value in told.items() if word != "of" and value] if isinstance(told, dict) else [told]
    if parts:
        yield " · ".join(map(str, parts))


def _of(given: Given, name: str) -> Iterator[str]:
    if value := given.get(name):
        yield str(value)
