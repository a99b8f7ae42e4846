"""When a digest goes out, as people say it."""

from __future__ import annotations

from datetime import date

import pytest

from bot.questions import OneThingError, parse, read

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("subscribe daily at 7", "subscribe daily at 7:00"),
        ("subscribe daily at 07:00", "subscribe daily at 7:00"),
        ("subscribe every day 7pm", "subscribe daily at 19:00"),
        ("subscribe daily at 12 am", "subscribe daily at 0:00"),
        ("subscribe weekly at 08:00 to #web", "subscribe weekly at 8:00 #web"),
        ("subscribe weekly on fridays", "subscribe weekly on fridays"),
        ("every friday at 8 o'clock subscribe to #web", "subscribe weekly on fridays at 8:00 #web"),
        ("subscribe weekly team=web on thu, at 6, to me", "subscribe where team=web weekly on thursdays at 6:00"),
        ("unsubscribe weekly on fridays at 8", "subscribe off weekly"),
        ("unsubscribe fridays", "subscribe off weekly"),
        ("subscribe weekly on fridys", "subscribe weekly on fridays"),
    ],
)
def test_day_and_hour_are_understood_and_written_in_one_way(text: str, written: str) -> None:
    """In any order; of what is ended there is one of each cadence, whenever it goes out."""
    question = parse(text, today=TODAY)
    assert str(question) == written
    assert parse(written, today=TODAY) == question


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subscribe daily at 7:30", "full hour"),
        ("subscribe daily at 24", "full hour"),
        ("subscribe daily at 13pm", "full hour"),
        ("subscribe at 7", "daily or weekly"),
        ("subscribe daily on fridays", "weekly digest"),
        ("costs at 7", "For example: subscribe daily at 7"),
    ],
)
def test_what_is_no_hour_or_day_of_a_digest_is_a_sentence(text: str, said: str) -> None:
    """With an example."""
    with pytest.raises(OneThingError, match=said):
        parse(text, today=TODAY)


def test_elsewhere_a_weekday_is_the_last_one_and_at_says_nothing() -> None:
    """As before."""
    assert str(parse("friday at list", today=TODAY)) == "list 2026-11-20"
    assert read("on mondays", today=TODAY).mended == (("mondays", "monday"),)
    assert str(parse("alert on anomalies at #web", today=TODAY)) == "alert on anomalies #web"
