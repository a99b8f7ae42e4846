"""Reading a question: the grammar, and for what it does not understand the nearest that it does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.lexer import Lexer, LexerState

from bot.language import due
from bot.language.alerting import ALERT_WORDS
from bot.language.building import Phrases
from bot.language.calendar import Calendar
from bot.language.onething import OneThingError
from bot.language.question import CostQuestion, Kind
from bot.language.spelling import alike, is_sure
from bot.language.tokens import tokens
from bot.language.typed import Typed, typed
from bot.language.vocabulary import WORDS, Meaning
from finops.errors import CostsError, UnknownWordError
from finops.focus import Dimension

LONGEST = 1000
"""Characters of a question: more would not fit the button that asks it again."""
EXAMPLE = "by service last 7 days"
MENDED = 6
"""Words that are put right at most: a text that needs more is no question."""
FEW = 2
"""One unknown word may be a name, or say nothing."""
COMPLETED = (("DIM", "service", "service"), ("TODAY", "yesterday", 1), ("NUMBER", "7", 7), ("UNIT", "days", "day"))
"""What makes a phrase whole whose end is missing."""
COMPLETED_AGAINST = (("LAST", "last", None), ("UNIT", "month", "month"))
"""Nobody holds a month against yesterday."""
END = "$END"


class TooLongError(CostsError):
    """More was typed than a question can hold."""


class NotUnderstoodError(UnknownWordError):
    """A word was not understood; `nearest` is what may have been meant."""

    def __init__(
        self,
        word: str,
        closest: str | None,
        nearest: CostQuestion | None,
        example: str | None = None,
        *,
        known: bool = False,
    ) -> None:
        """Offer the nearest reading, or an example."""
        super().__init__(word, closest, example or (str(nearest) if nearest else EXAMPLE))
        self.nearest = nearest
        if known:
            self.args = (f"I know “{word}”, but not as it stands there. For example: {self.example}",)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, and the words that were read as others, each with what it was read as."""

    question: CostQuestion
    mended: tuple[tuple[str, str], ...] = ()


class _Ready(Lexer):
    """The tokens are made before: words need synonyms and spelling."""

    __future_interface__ = True

    def __init__(self, conf: Any) -> None:  # noqa: ANN401  lark's
        del conf

    def lex(self, lexer_state: LexerState, parser_state: object) -> Iterator[Token]:
        del parser_state
        asked = cast("Sequence[Typed]", lexer_state.text)  # a list of ours in place of a text
        return (one.token for one in asked)


@cache
def grammar() -> Lark:
    """Return the parser."""
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer=_Ready)


def read(text: str, *, today: date, fiscal_year_start: int = 1, budgets: Collection[str] = ()) -> Reading:
    """Read a question on a day; `budgets` are the names of those that there are.

    Raises TooLongError, ImpossibleDateError, OneThingError; else NotUnderstoodError.
    """
    words = text.strip()
    if len(words) > LONGEST:
        message = f"That is {len(words):,} characters, and I read {LONGEST:,}: ask for less at once, or say `help`."
        raise TooLongError(message)
    phrases = Phrases(Calendar(today, fiscal_year_start))
    asked = tokens(words, budgets)
    _one_metric(asked)
    failed = _failure(asked)
    if failed is None:
        return Reading(_question(asked, phrases), tuple(phrases.told))
    return _mended(asked, failed, phrases)


def _one_metric(asked: Sequence[Typed]) -> None:
    """Raise OneThingError for amounts of two kinds held against each other."""
    kinds = [one.type for one in asked]
    if any(kinds[place : place + 3] == ["METRIC", "VERSUS", "METRIC"] for place in range(len(kinds))):
        one, other = (each.raw for each in asked if each.type == "METRIC")
        message = f"I tell one kind of amount at a time: say `{one}`, then `{other}`."
        raise OneThingError(message)


def _question(asked: Sequence[Typed], phrases: Phrases) -> CostQuestion:
    """Build it. Raises what the phrases raise."""
    phrases.told.clear()
    try:
        fields = phrases.transform(grammar().parse(asked))
    except VisitError as error:
        raise error.orig_exc from None
    question = CostQuestion.model_validate(fields)
    if len(str(question)) > LONGEST:
        message = (
            f"Written out that is {len(str(question)):,} characters, and I read {LONGEST:,}: ask for less at once."
        )
        raise TooLongError(message)
    return question


@dataclass(frozen=True, slots=True)
class _Failure:
    """Where a text is no question, and what could have stood there."""

    place: int
    accepts: frozenset[str]


