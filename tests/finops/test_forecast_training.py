"""A version of a model: its members are chosen on older days, judged on later ones, and replace what is no better."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from finops.forecasting.forecast import by_version
from finops.forecasting.history import Floats, History
from finops.forecasting.intervals import Window
from finops.forecasting.training import Active, Setup, Trained, trained

START = date(2026, 1, 1)
GOOD, FAIR, POOR = 1.0, 2.0, 9.0
ALLOWED = ["one", "two", "three", "four"]


def _window(number: int, misses: dict[str, float], *, name: str = "compute") -> Window:
    """A past forecast in which the seasonal naive one misses by 5, and each member by so much."""
    before = History(name, START, np.resize([100.0, 110.0], 60 + 7 * number))
    actual = before.amounts[-7:] + 5.0
    said: dict[str, Floats] = {member: actual + miss for member, miss in misses.items()}
    return Window(before, actual, np.median(list(said.values()), axis=0), said)


def _windows(older: dict[str, float], later: dict[str, float] | None = None) -> list[Window]:
    """Of each of four series six windows, the two latest of which judge."""
    return [
        _window(number, (later or older) if number > 3 else older, name=f"series {each}")
        for each in range(4)
        for number in range(6)
    ]


def _setup(active: list[str] | None = None, allowed: list[str] = ALLOWED) -> Setup:
    known = Active(number=3, members=active) if active else None
    return Setup(allowed=allowed, active=known, candidate=4 if active else 1)


SAME = dict.fromkeys(ALLOWED, GOOD)
ASTRAY = {**SAME, "one": -GOOD, "four": POOR}


def test_the_first_version_is_in_use_whatever_its_error() -> None:
    """There is nothing to hold it against."""
    found = trained(_windows(SAME), _setup())
    assert (found.number, found.members, found.replaces) == (1, ALLOWED, True)
    assert found.error == Decimal("0.2")
    assert found.reason == "the first of its kind: its error is 0.200"
    assert found.windows == 8


def test_with_too_little_history_all_members_are_taken_and_it_says_so() -> None:
    """A few windows tell nothing."""
    found = trained([_window(0, ASTRAY), _window(1, ASTRAY)], _setup())
    assert (found.members, found.error) == (ALLOWED, None)
    assert found.reason == "the first of its kind: too little history to judge it"


def test_a_member_that_goes_astray_here_is_left_out() -> None:
    """The median without it is nearer."""
    misses = {"one": FAIR, "two": FAIR, "three": 0.5, "four": -0.5, "five": POOR, "six": POOR}
    found = trained(_windows(misses), _setup(allowed=list(misses)))
    assert found.members == ["one", "two", "three", "four"]


def test_what_gains_next_to_nothing_is_chance_and_leaves_nobody_out() -> None:
    """Nor are so many left out that a median protects no more."""
    assert trained(_windows({**SAME, "four": POOR}), _setup()).members == ALLOWED
    few = {"one": 0.5, "two": POOR, "three": POOR, "four": POOR}
    assert trained(_windows(few), _setup()).members == ALLOWED


def test_a_version_that_is_worse_on_later_days_does_not_replace() -> None:
    """The one in use goes on, under its own number."""
    later = {"one": GOOD, "two": POOR, "three": POOR, "four": POOR}
    found = trained(_windows(SAME, later), _setup(["one"]))
    assert (found.number, found.members, found.replaces) == (3, ["one"], False)
    assert found.reason == "worse: 1.800 against 0.200 of version 3"


def test_a_version_that_is_not_worse_replaces() -> None:
    """As good is good enough."""
    found = trained(_windows(SAME), _setup(["one", "two"]))
    assert (found.number, found.members, found.replaces) == (4, ALLOWED, True)
    assert found.reason == "not worse: 0.200 against 0.200 of version 3"


def test_the_days_that_chose_do_not_judge() -> None:
    """A member that was good in older days and is bad in later ones is not flattered."""
    older, later = {**SAME, "four": POOR}, {"one": POOR, "two": POOR, "three": POOR, "four": POOR}
    found = trained(_windows(older, later), _setup())
    assert found.error == Decimal("1.8")


def test_what_the_configuration_no_longer_allows_is_not_used_any_more() -> None:
    """Whatever its error: people said so."""
    later = {"one": POOR, "two": GOOD, "three": GOOD, "four": GOOD}
    found = trained(_windows(SAME, later), _setup(["two"], allowed=["one"]))
    assert (found.members, found.replaces) == (["one"], True)
    assert found.reason == "the configuration no longer allows two"


def test_until_training_is_due_the_version_in_use_forecasts() -> None:
    """And its error on the latest days is known all the same."""
    setup = Setup(allowed=ALLOWED, active=Active(number=3, members=["one"]))
    found = trained(_windows(SAME), setup)
    assert (found.number, found.replaces, found.active_error) == (3, False, Decimal("0.2"))


@pytest.mark.parametrize(("active", "expected"), [(None, ["weekday", "level"]), (["weekday"], ["weekday"])])
def test_a_forecast_is_made_by_the_members_of_its_version(active: list[str] | None, expected: list[str]) -> None:
    """Its days are their median, and it says so."""
    week = np.resize([100.0] * 5 + [50.0] * 2, 200)
    noise = np.random.default_rng(3).normal(0, 5, 200)
    series = History("compute", START - timedelta(days=200), week + noise)
    setup = Setup(allowed=["weekday", "level"], active=Active(number=1, members=active) if active else None,
                  candidate=None if active else 1)  # fmt: skip
    [made], measured, model = by_version([series], 14, setup)
    assert isinstance(model, Trained)
    assert model.members == list(made.predicted.members) == expected
    assert made.points == pytest.approx(np.median(list(made.predicted.members.values()), axis=0))
    assert measured.windows
