"""From what was typed to the tokens of the grammar: quotation marks, amounts, dates, phrases, synonyms."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.language import due
from bot.language.alerting import ALERT_WORDS, SUBJECTS, managed, percents
from bot.language.courtesy import alone, listed, unlisted
from bot.language.naming import ENDS, VALUE, bare_or_quoted, known, values
from bot.language.question import Kind
from bot.language.quoting import unescaped
from bot.language.typed import Typed, typed
from bot.language.vocabulary import CURRENCIES, PHRASES, WORDS, Meaning
from finops.errors import CostsError
from finops.money import SYMBOLS

_PHRASE = "|".join(r"\s+".join(map(re.escape, one.split())) for one in PHRASES)
_SIGNS = "".join(SYMBOLS.values())
_STOP = r"\s,;()=<>\"“”«»"
_SCAN = re.compile(
    rf"""
      (?P<space>[\s,;()]+)
    | (?P<tag>tag:(?:"(?:\\.|[^"\\])*"|[^{_STOP}!]+))
    | (?P<channel><\#[A-Z0-9]+(?:\|[^>]*)?>|\#[\w-]+)
    | (?P<person><@[A-Z0-9]+(?:\|[^>]*)?>)
    | (?P<phrase>(?:{_PHRASE})(?![\w=:-]))
    | (?P<op>!=|<>|>=|<=|==|[=><:])
    | (?P<money>[{_SIGNS}]\s?\d[\d,]*(?:\.\d+)?)
    | (?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?![\w]))
    | (?P<word>[^{_STOP}:]+)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SHAPES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in {
        "DATE": r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>\d{4})",
        "WEEK": r"(20\d\d)-?w(\d{1,2})",
        "YEAR_MONTH": r"(\d{4})-(\d{1,2})",
        "YEAR": r"20\d\d",
        "NUMBER": r"(\d{1,9})(?:st|nd|rd|th)?",
        "DECIMAL": r"\d{1,15}\.\d{1,10}",
        "QUARTER": r"q(\d)",
        "PERCENT": r"(\d{1,4}(?:\.\d{1,4})?)%",
        "PERSON": r"@[\w.-]+",
    }.items()
)
_COUNTED = re.compile(r"(\d{1,4})(d|w|mo|y)", re.IGNORECASE)
_JOINED = re.compile(r"(20\d\d)-?(q\d)|(q\d)-?(20\d\d)|fy(\d{4}|\d\d)", re.IGNORECASE)
_ID = re.compile(r"(?=[0-9a-f-]*\d)[0-9a-f][0-9a-f-]{2,35}|[0-9a-f]{4,36}", re.IGNORECASE)
_DATED = frozenset({"UNIT", "MONTH", "YEAR", "YEAR_MONTH", "DATE", "TODAY", "WEEKDAY", "QUARTER", "WEEK", "TO_DATE"})
_DIMENSIONS = frozenset({"DIM", "TAG", "UNIT"})


class LeftOutError(CostsError):
    """A filter was to leave something out."""

    def __init__(self) -> None:
        """Say what works instead."""
        super().__init__(
            "I cannot leave things out of a sum yet: ask for what you want, for example by service top 20."
        )


def tokens(text: str, budgets: Collection[str] = ()) -> list[Typed]:
    """Return the tokens of a question, without the words that say nothing; an unknown word is a WORD.

    After `budget` the names in `budgets` are names, whatever else their words mean.
    """
    if managing := managed(text):
        named, days = managing
        return [*named, *tokens(days)]
    found: list[Typed] = []
    state = _State(budgets)
    place = 0
    while place < len(text):
        if not state.alerting and (hour := due.clock(text, place)):
            found.append(hour[0])
            place = hour[1]
            continue
        matched = _SCAN.match(text, place)
        assert matched is not None  # noqa: S101  its last alternative matches anything
        kind, raw, before = str(matched.lastgroup), matched[0], text[:place]
        place = matched.end()
        if kind == "op" and found and found[-1].type in _DIMENSIONS and raw in ("=", "==", ":"):
            found.append(typed("EQ", raw, raw))
            if value := VALUE.match(text, place):
                place = value.end()
                found.append(typed("VALUE", values(value), value[0].strip()))
        else:
            for one in _token(kind, raw, state, found):
                _add(found, listed(one, before, found))
            if budget := _budget(text, place, state, found):
                found.append(budget[0])
                place = budget[1]
    found = unlisted(found)
    if [one.raw.casefold() for one in found] == ["subscriptions"]:  # beside other words they are Azure's
        return [typed("KIND", Kind.SUBSCRIBE, found[0].raw)]
    return list(percents(found)) if state.alerting else due.weekly(alone(_uncalled(found)))


