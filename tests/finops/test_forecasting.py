"""Forecasts: every day in order, the weekly pattern, fees of the month, members that fail, parts that add up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from finops.forecasting import baseline, libraries, members, monthly, whole
from finops.forecasting.forecast import make, told
from finops.forecasting.history import Floats, History
from finops.forecasting.many import forecasts
from finops.forecasting.members import WITHOUT_PROPHET, Member, predict
from finops.forecasting.training import Active, Setup
from finops.forecasting.values import CostForecast
from finops.money import total
from tests.finops.histories import CHEAP, START, a_series, forecast_of


@pytest.mark.parametrize("days", [10, 13, 20, 34, 60])
@pytest.mark.parametrize("horizon", [1, 30, 365])
def test_short_histories_are_forecast_all_the_same(days: int, horizon: int) -> None:
    """With every day in order: low under mean under high."""
    found = forecast_of(a_series(days), horizon)
    assert [point.day for point in found.points] == list(a_series(days).ahead(horizon))
    assert all(one.lo95 <= one.lo80 <= one.mean <= one.hi80 <= one.hi95 for one in found.points)


def test_credits_stay_credits_and_costs_stay_costs() -> None:
    """An interval does not cross zero where the history never did."""
    costs = History("costs", START, np.abs(np.random.default_rng(1).normal(size=60)))
    refunds = History("refunds", START, -costs.amounts)
    cost, refund = forecast_of(costs, 365), forecast_of(refunds, 365)
    assert min(cost.whole.percentiles[0], *(point.lo95 for point in cost.points)) >= 0
    assert max(refund.whole.percentiles[-1], *(point.hi95 for point in refund.points)) <= 0


def test_the_weekly_pattern_and_the_level_are_found() -> None:
    """Of a regular series the total of a month is met within 3 %."""
    series, days = a_series(200), 170
    found = forecast_of(series.first(days))
    assert float(found.whole.expected) == pytest.approx(series.amounts[days:].sum(), rel=0.03)
    assert found.points[0].mean > 80
    assert found.backtest is not None
    assert found.backtest.against_naive is not None
    assert found.backtest.against_naive < 1


def test_last_year_bends_the_same_days_of_this_one_by_half() -> None:
    """A peak a year ago raises, but not as high."""
    amounts = np.full(500, 100.0)
    amounts[500 - 364 + 10 : 500 - 364 + 24] = 144.0
    ahead = baseline.yearly(History("x", START, amounts), 40)
    assert ahead[0] == pytest.approx(100)
    assert ahead[16] == pytest.approx(120)
    assert ahead[35] == pytest.approx(100)


def test_the_libraries_give_numbers_and_say_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Theta, CES and Prophet on four months; Prophet starts where the series is, not where its curve ended."""
    shifted = a_series(120).amounts.copy()
    shifted[-14:] += 60
    series = History("x", START, shifted)
    found = predict(series, 14)
    assert not found.failed
    assert set(found.members) == {"weekday", "level", "weekday_long", "theta", "ces", "prophet"}
    curve = libraries.prophet_curve(series, 14)[-14:]
    assert found.members["prophet"].mean() > curve.mean() + 5
    assert capfd.readouterr() == ("", "")


