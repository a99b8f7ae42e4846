"""Which days can be relied on."""

from __future__ import annotations

from datetime import date

import pytest

from finops.freshness import complete_through

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("provider", "last_day", "expected"),
    [
        ("aws", date(2026, 11, 22), date(2026, 11, 21)),
        ("aws", date(2026, 11, 23), date(2026, 11, 21)),
        ("azure", date(2026, 11, 22), date(2026, 11, 20)),
        ("gcp", date(2026, 11, 22), date(2026, 11, 21)),
        ("some-saas", date(2026, 11, 22), date(2026, 11, 20)),
        (None, date(2026, 11, 22), date(2026, 11, 20)),
    ],
)
def test_the_newest_days_of_a_running_month_are_provisional(
    provider: str | None, last_day: date, expected: date
) -> None:
    """Each provider's usage arrives with a lag of its own."""
    assert complete_through(provider, last_day, today=TODAY) == expected


def test_an_old_file_of_the_running_month_knows_little_of_its_last_day() -> None:
    """However long ago it was made: the day was not over when it was."""
    assert complete_through("aws", date(2026, 11, 5), today=TODAY) == date(2026, 11, 4)


def test_a_closed_month_is_complete_to_its_last_charge() -> None:
    """Once the lag has passed since it ended."""
    assert complete_through("azure", date(2026, 9, 30), today=TODAY) == date(2026, 9, 30)
    assert complete_through("azure", date(2026, 10, 31), today=date(2026, 11, 2)) == date(2026, 10, 29)
    assert complete_through("azure", date(2026, 10, 31), today=date(2026, 11, 3)) == date(2026, 10, 31)
