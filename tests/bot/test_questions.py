"""People write as they speak; what is not understood is answered with the nearest word."""

from __future__ import annotations

from datetime import date

import pytest

from bot.questions import BELONGS, EXAMPLES, LONGEST, Kind, TooLongError, TooManyGroupsError, WrongPlaceError, parse
from finops.errors import UnknownWordError
from finops.focus import Metric

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("", None, None),
        ("this month", None, None),
        ("yesterday", date(2026, 11, 22), TODAY),
        ("LAST MONTH", date(2026, 10, 1), date(2026, 11, 1)),
        ("the cost of last month?", date(2026, 10, 1), date(2026, 11, 1)),
        ("last week", date(2026, 11, 16), TODAY),
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1)),
        ("yesterday this month", None, None),
    ],
)
def test_periods_are_understood(text: str, start: date | None, end: date | None) -> None:
    """Ends are exclusive; without words the month to date is meant."""
    question = parse(text, today=TODAY)
    assert (question.start, question.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("last 7 days", 7),
        ("over the past 2 weeks", 14),
        ("last 0 days", 1),
        ("2026-09 last 9 days", 9),
        ("30 days", 30),
    ],
)
def test_rolling_days_are_counted_from_what_is_complete(text: str, days: int) -> None:
    """So they are a number here, and days only once the ledger is asked."""
    question = parse(text, today=TODAY)
    assert (question.days, question.start, question.end) == (days, None, None)


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


@pytest.mark.parametrize("more", ["last 7 days", "top 5", "where env=prod", "env=prod", "yesterday", "billed"])
def test_a_comma_may_stand_where_one_breathes(more: str) -> None:
    """What follows it is a name to group by only if it can be one."""
    assert parse(f"by service, {more}", today=TODAY).group_by == ("service_name",)


def test_names_to_group_by_add_up_and_are_no_more_than_a_table_shows() -> None:
    """However they are given; a third is refused by its reason, not as an unknown word."""
    for text in ("by month, service", "by month and service", "by month by service"):
        assert parse(text, today=TODAY).group_by == ("month", "service_name")
    for text in ("by team, service, region", "by team by service by region"):
        with pytest.raises(TooManyGroupsError, match="2 names at most, and you gave 3"):
            parse(text, today=TODAY)


@pytest.mark.parametrize("text", ["by", "top", "last 7", "this year", "region", "by team region", "where team"])
def test_a_known_word_in_a_wrong_place_is_not_called_unknown(text: str) -> None:
    """Else a person reads that “last” is unknown, and asked whether “last” was meant."""
    with pytest.raises(WrongPlaceError, match="I know “") as error:
        parse(text, today=TODAY)
    parse(error.value.example, today=TODAY)
    assert all(parse(example, today=TODAY) for example in BELONGS.values())


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


def test_a_novel_is_refused_with_its_length() -> None:
    """What is longer than a button can carry would be cut, and mean something else."""
    with pytest.raises(TooLongError, match="characters"):
        parse("where service=" + "x" * LONGEST, today=TODAY)


@pytest.mark.parametrize("words", [words for words, _ in EXAMPLES])
def test_every_example_that_help_shows_is_understood(words: str) -> None:
    """Nobody is taught words that are refused."""
    assert parse(words, today=TODAY).text == words
