"""People write as they speak; what is not understood is answered with the nearest word."""

from __future__ import annotations

from datetime import date

import pytest

from bot.cli import EXAMPLES
from bot.questions import Kind, parse
from finops.errors import UnknownWordError
from finops.focus import Metric

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("", None, None),
        ("this month", None, None),
        ("yesterday", date(2026, 11, 22), TODAY),
        ("last 7 days", date(2026, 11, 16), TODAY),
        ("over the past 2 weeks", date(2026, 11, 9), TODAY),
        ("LAST MONTH", date(2026, 10, 1), date(2026, 11, 1)),
        ("last week", date(2026, 11, 16), TODAY),
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1)),
    ],
)
def test_periods_are_understood(text: str, start: date | None, end: date | None) -> None:
    """Ends are exclusive; without words the month to date is meant."""
    question = parse(text, today=TODAY)
    assert (question.start, question.end) == (start, end)


def test_the_parts_come_in_any_order() -> None:
    """By, where, top, metric and period, in whatever case."""
    texts = (
        'billed by team and region where provider=aws and service="Amazon RDS" last month top 5',
        'Last month Top 5 where PROVIDER=aws, service="Amazon RDS" by team, region billed',
    )
    one, two = (parse(text, today=TODAY) for text in texts)
    assert one.model_dump(exclude={"text"}) == two.model_dump(exclude={"text"})
    assert one.metric is Metric.BILLED
    assert one.group_by == ("tag:team", "region_id")
    assert one.where == {"provider": ("aws",), "service_name": ("Amazon RDS",)}
    assert one.top == 5


def test_other_questions_are_told_apart() -> None:
    """Recommendations and help have no period."""
    assert parse("recommendations", today=TODAY).kind is Kind.RECOMMENDATIONS
    assert parse("help", today=TODAY).kind is Kind.HELP


@pytest.mark.parametrize(("text", "guess"), [("by servce", "service"), ("yesterdy", "yesterday"), ("by zzz", None)])
def test_an_unknown_word_is_named_with_the_nearest_one(text: str, guess: str | None) -> None:
    """And with an example that works."""
    with pytest.raises(UnknownWordError) as error:
        parse(text, today=TODAY)
    assert error.value.closest == guess
    parse(error.value.example, today=TODAY)


@pytest.mark.parametrize("text", ["forcast", "2026-13", "by", "where x", "top", "'; drop table runs; --"])
def test_nonsense_is_a_sentence_never_a_crash(text: str) -> None:
    """Whatever is typed."""
    with pytest.raises(UnknownWordError):
        parse(text, today=TODAY)


@pytest.mark.parametrize("words", [words for words, _ in EXAMPLES])
def test_every_example_that_help_shows_is_understood(words: str) -> None:
    """Nobody is taught words that are refused."""
    assert parse(words, today=TODAY).text == words
