"""Periods end exclusive, so that nothing is counted twice and nothing falls between."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from finops.periods import Period


def test_months_follow_each_other_without_gap_or_overlap() -> None:
    """Each month ends where the next one starts, over leap years too."""
    months = list(Period(date(2023, 11, 5), date(2024, 4, 1)).months())
    assert months[0] == Period.month(2023, 11)
    assert all(one.end == two.start for one, two in itertools.pairwise(months))
    assert months[-1] == Period.month(2024, 3)
    assert Period.month(2024, 2).days == 29


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    """End exclusive."""
    september = Period.month(2026, 9)
    assert date(2026, 9, 1) in september
    assert date(2026, 10, 1) not in september
    assert len(list(september)) == september.days == 30


def test_the_days_before_are_as_many() -> None:
    """A comparison is between equals."""
    week = Period.last_days(7, date(2026, 9, 8))
    assert week.before() == Period(date(2026, 8, 25), date(2026, 9, 1))


def test_cutting_never_turns_a_period_around() -> None:
    """A cut before its start leaves nothing, not a negative period."""
    september = Period.month(2026, 9)
    assert september.until(date(2026, 9, 11)).days == 10
    assert september.until(date(2026, 1, 1)).days == 0
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 9, 2), date(2026, 9, 1))


def test_people_see_the_last_day_itself() -> None:
    """People count inclusively."""
    assert str(Period.month(2026, 9)) == "2026-09-01 to 2026-09-30"
    assert str(Period.last_days(1, date(2026, 9, 2))) == "2026-09-01"
