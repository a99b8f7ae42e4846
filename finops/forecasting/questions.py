"""What a forecast is asked for: parts, filters, currency and metric. Models are kept a question each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finops.errors import BadSettingError
from finops.results import Result
from finops.tables import heading, missing

EMPTY: Mapping[str, Sequence[str]] = {}


class Question(Result):
    """Which charges are forecast, and in which parts."""

    by: str | None
    """A dimension, `tag:KEY`, or the name of a list of allocation rules; None for the whole alone."""
    where: dict[str, list[str]]
    """Dimensions or tags, each with the values that are meant; an empty text for charges that lack it."""
    currency: str
    metric: str

    def written(self) -> str:
        """Return it as JSON, the same text for the same question: it serves as its key."""
        ordered = {word: sorted(values) for word, values in sorted(self.where.items())}
        return self.model_copy(update={"where": ordered}).model_dump_json()

    def said(self) -> str:
        """Show it in few words."""
        parts = f"by {heading(self.by).lower()}" if self.by else "as a whole"
        return ", ".join([parts, *([narrowed(self.where)] if self.where else []), self.currency])


def narrowed(where: Mapping[str, Sequence[str]]) -> str:
    """Show filters: where provider is aws, where service is Amazon S3 or AmazonEC2."""
    each = (
        f"{heading(word).lower()} is {' or '.join(value or missing(word) for value in values)}"
        for word, values in where.items()
    )
    return f"where {' and '.join(each)}"


def told(words: Sequence[str] | None) -> dict[str, list[str]]:
    """Read filters that are written `dimension=value`, one a text: what a notebook is given. Raises BadSettingError."""
    found: dict[str, list[str]] = {}
    for text in words or ():
        word, equals, value = text.partition("=")
        if not equals or not word.strip():
            message = f"“{text[:60]}” is no filter: write it as provider=aws."
            raise BadSettingError(message)
        found.setdefault(word.strip(), []).append(value.strip())
    return found


def listed(where: Mapping[str, Sequence[str]]) -> list[str]:
    """Write filters as `told` reads them."""
    return [f"{word}={value}" for word, values in where.items() for value in values]
