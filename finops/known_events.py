"""Known events: a release, a holiday, a migration. What people know of the days, told beside what the days cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from finops.allocation import dimension
from finops.errors import UnknownWordError
from finops.foreign import plain, shortened
from finops.periods import ONE_DAY, Period
from finops.tables import days
from finops.where import Where

BEFORE, AFTER = timedelta(days=3), timedelta(days=1)
"""What began so long before a change, or so soon after it, is named with it: preparations cost money, too."""
LONGEST = timedelta(days=3660)
NAMED = 3
"""Events that a sentence names."""
TITLE = 60
"""Letters of a title within a sentence."""
EVERYTHING: Mapping[str, Collection[str]] = {}


class Kind(StrEnum):
    """What sort of event it is."""

    RELEASE = "release"
    HOLIDAY = "holiday"
    MIGRATION = "migration"
    OTHER = "other"


class KnownEvent(BaseModel):
    """What happened, from the day `first` up to, and without, `end`, and whose costs it concerns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(max_length=200)
    first: date
    end: date
    kind: Kind = Kind.OTHER
    where: Where = {}
    """Words of `/cost`, each with the values that fit, `*` for anything; none: all costs."""
    link: str | None = Field(default=None, max_length=500)

    @field_validator("title")
    @classmethod
    def _told(cls, title: str) -> str:
        if not (told := plain(title)):
            message = "say what happened in a few words"
            raise ValueError(message)
        return told

    @field_validator("link")
    @classmethod
    def _reachable(cls, link: str | None) -> str | None:
        if link is not None and (not link.startswith(("https://", "http://")) or plain(link) != link or " " in link):
            message = "a link begins with https:// or http:// and has no spaces"
            raise ValueError(message)
        return link

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not timedelta(0) < self.end - self.first <= LONGEST:
            message = "its last day is its first one or later, and within ten years"
            raise ValueError(message)
        try:
            for word in self.where:
                dimension(word)
        except UnknownWordError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def days(self) -> Period:
        """Its days."""
        return Period(self.first, self.end)

    def scope(self) -> str:
        """Return whose costs it concerns, in the words of `/cost`; nothing where it is all."""
        return " and ".join(f"{word}={plain(', '.join(values))}" for word, values in self.where.items())

    def name(self) -> str:
        """Tell it shortly: Checkout 4.2 (team=payments) on 12 Nov 2026."""
        scope = f" ({shortened(self.scope(), TITLE)})" if self.where else ""
        preposition = "on" if self.days.days == 1 else "over"
        return f"{shortened(self.title, TITLE)}{scope} {preposition} {days(self.days)}"

    def concerns(self, facts: Mapping[str, Collection[str]]) -> bool:
        """Whether it can be about costs of which these `facts` are known, by dimension; a gap excludes nothing."""
        return all(
            _fits(facts[dimension(word)], values) for word, values in self.where.items() if facts.get(dimension(word))
        )


def _fits(known: Iterable[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(one.casefold(), pattern.casefold()) for one in known for pattern in patterns)


def around(period: Period) -> Period:
    """Return the days whose events may have to do with a change that begins with `period`."""
    return Period(period.start - BEFORE, period.start + AFTER + ONE_DAY)


def within(
    events: Iterable[KnownEvent], period: Period, facts: Mapping[str, Collection[str]] = EVERYTHING
) -> list[KnownEvent]:
    """Return the events that touch these days and can be about these costs, in their order."""
    found = (one for one in events if one.first < period.end and one.end > period.start and one.concerns(facts))
    return sorted(found, key=lambda one: (one.first, one.end, one.title))


def near(events: Iterable[KnownEvent], period: Period, facts: Mapping[str, Collection[str]]) -> str:
    """Say which events are known about when a change began; nothing where none is. It names no cause."""
    return said(within(events, around(period), facts), "Known around that day")


def said(events: Sequence[KnownEvent], opening: str) -> str:
    """Name the events in a sentence, or return nothing."""
    if not events:
        return ""
    more = f", and {len(events) - NAMED} more" if len(events) > NAMED else ""
    return f"{opening}: {'; '.join(one.name() for one in events[:NAMED])}{more}."