def _uncalled(found: list[Typed]) -> list[Typed]:
    """Leave out whom a question merely calls, which Slack does; a digest for somebody else stays one."""
    if any(one.token.value is Kind.SUBSCRIBE for one in found):
        return found
    return [one for one in found if one.type != "PERSON" or not one.raw.startswith("<")]


def _add(found: list[Typed], one: Typed) -> None:
    """Add a token; what stands before it may mean something else then, or nothing."""
    before = found[-1].type if found else ""
    to_whom = one.type in ("CHANNEL", "PERSON") or one.raw.casefold() == "me"
    if (one.type in ("CLOUD", "DIM") and before == "FROM") or (to_whom and before == "TO"):
        found.pop()  # of a day it says more than of a cloud; of days, more than of whom to tell
    if one.type == "UNIT" and before == "YEAR":  # 2020 days
        found[-1] = typed("NUMBER", found[-1].token.value, found[-1].raw)
    if one.type != "NOISE":
        found.append(one)


def _budget(text: str, place: int, state: _State, found: list[Typed]) -> tuple[Typed, int] | None:
    """Return the name of the budget that is asked for or watched, if one follows, and where it ends."""
    before = found[-1] if found else None
    watched = before is not None and before.type == "BUDGET"
    if before is None or not (watched or (not state.alerting and before.token.value is Kind.BUDGET)):
        return None
    kind = "VALUE" if watched else "NAME"
    names = [one for one in state.budgets if watched or one.casefold() != "all"]  # asked for all, nobody means one
    if named := known(text, place, names):
        name, end = named
        return typed(kind, (name,) if watched else name, name), end
    matched = _watched(text, place) if watched else _asked(text, place)
    if matched is None:
        return None
    said = values(matched)
    return typed(kind, said if watched else said[0], matched[0].strip()), matched.end()


def _watched(text: str, place: int) -> re.Match[str] | None:
    """Return the name of a rule's budget: in quotation marks, or a word that means nothing else there."""
    found = bare_or_quoted(text, place)
    bare = found["bare"].casefold().rstrip(ENDS) if found and found["bare"] else ""
    return None if bare in ALERT_WORDS and bare not in SUBJECTS else found


def _asked(text: str, place: int) -> re.Match[str] | None:
    """Return the name of the budget that is asked for: in quotation marks, or a word that means nothing else."""
    name = bare_or_quoted(text, place)
    bare = name["bare"].rstrip(ENDS).casefold() if name and name["bare"] else ""
    if name is None or not (bare or name["double"]):
        return None
    means = bare and (bare in WORDS or bare.upper() in CURRENCIES or next(_shaped(bare, bare)).type != "WORD")
    return None if means or (bare and due.clock(text, place)) else name


@dataclass(slots=True)
class _State:
    """What a word before says of the words after it."""

    budgets: Collection[str] = ()
    between: bool = False
    comparing: bool = False
    alerting: bool = False
    after_in: bool = False

    @property
    def words(self) -> Mapping[str, Meaning]:
        """What words mean now."""
        return ALERT_WORDS if self.alerting else WORDS


def _token(kind: str, raw: str, state: _State, found: list[Typed]) -> Iterator[Typed]:
    if kind == "tag":
        yield typed("TAG", "tag:" + _unquoted(raw[4:]), raw)
    elif kind == "channel":
        yield typed("CHANNEL", raw if raw.startswith("#") else raw[2:-1].partition("|")[0], raw)
    elif kind == "person":
        yield typed("PERSON", f"{raw[:-1].partition('|')[0]}>", raw)
    elif kind == "op" and raw in ("!=", "<>"):
        raise LeftOutError
    elif kind == "op":
        yield typed("OP", raw[0] == ">", raw) if raw[0] in "<>" else typed("WORD", raw, raw)
    elif kind == "money":
        symbols = {symbol: code for code, symbol in SYMBOLS.items()}
        yield typed("MONEY", (Decimal(raw[1:].replace(",", "").strip()), symbols[raw[0]]), raw)
    elif kind == "number":
        yield typed("DECIMAL", Decimal(raw.replace(",", "")), raw)
    elif kind in ("word", "phrase"):
        yield from _word(raw.rstrip(".!") if raw != "?" else raw, state, found)
    elif kind == "mark":
        yield typed("WORD", raw, raw)


