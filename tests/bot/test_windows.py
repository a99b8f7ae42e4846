"""Which days are held against which."""

from __future__ import annotations

from datetime import date

import pytest

from bot.questions import parse
from bot.windows import windows
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
    ],
)
def test_part_of_a_week_is_held_against_its_weekdays_a_week_before(text: str, asked: Period, before: Period) -> None:
    """All else against as many days, or months, right before."""
    assert windows(parse(text, today=TODAY), THROUGH) == (asked, before)
