"""Which days are held against which."""

from __future__ import annotations

from datetime import date

import pytest

from bot.questions import parse
from bot.windows import windows
from finops import trend
from finops.periods import Period

TODAY = date(2026, 11, 28)
"""A Saturday."""
THROUGH = date(2026, 11, 26)
"""Thursday is the last complete day."""


def _days(first: int, end: int, month: int = 11) -> Period:
    return Period(date(2026, month, first), date(2026, month, end))


@pytest.mark.parametrize(
    ("text", "asked", "before"),
    [
        ("since monday", _days(23, 27), _days(16, 20)),
        ("this week", _days(23, 27), _days(16, 20)),
        ("since wednesday", _days(25, 27), _days(18, 20)),
        ("since 2026-11-20", _days(20, 27), _days(13, 20)),
        ("since 2026-11-17", _days(17, 27), _days(7, 17)),
        ("last 4 days", _days(23, 27), _days(19, 23)),
        ("from 2026-11-23 to 2026-11-26", _days(23, 27), _days(19, 23)),
        ("last week", _days(16, 23), _days(9, 16)),
        ("yesterday", _days(27, 28), _days(26, 27)),
        ("", _days(1, 27), _days(1, 27, month=10)),
        ("2026-10", Period.month(2026, 10), Period.month(2026, 9)),
        ("last 26 days", _days(1, 27), Period(date(2026, 10, 6), date(2026, 11, 1))),
        ("2026-10-01 to 2026-10-26", _days(1, 27, month=10), _days(1, 27, month=9)),
        ("2026-03-01 to 2026-03-30", _days(1, 31, month=3), Period.month(2026, 2)),
        ("this quarter", Period(date(2026, 10, 1), date(2026, 11, 27)), Period(date(2026, 7, 1), date(2026, 8, 27))),
        ("this year", Period(date(2026, 1, 1), date(2026, 11, 27)), Period(date(2025, 1, 1), date(2025, 11, 27))),
        ("last quarter", Period(date(2026, 7, 1), date(2026, 10, 1)), Period(date(2026, 4, 1), date(2026, 7, 1))),
        ("last 2 months", Period(date(2026, 9, 1), date(2026, 11, 1)), Period(date(2026, 7, 1), date(2026, 9, 1))),
        (
            "2026-09-01 to 2026-10-26",
            Period(date(2026, 9, 1), date(2026, 10, 27)),
            Period(date(2026, 7, 7), date(2026, 9, 1)),
        ),
        ("2026-10-01", _days(1, 2, month=10), Period(date(2026, 9, 30), date(2026, 10, 1))),
        ("2026-06-01 to 2026-06-07", _days(1, 8, month=6), Period(date(2026, 5, 25), date(2026, 6, 1))),
    ],
)
def test_part_of_a_week_is_held_against_its_weekdays_a_week_before(text: str, asked: Period, before: Period) -> None:
    """Part of a month, quarter or year against its first days before; all else against as many days or months."""
    assert windows(parse(text, today=TODAY), THROUGH) == (asked, before)


def test_a_quarter_to_date_stays_one_on_the_day_on_which_its_second_month_ends() -> None:
    """And two whole months that are over stand against the two before them."""
    quarter = windows(parse("this quarter", today=date(2026, 11, 30)), date(2026, 11, 30))
    assert [str(one) for one in quarter] == ["2026-10-01 to 2026-11-30", "2026-07-01 to 2026-08-30"]
    over = windows(parse("2026-10-01 to 2026-11-30", today=date(2026, 12, 5)), date(2026, 12, 4))
    assert str(over[1]) == "2026-08-01 to 2026-09-30"


@pytest.mark.parametrize(
    "text",
    ["", "2026-10", "2026-11", "2026-02", "2026-10-01 to 2026-10-26", "this quarter", "this year", "last quarter"],
)
@pytest.mark.parametrize("through", [THROUGH, date(2026, 11, 29), date(2026, 12, 1)])
def test_pages_are_held_against_the_same_days(text: str, through: date) -> None:
    """Else no page could stand behind an answer."""
    asked, before = windows(parse(text, today=date(2026, 12, 2)), through)
    assert trend.windows({"aws": through}, str(asked.start), str(asked.end)) == (asked, before)