def _word(raw: str, state: _State, found: list[Typed]) -> Iterator[Typed]:
    word = " ".join(raw.casefold().split())
    word = word if word == "?" else word.rstrip("?")
    before = _before(found)
    after_in, state.after_in = state.after_in, word == "in"
    if not word:
        return
    if before == "WHY" and _ID.fullmatch(word):
        yield typed("ID", word, raw)
    elif word.upper() in CURRENCIES or (after_in and len(word) == 3 and word.isalpha() and word not in state.words):  # noqa: PLR2004  as ISO 4217 has them
        yield typed("CURRENCY", word.upper(), raw)
    elif word in ("and", "with", "to", "from") and _joins(word, state, before):
        yield typed("VERSUS" if state.comparing else "TO", None, raw)
        state.between = state.comparing = False
    elif word in ("-", "–", "—"):  # noqa: RUF001  the dashes that people write between days
        yield typed("TO" if before in _DATED | {"NUMBER"} else "NOISE", None, raw)
    elif word in state.words:
        yield from _known(word, raw, state, found)
    else:
        yield from _shaped(word, raw)


def _before(found: list[Typed]) -> str:
    """Return what stands before; a provider that is not what costs are grouped by wants its name."""
    if not found:
        return ""
    grouped = len(found) > 1 and found[-2].type == "BY"
    of_cloud = found[-1].token.value in ("provider", "cloud") and not grouped
    return "PROVIDER" if of_cloud else found[-1].type


def _joins(word: str, state: _State, before: str) -> bool:
    return before in _DATED | {"NUMBER"} and (state.comparing or (state.between and word == "and"))


def _known(word: str, raw: str, state: _State, found: list[Typed]) -> Iterator[Typed]:
    kind, value = state.words[word]
    before = _before(found)
    state.between = word == "between" or (state.between and kind != "TO")
    state.comparing = kind == "COMPARE" or (state.comparing and kind != "VERSUS")
    state.alerting = state.alerting or word in ("alert", "alerts")
    if kind == "COMPARE" or (kind == "OP" and not state.alerting):
        return
    if word == "unsubscribe":
        yield typed("OFF", None, "")
    if word == "all" and found and found[-1].token.value is Kind.ANOMALIES:  # those of 30 days are not all of them
        kind, value = "WORD", raw
    if kind == "CLOUD" and before == "PROVIDER":
        yield typed("EQ", "=", "")
        yield typed("VALUE", (value,), raw)
        return
    yield typed(kind, value, raw)


def _shaped(word: str, raw: str) -> Iterator[Typed]:
    if counted := _COUNTED.fullmatch(word):
        yield typed("NUMBER", int(counted[1]), raw)
        yield typed("UNIT", WORDS[counted[2]][1], raw)
        return
    if joined := _JOINED.fullmatch(word):
        yield from _joined(joined, raw)
        return
    for kind, pattern in _SHAPES:
        if matched := pattern.fullmatch(word):
            yield typed(kind, _meaning(kind, matched), raw)
            return
    yield typed("WORD", raw, raw)


def _joined(matched: re.Match[str], raw: str) -> Iterator[Typed]:
    if matched[5]:
        yield typed("FISCAL", None, raw)
        yield typed("YEAR", int(matched[5]) % 100 + 2000, raw)
        return
    yield typed("QUARTER", int((matched[2] or matched[3])[1]), raw)
    yield typed("YEAR", int(matched[1] or matched[4]), raw)


def _meaning(kind: str, matched: re.Match[str]) -> object:
    if kind == "DATE":
        parts = matched.groupdict()
        return tuple(int(parts[name] or parts[f"{name}2"]) for name in "ymd")
    if kind in ("WEEK", "YEAR_MONTH"):
        return int(matched[1]), int(matched[2])
    if kind in ("DECIMAL", "PERCENT"):
        return Decimal(matched[0].rstrip("%"))
    if kind == "PERSON":
        return matched[0]
    return int(matched[1] if kind in ("NUMBER", "QUARTER") else matched[0])


def _unquoted(text: str) -> str:
    return unescaped(text[1:-1]) if len(text) > 1 and text.startswith('"') else text.rstrip(ENDS)