def test_a_member_that_fails_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others still count."""

    def broken(series: History, horizon: int) -> Floats:
        message = "no model able to be fitted"
        raise Exception(message)  # noqa: TRY002  as statsforecast does

    def endless(series: History, horizon: int) -> Floats:
        return np.full(horizon, np.inf)

    known = {**members.MEMBERS, "theta": Member(broken, 7, library=True), "ces": Member(endless, 7, library=True)}
    monkeypatch.setattr(members, "MEMBERS", known)
    found = forecast_of(a_series(60), names=WITHOUT_PROPHET)
    assert found.failed == {"theta": "Exception: no model able to be fitted", "ces": "gave no number for some day"}
    assert "weekday" in found.members


def test_parts_add_up_to_the_whole_to_the_cent() -> None:
    """Every day and every sum, after each gave way."""
    parts = [a_series(200, name=str(seed), seed=seed, level=level) for seed, level in ((1, 100.0), (2, 30.0), (3, 0.3))]
    all_of_it = History("all", START, np.sum([part.amounts for part in parts], axis=0))
    made, measured = make([all_of_it, *parts], 45, CHEAP)
    top, moved = whole.reconciled(made[0], made[1:])
    each = [told(part, currency="USD", measured=measured) for part in moved]
    found = whole.added_up(told(top, currency="USD", measured=measured), each)
    for place, day in enumerate(found.points):
        assert day.mean == total(part.points[place].mean for part in each)
    assert found.whole.expected == total(part.whole.expected for part in each)
    assert CostForecast.model_validate_json(found.model_dump_json()) == found


def test_the_whole_stays_what_it_is_whatever_it_is_divided_by() -> None:
    """Though a part that would have to go below zero cannot give way: then the others do more."""
    small, large = a_series(200, name="small", level=0.3, seed=3), a_series(200, name="large", seed=4)
    nothing = History("nothing", START, np.zeros(200))
    less = History("all", START, large.amounts * 0.7)  # the parts are too much, and have to come down to it
    for parts in ([small, large], [large, nothing], [small, large, nothing]):
        made, _ = make([less, *parts], 45, CHEAP)
        top, moved = whole.reconciled(made[0], made[1:])
        assert top.points == pytest.approx(made[0].points, rel=1e-9)
        assert sum(part.points for part in moved) == pytest.approx(top.points, rel=1e-9)
        assert all((part.points >= 0).all() for part in moved)
    made, _ = make([less, nothing], 45, CHEAP)
    top, moved = whole.reconciled(made[0], made[1:])
    assert moved[0].points == pytest.approx(top.points)


def test_a_part_has_the_errors_of_its_own_past_and_the_whole_those_of_all() -> None:
    """What is calm is not as wrong as what is not; of what cost nothing or is too young, nothing is known but these."""
    calm, wild = a_series(200, name="calm", level=10.0, seed=3), a_series(200, name="wild", seed=4)
    wild = History("wild", START, wild.amounts * np.random.default_rng(5).lognormal(0, 1.5, 200))
    nothing = History("nothing", START, np.zeros(200))
    young = History("young", wild.end - timedelta(days=20), np.full(20, 1.0))
    whole_ = History("all", START, calm.amounts + wild.amounts + np.concatenate([np.zeros(180), young.amounts]))
    found = forecasts([whole_, calm, wild, nothing, young], 30, CHEAP, currency="USD", parts=True)
    errors = {one.name: one.backtest.total_error or Decimal(0) for one in found if one.backtest}
    assert Decimal(0) < errors["calm"] < errors["wild"]
    assert errors["calm"] != errors["all"]
    assert [errors["nothing"], errors["young"]] == [errors["all"]] * 2


def test_a_version_that_the_parts_chose_does_not_speak_for_the_whole() -> None:
    """All allowed members do, so that two questions about the same costs have the same total."""
    setup = Setup(allowed=list(CHEAP), active=Active(number=1, members=[CHEAP[0]]))
    costs = History("all", START, a_series(200).amounts * np.linspace(1, 3, 200))
    halves = [History(name, START, costs.amounts / 2) for name in ("web", "data")]
    quarters = [History(f"part {number}", START, costs.amounts / 4) for number in range(4)]
    totals = [
        forecasts([costs, *parts], 30, currency="USD", parts=True, setup=setup)[0] for parts in (halves, quarters)
    ]
    alone = forecasts([costs], 30, currency="USD", setup=setup)[0]
    assert [one.whole.expected for one in totals] == pytest.approx([alone.whole.expected] * 2, abs=Decimal(1))


def _with_fees(series: History, fee: float, *, months: int = 12) -> History:
    """The same with a fee on the first of each of the last months."""
    days = [series.start + timedelta(days=place) for place in range(series.days)]
    firsts = [place for place, day in enumerate(days) if day.day == 1][-months:]
    amounts = series.amounts.copy()
    amounts[firsts] += fee
    return History(series.name, series.start, amounts)


def test_a_fee_of_each_month_is_expected_again_and_only_on_its_day() -> None:
    """The other days do not rise."""
    series = a_series(200)
    with_fee, without = (predict(one, 30, CHEAP).points for one in (_with_fees(series, 80), series))
    first = [day.day for day in series.ahead(30)].index(1)
    assert with_fee[first] - without[first] == pytest.approx(80, abs=12)
    assert np.delete(with_fee, first) == pytest.approx(np.delete(without, first), abs=3)


@pytest.mark.parametrize(("fee", "months"), [(5, 12), (80, 2), (0, 0)])
def test_what_is_small_or_came_twice_is_no_fee_of_the_month(fee: float, months: int) -> None:
    """Chance is not carried on."""
    series = _with_fees(a_series(200), fee, months=months)
    _, extra = monthly.split(series, 40)
    assert not extra.any()
