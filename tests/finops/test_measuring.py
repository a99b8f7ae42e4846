"""What a carried-out saving saved: the same weekdays before and after, what left the bill, and when nothing is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.money import Money
from finops.periods import Period
from finops.recommendations import measuring, track
from finops.recommendations.findings import RecommendationType
from finops.recommendations.measuring import Asked, Known, Line, Saved, Unmeasured, Waste, Why
from finops.recommendations.track import Record

DONE = date(2026, 11, 8)
WEEK = measuring.windows(7, approved=DONE, done=DONE)
LATE = date(2026, 12, 31)
STOP, RIGHTSIZE = RecommendationType.STOP_IDLE_MACHINE, RecommendationType.RIGHTSIZE_MACHINE


def usd(amount: str) -> Money:
    """Return dollars."""
    return Money(Decimal(amount), "USD")


def lines(period: Period, cost: str, **more: object) -> list[Line]:
    """Return a line a day, of a machine priced by the hour that ran all day."""
    usual = {"source": 1, "currency": "USD", "timed": True, "quantity": Decimal(24)}
    return [Line(day=day, cost=Decimal(cost), **{**usual, **more}) for day in period]  # type: ignore[arg-type]


def judge(
    found: Iterable[Line], *, kind: str = STOP, provider: str = "aws", monthly: str = "300", waste: Iterable[Waste] = ()
) -> Saved | Unmeasured:
    """Judge a week around DONE, all of it settled and collected."""
    return measuring.judge(Asked(kind, provider, usd(monthly), WEEK), Known([*found], [*waste], LATE))


def test_what_it_cost_before_less_what_it_costs_after_is_held_against_the_promise_of_as_many_days() -> None:
    """To the last digit."""
    found = judge([*lines(WEEK.before, "10.000000000000000001"), *lines(WEEK.after, "1")])
    assert isinstance(found, Saved)
    assert (found.before, found.after) == (usd("70.000000000000000007"), usd("7"))
    assert (found.saved, found.promised) == (usd("63.000000000000000007"), usd("70"))
    assert track.sentence(WEEK, found) == (
        "7 days on: $63.00 saved of $70.00 promised (90 %); it cost $70.00 on 1–7 Nov 2026 and $7.00 on 9–15 Nov 2026"  # noqa: RUF001
    )


@given(
    days=st.sampled_from(measuring.HORIZONS),
    done=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    waited=st.integers(0, 40),
)
def test_both_windows_have_as_many_of_each_weekday_and_nothing_of_the_days_between(
    days: int, done: date, waited: int
) -> None:
    """Before the day of the approval, and after the day on which it was reported as done; nothing older than needed."""
    approved = done - timedelta(days=waited)
    found = measuring.windows(days, approved=approved, done=done)
    assert found.before.days == found.after.days == found.days == days
    assert Counter(day.weekday() for day in found.before) == Counter(day.weekday() for day in found.after)
    assert approved - timedelta(days=6) <= found.before.end <= approved
    assert found.after.start == done + timedelta(days=1)


def test_coverage_that_was_freed_and_that_nothing_else_used_has_not_left_the_bill() -> None:
    """What somebody else took of it has; at most what the resource gave back is held against it."""
    covered = lines(WEEK.before, "6", commitment="ri-1") + lines(WEEK.before, "4")
    for unused, left, saved in (("0", "0", "70"), ("2", "14", "56"), ("9", "42", "28")):
        waste = [Waste("ri-1", day, "USD", Decimal(unused)) for day in WEEK.after]
        found = judge(covered, waste=[*waste, Waste("ri-2", WEEK.after.start, "USD", Decimal(99))])
        assert isinstance(found, Saved)
        assert (found.unused, found.saved) == (usd(left), usd(saved))
    assert "and $42.00 of commitments that covered it is used by nothing else" in track.sentence(WEEK, found)


def test_what_was_wasted_before_already_is_not_its_doing() -> None:
    """Only the growth of the waste is."""
    waste = [Waste("ri-1", day, "USD", Decimal(9)) for day in [*WEEK.before, *WEEK.after]]
    found = judge(lines(WEEK.before, "6", commitment="ri-1"), waste=waste)
    assert isinstance(found, Saved)
    assert (found.unused, found.saved) == (usd("0"), usd("42"))


def test_a_smaller_machine_is_judged_by_what_is_priced_by_the_hour() -> None:
    """What passes through it is not its size's doing."""
    traffic = lines(WEEK.after, "50", timed=False)
    found = judge([*lines(WEEK.before, "10"), *lines(WEEK.after, "5"), *traffic], kind=RIGHTSIZE)
    assert isinstance(found, Saved)
    assert found.saved == usd("35")


