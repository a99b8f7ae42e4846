"""What is wrong with a value that somebody wrote, in plain words: pydantic's own are for programmers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

_WORDS: Mapping[str, str] = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such field",
    "greater_than": "it has to be more than {gt}",
    "greater_than_equal": "it has to be {ge} or more",
    "less_than": "it has to be less than {lt}",
    "less_than_equal": "it has to be {le} or less",
    "finite_number": "it has to be a number that one can count to",
    "enum": "it is one of {expected}",
    "literal_error": "it is one of {expected}",
    "string_too_short": "it is empty",
    "string_too_long": "it is too long: {max_length} characters at most",
    "string_pattern_mismatch": "it is not written as it has to be",
    "string_type": "it has to be a text, in quotation marks",
    "dict_type": "it has to be names with values, as {{name: value}}",
    "model_type": "it has to be names with values, as {{name: value}}",
    "model_attributes_type": "it has to be names with values, as {{name: value}}",
    "list_type": "it has to be a list, as [one, other]",
    "tuple_type": "it has to be a list, as [one, other]",
}
_KINDS: Mapping[str, str] = {
    "decimal": "a number such as 12.50",
    "float": "a number such as 12.5",
    "int": "a whole number",
    "bool": "true or false",
    "date": "a day such as 2026-11-23",
    "datetime": "a day and an hour such as 2026-11-23T09:00:00Z",
    "timezone": "a day and an hour with a time zone, such as 2026-11-23T09:00:00Z",
    "time": "a time of day such as 22:00",
    "url": "an address such as https://example.com",
}
"""By how the type of the error begins."""
_FIELDS: Mapping[str, str] = {"currency": "it has to be three capital letters such as USD"}
"""What a pattern asks for, by the field's name."""


def told(problem: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says, without its words and without a full stop."""
    kind, given = str(problem["type"]), problem.get("ctx") or {}
    if kind in {"value_error", "assertion_error"}:  # our own words
        return str(problem["msg"]).partition(", ")[2] or str(problem["msg"])
    field = str(problem["loc"][-1]) if problem.get("loc") else ""
    if kind == "string_pattern_mismatch" and field in _FIELDS:
        return _FIELDS[field]
    if kind in _WORDS:
        return _WORDS[kind].format_map(given)
    expected = next((words for begins, words in _KINDS.items() if kind.startswith(f"{begins}_")), None)
    return f"it has to be {expected}" if expected else "it cannot be read"


def first(error: ValidationError, names: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return where the first of what is wrong stands (`quiet.from`, or what `names` calls it), and what it is."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return (names or {}).get(place, place), told(dict(problem))
