"""Forecasts: what they say, what they refuse, and that they promise no more than they keep."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from finops.errors import BadSettingError, CurrencyMismatchError
from finops.forecasting import backtest, baseline, intervals, libraries, members, monthly, outlook, whole
from finops.forecasting.forecast import make, told
from finops.forecasting.history import CannotForecastError, Floats, History, history
from finops.forecasting.members import BASELINE, WITHOUT_PROPHET, Member, predict
from finops.forecasting.values import CostForecast, Spread
from finops.money import Money, total

START = date(2026, 1, 1)
CHEAP = ("weekday", "level", "weekday_long", "yearly")


def _series(days: int, *, name: str = "compute", seed: int = 1, level: float = 100.0) -> History:
    """A week with a quiet end, and noise."""
    chance = np.random.default_rng(seed)
    week = np.resize([level] * 5 + [level / 2] * 2, days)
    return History(name, START, week + chance.normal(0, level / 20, days))


def _forecast(series: History, horizon: int = 30, names: tuple[str, ...] = CHEAP) -> CostForecast:
    [made], measured = make([series], horizon, names)
    return told(made, currency="USD", measured=measured)


def _costs(amounts: list[str]) -> dict[date, Decimal]:
    return {START + timedelta(days=place): Decimal(amount) for place, amount in enumerate(amounts)}


def _refusal(costs: dict[date, Decimal], through: date = START + timedelta(days=40)) -> str:
    with pytest.raises(CannotForecastError) as refused:
        history("Compute", costs, through=through)
    return str(refused.value)


def test_an_empty_ledger_is_told_in_a_sentence() -> None:
    """And what to do."""
    assert "no charges up to 2026-02-10" in _refusal({})


def test_one_day_is_too_little_and_it_says_when_there_will_be_enough() -> None:
    """Ten days are the least."""
    assert "has 1 days" in _refusal(_costs(["5"]), START)
    assert "once 2026-01-10 is complete" in _refusal(_costs(["5"]), START)


def test_no_number_from_a_provider_is_not_guessed_over() -> None:
    """The day is named."""
    assert "no number on 2026-01-03 and on 1 other days" in _refusal(_costs(["1", "2", "NaN", "4", "Infinity"]))


def test_what_never_cost_anything_is_not_forecast() -> None:
    """All zero."""
    assert "has cost nothing in 41 days" in _refusal(_costs(["0"] * 30))


def test_days_without_charges_cost_nothing_and_those_before_the_first_do_not_count() -> None:
    """A service is as old as its first charge."""
    found = history("x", {**_costs(["0", "0", "3"]), START + timedelta(days=4): Decimal(5)}, through=date(2026, 1, 14))
    assert found.start == date(2026, 1, 3)
    assert list(found.amounts[:4]) == [3, 0, 5, 0]


@pytest.mark.parametrize("horizon", [0, 366, -1])
def test_a_horizon_outside_of_a_year_is_refused(horizon: int) -> None:
    """1 to 365 days."""
    with pytest.raises(CannotForecastError, match="1 to 365 days ahead"):
        make([_series(60)], horizon, CHEAP)


def test_an_unknown_model_is_refused_by_name() -> None:
    """Of the configuration's `ml_models`."""
    with pytest.raises(BadSettingError, match="“lstm” is no model: choose of weekday"):
        make([_series(60)], 30, ("lstm",))


@pytest.mark.parametrize("days", [10, 13, 20, 34, 60])
@pytest.mark.parametrize("horizon", [1, 30, 365])
def test_short_histories_are_forecast_all_the_same(days: int, horizon: int) -> None:
    """With every day in order: low under mean under high."""
    found = _forecast(_series(days), horizon)
    assert [point.day for point in found.points] == list(_series(days).ahead(horizon))
    assert all(one.lo95 <= one.lo80 <= one.mean <= one.hi80 <= one.hi95 for one in found.points)


def test_credits_stay_credits_and_costs_stay_costs() -> None:
    """An interval does not cross zero where the history never did."""
    costs = History("costs", START, np.abs(np.random.default_rng(1).normal(size=60)))
    refunds = History("refunds", START, -costs.amounts)
    cost, refund = _forecast(costs, 365), _forecast(refunds, 365)
    assert min(cost.whole.percentiles[0], *(point.lo95 for point in cost.points)) >= 0
    assert max(refund.whole.percentiles[-1], *(point.hi95 for point in refund.points)) <= 0