@pytest.mark.parametrize(("provider", "hours", "said"), [
    ("aws", "20", True), ("aws", "12", False), ("gcp", "12", True), ("gcp", "24", False), ("azure", "29", False),
])  # fmt: skip
def test_of_a_resized_machine_that_ran_much_longer_or_shorter_nothing_is_said(
    provider: str,
    hours: str,
    said: bool,  # noqa: FBT001
) -> None:
    """Google bills hours of cores, of which half a machine has half."""
    after = lines(WEEK.after, "5", quantity=Decimal(hours))
    found = judge([*lines(WEEK.before, "10"), *after], kind=RIGHTSIZE, provider=provider)
    assert isinstance(found, Saved) is said
    if isinstance(found, Unmeasured):
        assert found.why is Why.USE_CHANGED
        assert "so that the costs say nothing about its size" in track.sentence(WEEK, found)


def test_without_quantities_days_are_counted() -> None:
    """Three days of seven are too few."""
    before = lines(WEEK.before, "10", quantity=None)
    after = lines(Period(WEEK.after.start, WEEK.after.start + timedelta(days=3)), "5", quantity=None)
    found = judge([*before, *after], kind=RIGHTSIZE)
    assert track.sentence(WEEK, found) == (
        "7 days on: not measured, as it ran 57 % shorter on 9–15 Nov 2026 than on 1–7 Nov 2026, so that the costs say"  # noqa: RUF001
        " nothing about its size"
    )


@pytest.mark.parametrize(("known", "why", "words"), [
    (Known(lines(WEEK.before, "10"), [], date(2026, 11, 14)), Why.NOT_SETTLED,
     "measured once its bills are settled through 15 Nov 2026 (now 14 Nov 2026)"),
    (Known(lines(WEEK.before, "10"), [], None), Why.NOT_SETTLED, "measured once its bills are settled through 15 Nov"),
    (Known(lines(WEEK.before, "10"), [], LATE, {date(2026, 11, 3)}), Why.NOT_COLLECTED, "no bill of 3 Nov 2026"),
    (Known(lines(WEEK.after, "10"), [], LATE), Why.NOT_BILLED, "no bill names a cost of this resource on 1–7 Nov"),  # noqa: RUF001
    (Known([*lines(WEEK.before, "10"), *lines(WEEK.after, "9", currency="EUR")], [], LATE), Why.CURRENCY,
     "it is billed in EUR, too"),
])  # fmt: skip
def test_what_cannot_be_said_is_not_invented(known: Known, why: Why, words: str) -> None:
    """And it is said why."""
    found = measuring.judge(Asked(STOP, "aws", usd("300"), WEEK), known)
    assert isinstance(found, Unmeasured)
    assert found.why is why
    assert words in track.sentence(WEEK, found)


def test_a_day_that_is_missing_elsewhere_does_not_matter() -> None:
    """Between the windows, or long before them."""
    known = Known(lines(WEEK.before, "10"), [], LATE, {DONE, date(2026, 1, 1)})
    assert isinstance(measuring.judge(Asked(STOP, "aws", usd("300"), WEEK), known), Saved)


@pytest.mark.parametrize(("saved", "words"), [
    ("0.004", "nothing saved of $70.00 promised"),
    ("-3", "costs $3.00 more, and $70.00 of saving was promised"),
    ("77", "$77.00 saved of $70.00 promised (110 %)"),
])  # fmt: skip
def test_less_than_nothing_and_more_than_promised_are_said_as_they_are(saved: str, words: str) -> None:
    """No rounding in one's favour."""
    assert track.achieved(usd(saved), usd("70")) == words


def test_all_together_counts_each_saving_by_its_longest_window_and_no_currency_with_another() -> None:
    """What is not measured yet is told, too."""
    known = [
        Record(usd("300"), 30, usd("280"), usd("300")),
        Record(usd("60"), 7, usd("7"), usd("14")),
        Record(usd("90")),
        Record(Money(Decimal(5), "EUR")),
    ]
    euros, dollars = track.together(known)
    assert euros == "1 saving carried out, €5.00 a month promised; none is measured yet"
    assert dollars == (
        "3 savings carried out, $450.00 a month promised; 2 measured over 7 to 30 days: $287.00 saved of $314.00"
        " promised (91 %)"
    )
    assert track.together([]) == []
