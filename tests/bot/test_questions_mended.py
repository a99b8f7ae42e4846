"""What is not understood is answered with the nearest reading, or refused in one sentence."""

from __future__ import annotations

import pytest

from bot.questions import (
    EXAMPLE,
    LONGEST,
    ImpossibleDateError,
    NotUnderstoodError,
    OneThingError,
    TooLongError,
    parse,
    read,
)
from finops.errors import CostsError, UnknownWordError
from tests.bot.asked import TODAY


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("by", "by service"),
        ("top", "by service"),
        ("last", "last 7 days"),
        ("last 7", "last 7 days"),
        ("since", "since"),
    ],
)
def test_a_phrase_without_its_end_is_completed_as_an_offer(text: str, nearest: str) -> None:
    """It is not called unknown, and not answered as if it had been said."""
    with pytest.raises(NotUnderstoodError, match="I know “") as error:
        parse(text, today=TODAY)
    assert str(error.value.nearest).startswith(nearest)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("by servce", "by service"),
        ("yesterdy", "2026-11-22"),
        ("feburary", "2026-02"),
        ("forcast by servce", "forecast by service"),
    ],
)
def test_a_clear_mistake_of_spelling_is_put_right_and_said(text: str, read_as: str) -> None:
    """So that nobody has to trust a reading that he cannot see."""
    reading = read(text, today=TODAY)
    assert str(reading.question) == read_as
    assert [raw for raw, _ in reading.mended] == [word for word in text.split() if word not in ("by", "30")]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("by srvc", "by service"),
        ("ec2 last month", "where service=ec2 2026-10"),
        ("by zzz", "by service"),
        ("where x", None),
        ("by team desc", "by team 2025-12"),
        ("cost of the moon", "2026-11-16"),
        ("allocation team", "by region and team"),
        ("wensday", "2026-11-18"),
        ("anomalies all", "anomalies"),
        ("cheapest", "where service=cheapest"),
    ],
)
def test_what_is_less_clear_is_offered(text: str, nearest: str | None) -> None:
    """Where there is anything to offer, and with an example that works anyway.

    A short word, or one that turns into other days or names by more than a slip, would answer another question.
    """
    with pytest.raises(UnknownWordError) as error:
        parse(text, today=TODAY)
    assert isinstance(error.value, NotUnderstoodError)
    assert (error.value.nearest and str(error.value.nearest)) == nearest
    parse(error.value.example, today=TODAY)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("31 february", "February has no day 31."),
        ("2026-02-30", "February 2026 has no day 30."),
        ("2026-13-01", "There is no 2026-13-01."),
        ("from 15 to 1 october", "A period from 15 Oct 2026 to 1 Oct 2026 would end before it begins."),
    ],
)
def test_what_is_wrong_with_a_day_is_said_in_plain_words(text: str, why: str) -> None:
    """As a person names months and days."""
    with pytest.raises(ImpossibleDateError) as error:
        parse(text, today=TODAY)
    assert str(error.value).startswith(f"{why} Write days as")


@pytest.mark.parametrize(
    "text",
    [
        "select * from costs where team='; drop table x; since 2026-01-01",
        'where team="\';" drop table charges since monday',
    ],
)
def test_of_a_text_that_is_mostly_not_understood_no_fragment_is_offered(text: str) -> None:
    """It would be another question, of a name that nobody has."""
    with pytest.raises(NotUnderstoodError) as error:
        parse(text, today=TODAY)
    assert error.value.nearest is None
    assert error.value.example == EXAMPLE


@pytest.mark.parametrize("text", ["2026-13", "31 february", "2026-02-30", "q5", "2026-W60", "from 15 to 1 october"])
def test_an_impossible_date_is_a_sentence(text: str) -> None:
    """That says how days are written."""
    with pytest.raises(ImpossibleDateError, match="2026-10-15"):
        parse(text, today=TODAY)


@pytest.mark.parametrize("text", ["by week", "weekly", "trend forecast", "> 500 USD", "yesterday off"])
def test_what_does_not_go_together_is_a_sentence(text: str) -> None:
    """With an example, where there is one."""
    with pytest.raises(OneThingError):
        parse(text, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "'; drop table runs; --",
        "🎉🎉",
        "كم التكلفة",
        "\u202eabc",
        "<!channel>",
        "service != S3",
        "=",
        '"',
        "by by by",
        "/" * 900,
    ],
)
def test_nonsense_is_one_sentence_never_a_crash(text: str) -> None:
    """Whatever is typed."""
    with pytest.raises(CostsError) as error:
        parse(text, today=TODAY)
    assert len(str(error.value)) < 300
    assert "\u202e" not in str(error.value)


def test_a_novel_is_refused_with_its_length() -> None:
    """What is longer than a button can carry would be cut, and mean something else."""
    with pytest.raises(TooLongError, match="3,000 characters"):
        parse("x" * 3000, today=TODAY)
    with pytest.raises(TooLongError, match="characters"):
        parse("service=" + "\\" * (LONGEST - 20), today=TODAY)