def _failure(asked: Sequence[Typed]) -> _Failure | None:
    parser = grammar().parse_interactive([])
    for place, one in enumerate(asked):
        try:
            parser.feed_token(one.token)
        except UnexpectedToken:
            return _Failure(place, _accepts(asked[:place]))
    try:
        parser.feed_eof()  # type: ignore[no-untyped-call]
    except UnexpectedInput:
        return _Failure(len(asked), _accepts(asked))
    return None


def _accepts(asked: Sequence[Typed]) -> frozenset[str]:
    parser = grammar().parse_interactive([])
    for one in asked:
        parser.feed_token(one.token)
    return frozenset(parser.accepts())  # type: ignore[no-untyped-call]


def _mended(asked: list[Typed], failed: _Failure, phrases: Phrases) -> Reading:
    """Read it with clear mistakes put right. Raises NotUnderstoodError with what else it may have been."""
    wrong = asked[failed.place].raw if failed.place < len(asked) else " ".join(one.raw for one in asked[-2:])
    mended: list[tuple[str, str]] = []
    sure, now, at = True, list(asked), failed
    for _ in range(MENDED):
        now, told = _better(now, at)
        now = due.weekly(now)
        sure = sure and told is not None and is_sure(*told, _words(now)[told[1]][0])
        mended += [told] if told else []
        again = _failure(now)
        if again is None:
            break
        at = again
    nearest = _nearest(now, phrases)
    if nearest and _is_mostly_unknown(asked, mended) and [*nearest.where] != [Dimension.SERVICE.value]:
        nearest = None  # but a word that may be a service is held against the ledger
    if sure and nearest is not None:
        return Reading(nearest, (*mended, *phrases.told))
    known = failed.place == len(asked) or wrong.casefold() in _words(asked)
    closest = next((to for raw, to in mended if raw == wrong), None)
    raise NotUnderstoodError(wrong[:60], closest, nearest, known=known)


def _is_mostly_unknown(asked: Sequence[Typed], mended: Sequence[tuple[str, str]]) -> bool:
    """Whether so many words mean nothing that what is left would be a question of its own, as of a line of SQL."""
    alike = {raw for raw, _ in mended}
    unknown = sum(one.type == "WORD" and one.raw not in alike for one in asked)
    return unknown >= FEW and unknown >= (len(asked) - unknown) // 2  # a phrase is two words, or more


def _nearest(asked: Sequence[Typed], phrases: Phrases) -> CostQuestion | None:
    """Return what is left as a question, unless nothing of it says anything."""
    if _failure(asked) is not None:
        return None
    try:
        question = _question(asked, phrases)
    except CostsError:
        return None
    return question if question.model_fields_set else None


def _better(asked: list[Typed], failed: _Failure) -> tuple[list[Typed], tuple[str, str] | None]:
    """Put one word right, complete a phrase, or leave a word out; returns what was read as what."""
    place = failed.place
    if place < len(asked):
        raw = asked[place].raw
        words = _words(asked)
        if like := alike(raw, failed.accepts, words):
            kind, value = words[like]
            return [*asked[:place], typed(kind, value, like), *asked[place + 1 :]], (raw, like)
    unknown = place < len(asked) and asked[place].type == "WORD"
    if END not in failed.accepts and not unknown:  # a phrase has begun that has no end
        after_versus = any(one.type == "VERSUS" for one in asked[max(place - 2, 0) : place])
        for kind, raw, value in COMPLETED_AGAINST if after_versus else COMPLETED:
            if kind in failed.accepts:
                longer = [*asked[:place], typed(kind, value, raw), *asked[place:]]
                after = _failure(longer)
                if after is None or after.place > place:
                    return longer, None
    gone = place if place < len(asked) else place - 1
    if _may_be_a_service(asked, gone, failed.accepts):
        service = [typed("DIM", "service", ""), typed("EQ", "=", ""), typed("VALUE", (asked[gone].raw,), "")]
        return [*asked[:gone], *service, *asked[gone + 1 :]], None
    return [*asked[:gone], *asked[gone + 1 :]], None


def _may_be_a_service(asked: Sequence[Typed], place: int, accepts: frozenset[str]) -> bool:
    """Whether the only word that is not known could be a name: of those, services are asked for most."""
    unknown = [one for one in asked if one.type == "WORD"]
    raw = asked[place].raw
    if WORDS.get(raw.casefold(), ("", None))[0] == "NOISE":
        return False
    return unknown == [asked[place]] and END in accepts and re.fullmatch(r"[A-Za-z][\w.-]{1,40}", raw) is not None


def _words(asked: Sequence[Typed]) -> Mapping[str, Meaning]:
    """Return what words mean in a text: those of rules mean something else."""
    return ALERT_WORDS if any(one.token.value in (Kind.ALERT, Kind.ALERTS) for one in asked) else WORDS
