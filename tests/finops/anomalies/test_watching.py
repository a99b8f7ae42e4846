"""Days are judged by what was known on them: each kind is found, told apart, and told once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from finops.anomalies.detectors import Kind
from finops.anomalies.events import Watched, watch
from finops.anomalies.scores import begins
from finops.anomalies.series import CannotWatchError, Sensitivity, Series, series
from finops.errors import BadSettingError

START = date(2025, 1, 6)
DAYS, THEN = 400, 330
WANTED = Sensitivity()


def _usual(days: int = DAYS, *, seed: int = 7) -> np.ndarray:
    """Make a week with cheap weekends, a little restless."""
    week = np.array([110, 115, 112, 118, 109, 60, 55.0])
    return np.resize(week, days) * np.random.default_rng(seed).normal(1, 0.03, days)


def _watched(amounts: np.ndarray, wanted: Sensitivity = WANTED) -> Watched:
    return watch(Series("compute", START, amounts), wanted)


def _alarms(found: Watched, since: int = THEN) -> list[int]:
    return [day - since for day, alarm in enumerate(found.alarms) if alarm and day >= since]


def _with(change: np.ndarray | float, days: int = DAYS - THEN) -> np.ndarray:
    amounts = _usual()
    amounts[THEN : THEN + days] *= change
    return amounts


@pytest.mark.parametrize(
    ("amounts", "latest", "kind"),
    [
        (_with(1.6, 1), 0, Kind.SPIKE),
        (_with(0.4, 1), 0, Kind.DROP),
        (_with(1.3), 0, Kind.SHIFT),
        (_with(0.5), 0, Kind.SHIFT),
        (_with(1 + 0.6 * np.minimum(np.arange(1, 71) / 21, 1)), 8, Kind.RAMP),
    ],
)
def test_each_kind_is_found_in_time_and_called_by_its_name(amounts: np.ndarray, latest: int, kind: Kind) -> None:
    """Days since it began; the name is that of the event when it is over, or at the end of the series."""
    found = _watched(amounts)
    assert _alarms(found)[0] <= latest
    assert found.events[-1].kind == kind if kind != Kind.RAMP else kind in {one.kind for one in found.events}


@pytest.mark.parametrize("seed", [4, 6, 7])
def test_what_creeps_in_restless_days_is_found_by_the_level_of_four_weeks(seed: int) -> None:
    """To half as much again within two months: no day of it and no sum of its misses is out of order."""
    week = np.array([110, 115, 112, 118, 109, 60, 55.0])
    amounts = np.resize(week, 500) * np.random.default_rng(seed).normal(1, 0.1, 500)
    amounts[380:] *= 1 + 0.5 * np.minimum(np.arange(1, 121) / 60, 1)
    assert 0 < _alarms(_watched(amounts, Sensitivity(rate=Decimal("0.1"))), 380)[0] <= 42


def test_a_week_without_its_pattern_is_found_though_it_costs_the_same() -> None:
    """Every day costs what the mean day did."""
    amounts = _usual()
    amounts[THEN:] = amounts[:THEN][-56:].mean() * np.random.default_rng(1).normal(1, 0.03, DAYS - THEN)
    assert 0 <= _alarms(_watched(amounts))[0] <= 7


def test_a_series_of_no_surprises_raises_about_as_many_alarms_as_were_put_up_with() -> None:
    """Twenty series of a restless 15 %, so that the floor does not hide them."""
    wanted = Sensitivity(rate=Decimal("0.5"))
    months = 20 * 365 / 30.4375
    raised = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        raised += sum(_watched(100 * random.lognormal(0, 0.15, 730), wanted).alarms[365:])
    assert raised / months < 0.7


def test_a_day_is_judged_by_nothing_that_came_after_it() -> None:
    """The same days get the same scores, alarms and kinds with or without a future."""
    amounts = _with(1.3)
    whole, early = _watched(amounts), _watched(amounts[: THEN + 10])
    assert early.alarms == whole.alarms[: THEN + 10]
    assert early.kinds == whole.kinds[: THEN + 10]
    assert np.array_equal(early.months, whole.months[: THEN + 10])


def test_a_day_that_went_like_that_a_year_before_is_no_surprise() -> None:
    """A feast on the same date of two years; without the first, the second is one."""
    amounts = _usual(800)
    later = (date(2026, 12, 25) - START).days
    amounts[later] *= 0.3
    assert _alarms(_watched(amounts), later)[:1] == [0]
    amounts[(date(2025, 12, 25) - START).days] *= 0.3
    assert _alarms(_watched(amounts), later)[:1] != [0]


def test_a_series_that_never_moved_surprises_when_it_does() -> None:
    """A fixed price has no tail to learn from."""
    amounts = np.full(DAYS, 100.0)
    amounts[THEN] = 160
    assert _alarms(_watched(amounts))[0] == 0


def test_credits_are_watched_like_costs() -> None:
    """A credit that grows is a drop of cost."""
    amounts = -_usual()
    amounts[THEN] *= 1.6
    found = _watched(amounts)
    assert _alarms(found) == [0]
    assert found.events[-1].kind == Kind.DROP
    assert found.events[-1].excess < 0


def test_the_first_cost_after_weeks_of_nothing_is_new() -> None:
    """Whatever its size."""
    amounts = np.zeros(DAYS)
    amounts[THEN:] = 50
    found = _watched(amounts)
    assert _alarms(found)[0] == 0
    assert found.kinds[THEN] == Kind.NEW


def test_what_costs_once_a_month_is_neither_new_nor_a_spike() -> None:
    """A subscription, for instance, once it is known."""
    amounts = np.zeros(DAYS)
    amounts[::30] = 70
    assert _alarms(_watched(amounts), 200) == []


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("beside", [0.0, 400.0])
def test_what_comes_once_a_calendar_month_is_known_after_two(beside: float, *, last: bool) -> None:
    """A subscription on the first of the month, or support on its last day, alone or beside other costs."""
    days = [START + timedelta(days=day) for day in range(DAYS)]
    due = [(day + timedelta(days=last)).day == 1 for day in days]
    amounts = beside * np.random.default_rng(3).normal(1, 0.03, DAYS) + 2900.0 * np.array(due)
    alarms = _watched(amounts).alarms
    assert not any(alarm for alarm, fee in list(zip(alarms, due, strict=True))[80:] if fee)


def test_a_second_new_level_surprises_as_the_first_did() -> None:
    """What followed the first was no surprise of its own."""
    amounts = np.full(DAYS, 233.0)
    amounts[:100] = 291.4
    amounts[THEN:] = 279.6
    found = _watched(amounts, Sensitivity(rate=Decimal("0.1"), amount=Decimal(20)))
    assert [(one.days.start - START).days for one in found.events] == [100, THEN]


def test_a_day_that_was_not_collected_is_a_gap_and_no_anomaly() -> None:
    """And the days after it are judged as if it had been usual."""
    amounts = _usual()
    amounts[THEN] = np.nan
    found = _watched(amounts)
    assert found.kinds[THEN] == Kind.GAP
    assert _alarms(found) == []


@pytest.mark.parametrize("wanted", [Sensitivity(share=Decimal("0.8")), Sensitivity(amount=Decimal(80))])
def test_what_is_too_little_to_speak_of_raises_nothing(wanted: Sensitivity) -> None:
    """Sixty percent of a day of about 110 are neither eighty percent nor 80 in money."""
    amounts = _with(1.6, 1)
    assert _alarms(_watched(amounts))[0] == 0
    assert _alarms(_watched(amounts, wanted)) == []


def test_a_higher_rate_lets_more_pass_for_alarms() -> None:
    """The threshold follows the wanted rate."""
    amounts = 100 * np.random.default_rng(3).lognormal(0, 0.2, 730)
    few, many = (sum(_watched(amounts, Sensitivity(rate=Decimal(rate))).alarms) for rate in ("0.1", "2"))
    assert few < many


def test_an_event_tells_its_days_and_what_it_costs() -> None:
    """Five days of double cost are one event of one alarm: a new level on each of them, and a spike once it is over."""
    found = _watched(_with(2.0, 5))
    event = found.events[-1]
    assert (event.days.start, event.days.days) == (START + timedelta(days=THEN), 5)
    assert (event.kind, event.lasts) == (Kind.SPIKE, False)
    assert found.kinds[THEN + 4] == Kind.SHIFT
    assert Decimal("0.9") < event.excess / event.expected < Decimal("1.1")
    assert event.actual - event.expected - event.excess <= Decimal("0.01")
    assert abs(event.monthly - event.excess * Decimal("30.4375")) < 1


@pytest.mark.parametrize("days", [1, 3, 14, 21, 40])
def test_an_event_is_told_once_and_its_end_is_none(days: int) -> None:
    """Neither going on nor going back to what was usual is a surprise."""
    found = _watched(_with(1.5, days))
    assert _alarms(found) == [0]
    assert [one.days.days for one in found.events if one.days.start >= START + timedelta(days=THEN)] == [days]


def test_a_drop_within_an_event_is_another_event() -> None:
    """Below what was usual before, not back to it."""
    amounts = _with(1.5, 20)
    amounts[THEN + 10] = 20
    assert _alarms(_watched(amounts)) == [0, 10]


def test_an_event_at_the_end_of_what_is_known_lasts() -> None:
    """Nobody knows whether it is over."""
    found = _watched(_with(1.5)[: THEN + 4])
    assert found.events[-1].lasts
    assert found.kinds[-1] == Kind.SHIFT


@pytest.mark.parametrize("days", [1, 5, 30, 60])
def test_a_short_series_is_judged_without_a_word_too_much(days: int) -> None:
    """Nothing is rare in a past of a few days."""
    assert sum(_watched(_usual(days)).alarms) == 0


def test_a_series_is_made_of_days_and_what_is_missing_is_not_nothing() -> None:
    """A day without a row was not collected."""
    made = series("a", {START: Decimal(1), START + timedelta(days=2): 3.0, START + timedelta(days=3): None})
    assert made.start == START
    assert np.array_equal(made.amounts, [1, np.nan, 3, np.nan], equal_nan=True)


def test_a_day_that_is_missing_is_filled_from_the_week_before() -> None:
    """So that it is no surprise, and none later."""
    week = np.arange(1.0, 8.0)
    made = Series("a", START, np.concatenate([week, [np.nan, 9.0, np.nan]]))
    assert made.filled()[7:].tolist() == [1, 9, 3]


def test_a_threshold_at_any_height_counts_what_begins() -> None:
    """Of days in the same direction within a week only those that are rarer than all before."""
    months = np.array([0, 5, 3, 7, 2, 0, 0, 0, 0, 0, 0, 4.0])
    rising = [True] * 4 + [False] + [True] * 7
    assert begins(months, rising).tolist() == [0, 5, 0, 7, 2, 0, 0, 0, 0, 0, 0, 4]


def test_what_goes_on_growing_is_a_ramp() -> None:
    """Though its first day was a jump."""
    found = _watched(_with(1.4 + np.arange(DAYS - THEN) / 40)[: THEN + 30])
    assert found.kinds[THEN] == Kind.SPIKE
    assert found.kinds[THEN + 5] == Kind.SHIFT
    assert found.events[-1].kind == Kind.RAMP


@pytest.mark.parametrize(("costs", "words"), [({}, "no amounts"), ({START: float("inf")}, "endless amount on 2025")])
def test_what_is_no_amount_is_refused(costs: dict[date, float], words: str) -> None:
    """In a sentence that names the series."""
    with pytest.raises(CannotWatchError, match=words):
        series("a", costs)


@pytest.mark.parametrize("wrong", [{"rate": Decimal(0)}, {"share": Decimal(-1)}, {"amount": Decimal("NaN")}])
def test_a_sensitivity_that_makes_no_sense_is_refused(wrong: dict[str, Decimal]) -> None:
    """Before anything is judged."""
    with pytest.raises(BadSettingError):
        Sensitivity(**wrong)