def test_the_weekly_pattern_and_the_level_are_found() -> None:
    """Of a regular series the total of a month is met within 3 %."""
    series, days = _series(200), 170
    found = _forecast(series.first(days))
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
    shifted = _series(120).amounts.copy()
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
    found = _forecast(_series(60), names=WITHOUT_PROPHET)
    assert found.failed == {"theta": "Exception: no model able to be fitted", "ces": "gave no number for some day"}
    assert "weekday" in found.members


def test_an_interval_holds_as_often_as_it_promises() -> None:
    """80 and 95 of 100, on series that calibrated nothing else."""
    series = [_series(400, name=str(seed), seed=seed, level=10.0**seed) for seed in range(1, 6)]
    made, measured = make([one.first(370) for one in series], 30, BASELINE)
    inside = {
        level: np.mean(
            [
                (one.amounts[370:] >= each.ends[f"lo{level}"]) & (one.amounts[370:] <= each.ends[f"hi{level}"])
                for one, each in zip(series, made, strict=True)
            ]
        )
        for level in (80, 95)
    }
    assert 0.70 < inside[80] < 0.90
    assert 0.90 < inside[95] <= 1
    assert measured.coverage80 is not None
    assert 0.75 < measured.coverage80 < 0.85


def test_what_is_expected_of_a_sum_lies_in_the_middle_of_what_is_possible() -> None:
    """Also where past forecasts were too low, each of them."""
    found = intervals.Calibration(np.full((30, 20), 2.0))
    for days in (5, 20, 40):
        spread = intervals.sums(_series(60), np.full(40, 100.0), found, days)
        assert np.median(spread) == pytest.approx(100 * days)
        assert spread[0] < 100 * days < spread[-1]


def test_one_spike_of_the_past_does_not_widen_every_day_to_come() -> None:
    """It is an anomaly, not how the series usually is."""
    calm = _series(180)
    amounts = calm.amounts.copy()
    amounts[100] += 1e6
    assert intervals.noise(History("x", START, amounts)) < 2 * intervals.noise(calm)


def test_intervals_widen_beyond_what_is_known_of_misses() -> None:
    """As a random walk does: four times as far, twice as wide."""
    misses = np.full((30, 365), np.nan)
    misses[:, :40] = np.random.default_rng(1).normal(size=(30, 40))
    width = intervals.widths(intervals.Calibration(misses), 0.8)
    assert width[159] == pytest.approx(2 * width[39], rel=0.01)


def test_what_is_farther_ahead_is_no_more_certain() -> None:
    """One bad week of the past is spread over the days, not drawn as a bulge."""
    found = intervals.never_falling(np.array([1.0, 5.0, 3.0, 2.0, 6.0]))
    assert found == pytest.approx([1, 10 / 3, 10 / 3, 10 / 3, 6])


def test_a_past_forecast_knows_nothing_of_what_came() -> None:
    """Changing the days after its origin changes nothing but what it is held against."""
    series = _series(120)
    other = History(series.name, START, np.concatenate([series.amounts[:90], np.full(30, 1e6)]))
    one, two = (backtest.made(backtest.Origin(each, 90, 30), CHEAP) for each in (series, other))
    assert (one.points == two.points).all()
    assert two.actual.sum() == 30e6


def test_errors_are_what_their_definitions_say() -> None:
    """By hand: a forecast of 12 where 10 came, after a history that changes by 4 from week to week."""
    before = History("x", START, np.repeat([0.0, 4.0], 7))
    window = intervals.Window(before, np.full(7, 10.0), np.full(7, 12.0))
    found = backtest.errors([window])
    assert found.mase == pytest.approx(2 / 4)
    assert found.against_naive == pytest.approx(2 / 6)
    assert found.smape == pytest.approx(2 * 2 / 22)
    assert found.total_error == pytest.approx(0.2)
    assert found.coverage80 is None


def test_past_forecasts_are_limited_however_many_series_there_are() -> None:
    """So that a thousand series do not take a day."""
    many = [_series(730, name=str(number)) for number in range(1000)]
    assert len(backtest.origins(many, 30)) == backtest.TASKS
    assert [len(backtest.origins(many[:1], horizon)) for horizon in (7, 30, 365)] == [12, 6, 6]


