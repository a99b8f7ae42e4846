"""What people ask, read into one value. The text after `/cost`, after `costs ask` and in a message is the same."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from finops.errors import CostsError, UnknownWordError
from finops.focus import DIMENSIONS, Metric
from finops.periods import ONE_DAY, Period

TOP = 10
LONGEST = 1000
"""Characters of a question: more would not fit the button that asks it again."""
EXAMPLE = "by service last 7 days"
EXAMPLES = (
    ("", "month to date against the same days of last month"),
    ("by service last 7 days", "or by provider, category, account, region, resource, day, month, team, tag:KEY"),
    ("last month by team top 5", "or yesterday, last 30 days, last week, this month, 2026-09"),
    ("by region where provider=aws and tag:env=prod", "narrowed down"),
    ("billed last month", "what is invoiced instead of what was used"),
    ("recommendations", "what could be saved"),
)
"""Words after `/cost`, and what they answer."""
METRICS = {"billed": Metric.BILLED, "effective": Metric.EFFECTIVE, "list": Metric.LIST, "contracted": Metric.CONTRACTED}
WORDS = (
    *("by", "where", "and", "top", "last", "days", "weeks", "yesterday", "this", "month", "week", "recommendations"),
    *("help", *DIMENSIONS, *METRICS),
)
"""Every word that means something, for guessing what a misspelt one was."""
BELONGS = {
    "by": "by service",
    "where": "where provider=aws",
    "and": "where provider=aws and tag:env=prod",
    "top": "top 5",
    "last": "last 7 days",
    "days": "last 7 days",
    "weeks": "last 2 weeks",
    "week": "last week",
    "month": "last month",
    "this": "this month",
}
"""Where a word stands that means nothing alone."""
GROUPS = 2
"""Names of a row: a third would not fit a phone."""


class Kind(StrEnum):
    """What is asked for."""

    COST = "cost"
    RECOMMENDATIONS = "recommendations"
    HELP = "help"


class TooLongError(CostsError):
    """More was typed than a question can hold."""


class WrongPlaceError(UnknownWordError):
    """A word that is known stands where it says nothing."""

    def __init__(self, word: str) -> None:
        """Show it where it belongs."""
        example = BELONGS.get(word.lower(), f"by {word.lower()}")
        super().__init__(word, word.lower(), example)
        self.args = (f"I know “{word}”, but not as it stands there. For example: {example}",)


class TooManyGroupsError(CostsError):
    """More names a row than a table can show."""


class CostQuestion(BaseModel):
    """One question. Without `days` and `start` it is about the month to date, as far as it is complete."""

    model_config = ConfigDict(frozen=True)

    kind: Kind = Kind.COST
    metric: Metric = Metric.EFFECTIVE
    days: int | None = None
    """The last so many complete days."""
    start: date | None = None
    end: date | None = None
    """Exclusive."""
    group_by: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = {}
    top: int = TOP
    text: str = ""
    """The words it was read from."""


_NAME = r"tag:(?:\"[^\"]+\"|[\w./:@-]+)|[a-z_]+"
_OTHER = r"(?!(?:top|where|last|past|this|over|for|in|the|yesterday|today|billed|effective|list|contracted)\b)"
"""What goes on after a comma without being one more name to group by."""
_VALUE = r"\"[^\"]*\"|'[^']*'|“[^”]*”|[^\s,]+"


def parse(text: str, *, today: date) -> CostQuestion:
    """Read a question. Raises UnknownWordError, with the closest known word and an example; TooLongError."""
    words = text.strip()
    if len(words) > LONGEST:
        message = f"That is {len(words):,} characters, and I read {LONGEST:,}: ask for less at once, or say `help`."
        raise TooLongError(message)
    found: Found = {"text": words, "where": {}}
    rest = words.rstrip(" ?!.") or words  # people ask in sentences
    while rest:
        for pattern, read in _PHRASES:
            if match := re.match(rf"(?:{pattern})(?=[\s,]|$)", rest, re.IGNORECASE):
                read(match, found, today)
                rest = rest[match.end() :].lstrip(" ,\t\n")
                break
        else:
            raise _unknown(rest.split()[0])
    return CostQuestion.model_validate(found)


def _unknown(word: str) -> UnknownWordError:
    if word.lower() in WORDS:
        return WrongPlaceError(word)
    close = difflib.get_close_matches(word.lower(), WORDS, n=1)
    return UnknownWordError(word[:60], close[0] if close else None, EXAMPLE)


def dimension(word: str) -> str:
    """Return the ledger's word for a person's. Raises UnknownWordError."""
    if word.lower().startswith("tag:"):
        return "tag:" + word[4:].strip('"')
    name = word.lower().removesuffix("s") if word.lower() not in DIMENSIONS else word.lower()
    name = "category" if name == "categorie" else name
    if name not in DIMENSIONS:
        close = difflib.get_close_matches(name, DIMENSIONS, n=1)
        raise UnknownWordError(word[:60], close[0] if close else None, EXAMPLE)
    return DIMENSIONS[name]


Found = dict[str, object]


def _period(found: Found, period: Period | None = None, *, days: int | None = None) -> None:
    """Keep the period that was named last."""
    found |= {"days": days, "start": period and period.start, "end": period and period.end}


def _last(match: re.Match[str], found: Found, today: date) -> None:
    del today
    size = {"day": 1, "week": 7, "month": 30}[match["unit"].lower()]
    _period(found, days=max(1, min(int(match["count"]) * size, 3660)))


def _named(match: re.Match[str], found: Found, today: date) -> None:
    this = Period.month_of(today)
    monday = today - ONE_DAY * today.weekday()
    periods = {
        "today": Period(today, today + ONE_DAY),
        "yesterday": Period.last_days(1, today),
        "last month": Period.month_of(this.start - ONE_DAY),
        "last week": Period.last_days(7, monday),
        "this week": Period(monday, today + ONE_DAY),
    }
    _period(found, periods.get(" ".join(match[0].lower().split())))  # "this month" is meant without any, too


def _calendar(match: re.Match[str], found: Found, today: date) -> None:
    del today
    if not 1 <= int(match["month"]) <= 12:  # noqa: PLR2004  months
        raise _unknown(match[0])
    _period(found, Period.month(int(match["year"]), int(match["month"])))


def _group(match: re.Match[str], found: Found, today: date) -> None:
    del today
    names = re.split(r"\s*(?:,|\band\b)\s*", match["names"])
    before = found.get("group_by")
    groups = tuple(dict.fromkeys([*(before if isinstance(before, tuple) else ()), *map(dimension, names)]))
    if len(groups) > GROUPS:
        message = f"I group by {GROUPS} names at most, and you gave {len(groups)}. For example: by team and service"
        raise TooManyGroupsError(message)
    found["group_by"] = groups


def _where(match: re.Match[str], found: Found, today: date) -> None:
    del today
    where = dict(found["where"]) if isinstance(found["where"], dict) else {}
    name = dimension(match["name"])
    where[name] = (*where.get(name, ()), match["value"].strip("\"'“”"))
    found["where"] = where


def _set(**values: object) -> Callable[[re.Match[str], Found, date], None]:
    return lambda _match, found, _today: found.update(values)


def _metric(match: re.Match[str], found: Found, today: date) -> None:
    del today
    found["metric"] = METRICS[match["metric"].lower()]


def _top(match: re.Match[str], found: Found, today: date) -> None:
    del today
    found["top"] = max(1, min(int(match["top"]), 100))


_PHRASES: tuple[tuple[str, Callable[[re.Match[str], Found, date], None]], ...] = (
    (r"help|\?", _set(kind=Kind.HELP)),
    (r"recommendations?|savings?", _set(kind=Kind.RECOMMENDATIONS)),
    (r"(?:over |for |in )?(?:the )?(?:(?:last|past) )?(?P<count>\d{1,4}) *(?P<unit>day|week|month)s?", _last),
    (r"today|yesterday|(?:last|this) +(?:month|week)", _named),
    (r"(?:in )?(?P<year>20\d\d)-(?P<month>\d{2})", _calendar),
    (rf"by +(?P<names>(?:{_NAME})(?:\s*(?:,|\band\b)\s*{_OTHER}(?:{_NAME})(?![\w:]*\s*=))*)", _group),
    (rf"(?:where +|and +)?(?P<name>{_NAME}) *= *(?P<value>{_VALUE})", _where),
    (r"top +(?P<top>\d{1,4})", _top),
    (r"(?P<metric>billed|effective|list|contracted)(?: cost)?", _metric),
    (r"costs?|spend|show|and|of|for|the|me", _set()),
)
