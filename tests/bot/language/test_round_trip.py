"""What a question prints is read to the same question."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, seed, settings
from hypothesis import strategies as some

from bot.language.rule import SHARED
from bot.questions import (
    LONGEST,
    Cadence,
    CostQuestion,
    Kind,
    Manage,
    Rule,
    Share,
    Threshold,
    Watch,
    When,
    parse,
)
from finops.errors import CostsError
from finops.focus import DIMENSIONS, Metric
from finops.recommendations.lifecycle import Stage

TODAY = date(2026, 11, 23)
DAYS = some.dates(date(2001, 1, 1), date(2090, 12, 31))
NAMES = some.sampled_from(sorted({str(one) for one in DIMENSIONS.values()}))
KEYS = some.text(min_size=1, max_size=12).map(lambda key: f"tag:{key}")
COURTEOUS = some.sampled_from(["hello", "hi", "hey", "thanks", "thx", "cheers", "thank you", "many thanks", "fridays"])
"""Words that say nothing, or something else, where they are no values."""
VALUES = some.lists(some.text(max_size=20) | COURTEOUS, min_size=1, max_size=2).map(tuple)


@some.composite
def _whens(draw: some.DrawFn) -> When:
    start = draw(DAYS)
    end = start + timedelta(days=draw(some.integers(1, 800)))
    days = When(days=draw(some.integers(1, 3660)))
    return draw(some.sampled_from([When(), days, When(start=start), When(start=start, end=end)]))


def _ours(when: When) -> bool:
    """Leave out other ways to name what goes on: those are read as the first one of each."""
    start, end = when.start, when.end
    goes_on = start is not None and (end or TODAY + timedelta(days=1)) > TODAY >= start
    return not goes_on and start != date(2026, 11, 1)


WHENS = _whens().filter(_ours)


@some.composite
def _rules(draw: some.DrawFn) -> Rule:
    watch = draw(some.none() | some.sampled_from(Watch))
    fields: dict[str, object] = {
        "watch": watch,
        "severity": draw(some.none() | some.sampled_from(["info", "warning", "critical"])),
        "to": draw(some.none() | some.sampled_from(["me", "@ada", "@a.b-c", "<@U0ADA>"])),
        "anyway": draw(some.none() | some.just(value=True)),
    }
    if watch is Watch.FORECAST_OVER_BUDGET:
        fields["budget"] = draw(some.none() | some.text(min_size=1, max_size=20))
    if watch in SHARED:
        percents = some.decimals(Decimal("0.1"), Decimal(999), places=1)
        fields["share"] = draw(some.none() | some.builds(Share, above=some.booleans(), percent=percents))
    return Rule.model_validate({name: value for name, value in fields.items() if value is not None})


def _waited_for(draw: some.DrawFn, fields: dict[str, object]) -> dict[str, object]:
    rule = draw(some.none() | _rules().filter(str).filter(lambda one: one.to is None or "channel" not in fields))
    amounts = some.decimals(Decimal("0.01"), Decimal(999999), places=2)
    above = Threshold(above=draw(some.booleans()), amount=draw(amounts), currency="USD")
    return {"rule": rule} if rule and rule.share else {"rule": rule, "threshold": above}


@some.composite
def _managed(draw: some.DrawFn) -> CostQuestion:
    what, name = draw(some.sampled_from(Manage)), draw(some.text(min_size=1, max_size=20))
    muted = {"until": TODAY + timedelta(days=draw(some.integers(1, 366)))} if what is Manage.MUTE else {}
    return CostQuestion(kind=Kind.ALERT, rule=Rule.model_validate({"manage": what, "name": name, **muted}))


def _due(draw: some.DrawFn, fields: dict[str, object]) -> dict[str, object]:
    """When a digest goes out: what is ended has no hour, and what has one a cadence."""
    if fields["kind"] is not Kind.SUBSCRIBE or fields.get("off") or not fields.get("cadence"):
        return {}
    hour, weekday = draw(some.none() | some.integers(0, 23)), draw(some.none() | some.integers(0, 6))
    return {"hour": hour, **({"weekday": weekday} if fields["cadence"] is Cadence.WEEKLY else {})}


def _decided(draw: some.DrawFn, kind: Kind) -> dict[str, object]:
    return {"stage": draw(some.none() | some.sampled_from(Stage))} if kind is Kind.RECOMMENDATIONS else {}


@some.composite
def _questions(draw: some.DrawFn) -> CostQuestion:
    kind = draw(some.sampled_from(sorted(set(Kind) - {Kind.WHY, Kind.THANKS})))
    fields: dict[str, object] = {"kind": kind}

    def perhaps(name: str, values: some.SearchStrategy[object]) -> None:
        if draw(some.booleans()):
            fields[name] = draw(values)

    perhaps("metric", some.sampled_from(Metric))
    perhaps("where", some.dictionaries(NAMES | KEYS, VALUES, max_size=3))
    if kind not in {Kind.ALERT, Kind.ALERTS}:
        perhaps("group_by", some.lists(NAMES | KEYS, max_size=2, unique=True).map(tuple))
    perhaps("top", some.integers(1, 100))
    perhaps("page", some.integers(1, 100))
    perhaps("currency", some.sampled_from(["EUR", "USD", "CHF"]))
    perhaps("when", WHENS)
    if kind is Kind.COMPARE:
        fields["against"] = draw(WHENS.filter(lambda one: one != fields.get("when", When())))
    if kind is Kind.FORECAST:
        fields |= {"ahead": draw(some.integers(1, 366)), "when": When()}
    if kind in (Kind.SCOPE, Kind.SUBSCRIBE):
        perhaps("off", some.booleans())
    if kind in (Kind.REPORT, Kind.SUBSCRIBE, Kind.ALERT):
        perhaps("cadence", some.sampled_from(Cadence))
    fields |= _due(draw, fields) | _decided(draw, kind)
    if kind in (Kind.SUBSCRIBE, Kind.ALERT):
        perhaps("channel", some.sampled_from(["#costs", "#a-b_1"]))
    if kind is Kind.ALERT:
        fields |= _waited_for(draw, fields)
    return CostQuestion.model_validate(fields)


@seed(20261123)
@settings(max_examples=1500, deadline=None, derandomize=False)
@given((_questions() | _managed()).filter(lambda one: len(str(one)) <= LONGEST))
def test_what_a_question_prints_is_read_to_the_same_question(question: CostQuestion) -> None:
    """Whatever stands in tags and values: quotation marks, commas, line ends, other alphabets."""
    again = parse(str(question), today=TODAY)
    assert again == question
    assert str(again) == str(question)


@seed(20261124)
@settings(max_examples=1500, deadline=None)
@given(
    some.text(max_size=80)
    | some.lists(
        some.sampled_from(
            [
                *[
                    "by",
                    "last",
                    "7",
                    "q3",
                    "=",
                    "vs",
                    "to",
                    "alert",
                    "new",
                    "mute",
                    "30%",
                    "subscribe",
                    "at",
                    "friday",
                    "8:00",
                ],
                '"',
            ]
        )
    ).map(" ".join)
)
def test_whatever_is_typed_is_a_question_or_one_sentence(text: str) -> None:
    """Never a surprise."""
    said = ""
    try:
        question = parse(text, today=TODAY)
    except CostsError as error:
        said = str(error)
    else:
        assert parse(str(question), today=TODAY) == question
    assert len(said) < 400