def test_parts_add_up_to_the_whole_to_the_cent() -> None:
    """Every day and every sum, after each gave way."""
    parts = [_series(200, name=str(seed), seed=seed, level=level) for seed, level in ((1, 100.0), (2, 30.0), (3, 0.3))]
    all_of_it = History("all", START, np.sum([part.amounts for part in parts], axis=0))
    made, measured = make([all_of_it, *parts], 45, CHEAP)
    top, moved = whole.reconciled(made[0], made[1:])
    each = [told(part, currency="USD", measured=measured) for part in moved]
    found = whole.added_up(told(top, currency="USD", measured=measured), each)
    for place, day in enumerate(found.points):
        assert day.mean == total(part.points[place].mean for part in each)
    assert found.whole.expected == total(part.whole.expected for part in each)
    assert CostForecast.model_validate_json(found.model_dump_json()) == found


def _spread() -> CostForecast:
    found = _forecast(_series(170))
    ending = Spread(days=11, expected=Decimal(500), percentiles=[Decimal(450 + place) for place in range(1, 100)])
    return found.model_copy(update={"month_end": ending})


def test_a_month_lands_where_its_days_ahead_lead() -> None:
    """What it cost so far, and the rest with its interval."""
    landed = outlook.landing(_spread(), so_far=Decimal(1000))
    assert landed == outlook.Landing(Decimal(1000), Decimal(1500), Decimal(1460), Decimal(1540))


@pytest.mark.parametrize(("budget", "chance"), [(1500, "0.5"), (1540, "0.1"), (5000, "0.01"), (100, "0.99")])
def test_a_budget_is_exceeded_with_a_probability(budget: int, chance: str) -> None:
    """Never quite 0 nor 1."""
    found = outlook.exceeding(_spread(), so_far=Decimal(1000), budget=Money(Decimal(budget), "USD"))
    assert found == Decimal(chance)


def test_a_budget_in_another_currency_is_refused() -> None:
    """Nothing is converted in silence."""
    with pytest.raises(CurrencyMismatchError):
        outlook.exceeding(_spread(), so_far=Decimal(0), budget=Money(Decimal(1), "EUR"))


def test_a_miss_is_explained_by_its_largest_contributors() -> None:
    """Those in its direction, until most of it is explained."""
    expected = {"compute": Decimal(100), "storage": Decimal(100), "network": Decimal(10), "logs": Decimal(5)}
    actual = {"compute": Decimal(140), "storage": Decimal(50), "network": Decimal(50), "ml": Decimal(35)}
    found = outlook.review(expected, actual, between=(Decimal(200), Decimal(230)))
    assert found.miss == Decimal(60)
    assert [one.label for one in found.contributors] == ["compute", "network"]
    assert outlook.said(found, currency="USD") == (
        "It cost $275.00, $60.00 (21.8 %) more than forecast, outside of what it should be; "
        "most of it: compute $40.00, network $40.00."
    )


def test_what_came_as_forecast_needs_no_explanation() -> None:
    """Nothing is named."""
    same = {"compute": Decimal(5)}
    assert outlook.said(outlook.review(same, same), currency="USD") == "It cost $5.00, exactly as forecast."


def _with_fees(series: History, fee: float, *, months: int = 12) -> History:
    """The same with a fee on the first of each of the last months."""
    days = [series.start + timedelta(days=place) for place in range(series.days)]
    firsts = [place for place, day in enumerate(days) if day.day == 1][-months:]
    amounts = series.amounts.copy()
    amounts[firsts] += fee
    return History(series.name, series.start, amounts)


def test_a_fee_of_each_month_is_expected_again_and_only_on_its_day() -> None:
    """The other days do not rise."""
    series = _series(200)
    with_fee, without = (predict(one, 30, CHEAP).points for one in (_with_fees(series, 80), series))
    first = [day.day for day in series.ahead(30)].index(1)
    assert with_fee[first] - without[first] == pytest.approx(80, abs=12)
    assert np.delete(with_fee, first) == pytest.approx(np.delete(without, first), abs=3)


@pytest.mark.parametrize(("fee", "months"), [(5, 12), (80, 2), (0, 0)])
def test_what_is_small_or_came_twice_is_no_fee_of_the_month(fee: float, months: int) -> None:
    """Chance is not carried on."""
    series = _with_fees(_series(200), fee, months=months)
    _, extra = monthly.split(series, 40)
    assert not extra.any()
