"""The words of alert rules: after `alert`, forecast, budget and new mean something else than in a question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.language.question import Kind
from bot.language.quoting import unescaped
from bot.language.rule import Manage, Watch
from bot.language.typed import Typed, typed
from bot.language.vocabulary import WORDS, Meaning, each

NOISE = [
    "data",
    "collection",
    "collections",
    "collecting",
    "ingest",
    "costs",
    "cost",
    "bill",
    "bills",
    "notify",
    "warn",
    "rule",
    "rules",
    "severity",
    "get",
    "gets",
    "is",
    "becomes",
    "become",
    "turns",
    "about",
    "any",
    "every",
    "whenever",
    "once",
    "someone",
    "everyone",
    "appears",
    "appear",
    "shows",
]
"""What people say between the words of a rule that count."""
SUBJECTS = frozenset({"data", "collection", "collections", "collecting", "ingest", "total", "totals"})
"""Of those, what a budget may well be called: right after that word they are its name, and not left out."""

ALERT_WORDS: dict[str, Meaning] = {
    **{word: meaning for word, meaning in WORDS.items() if meaning[0] != "KIND"},
    **{word: meaning for word, meaning in WORDS.items() if meaning[1] in {Kind.ALERT, Kind.ALERTS, Kind.HELP}},
    **each("NOISE", dict.fromkeys(NOISE)),
    **each(
        "WATCH",
        {
            "anomaly | anomalies | unusual | surprises | spikes | out of order": Watch.ANOMALY,
            "forecast | forecasts | forecasted | projected | prediction": Watch.FORECAST_OVER_BUDGET,
            "stale | late | behind | outdated": Watch.STALE_DATA,
            "untagged | unallocated | unowned": Watch.UNTAGGED,
            "expiring | expires | expire | expired": Watch.COMMITMENT_EXPIRING,
            "underused | under-used | unused | underutilized | under-utilized": Watch.COMMITMENT_UNDERUSED,
            "failed | fails | failure | failures | failing": Watch.FAILED_COLLECTION,
        },
    ),
    **each("BUDGET", {"budget | budgets": None}),
    **each("NEW", {"new": None}),
    **each("DIM", {"commitments | reservation | reservations | savings plan | savings plans": "commitment"}),
    **each("WAY", {"up | rises | rise | increases | increase | grows | grow": True}),
    **each("WAY", {"down | falls | fall | drops | drop | decreases | decrease": False}),
    **each("SEVERITY", {word: word for word in ("info", "warning", "critical")}),
    **each("PERSON", {"me": "me"}),
    **each("ANYWAY", {"anyway": True}),
}
"""By their spelling in small letters."""

_MANAGE = re.compile(
    r"""\s*alerts?\s+(?P<what>mute|snooze|unmute|off|remove|delete|edit)\s+(?:rule\s+)?
    (?:"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<bare>\S.*?))(?P<end>\s+(?:until|till|to|for)\s+(?P<day>.+?))?\s*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_EXACT = re.compile(r"\d{4}|yesterday|today|ago|this|last", re.IGNORECASE)
"""Days that are one day, and not the next one of a name."""
_MEANT = {"snooze": Manage.MUTE, "remove": Manage.OFF, "delete": Manage.OFF}


def managed(text: str) -> tuple[list[Typed], str] | None:
    """Return the tokens of `alert mute NAME until DAY` and its like, and its words for days; None for all else."""
    found = _MANAGE.fullmatch(text)
    if found is None:
        return None
    what, name = found["what"].casefold(), found["bare"]
    name = unescaped(found["quoted"]) if name is None else name
    day = re.sub(r"(?i)\btomorrow\b", "1 day", found["day"] or "")
    tokens = [
        typed("KIND", Kind.ALERT, "alert"),
        typed("MANAGE", _MEANT.get(what) or Manage(what), what),
        typed("NAME", name, name),
    ]
    until = [typed("TO", _EXACT.search(day) is not None, "until")] if day else []
    return [*tokens, *until], day


def percents(found: list[Typed]) -> Iterator[Typed]:
    """Make one of a number and its percent sign, where a space stands between them."""
    for place, one in enumerate(found):
        after = found[place + 1].raw.casefold() if place + 1 < len(found) else ""
        if one.type in {"NUMBER", "DECIMAL"} and after in {"%", "percent"}:
            yield typed("PERCENT", one.token.value, f"{one.raw}%")
        elif not (place and one.raw.casefold() in {"%", "percent"} and found[place - 1].type in {"NUMBER", "DECIMAL"}):
            yield one
