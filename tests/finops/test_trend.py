"""A period against the same days before, what a day costs, and where the month will land."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from finops import trend
from finops.money import Money
from finops.periods import Period
from finops.tables import Change
from finops.trend import NoChargesError, TrendResult


def test_windows_stop_at_the_last_day_that_every_provider_has_completed() -> None:
    """The slowest provider decides."""
    settled = {"aws": date(2026, 11, 21), "azure": date(2026, 11, 19)}
    current, before = trend.windows(settled)
    assert (str(current), str(before)) == ("2026-11-01 to 2026-11-19", "2026-10-01 to 2026-10-19")


def test_a_provider_that_stopped_delivering_does_not_hold_the_others_back() -> None:
    """A year without a bill is an account that was closed."""
    assert trend.complete_through({"aws": date(2026, 11, 21), "gcp": date(2025, 11, 1)}) == date(2026, 11, 21)


def test_the_month_before_may_be_shorter() -> None:
    """1 to 30 March stands against the whole of February."""
    current, before = trend.month_to_date(date(2026, 3, 30))
    assert (current.days, before) == (30, Period.month(2026, 2))


def test_a_month_asked_for_by_its_days_is_held_against_the_same_days_of_the_month_before() -> None:
    """A quarter's against those of the quarter before, whole months against whole ones, others against as many days."""
    quarter = trend.windows({}, "2026-10-01", "2026-11-27")
    assert [str(one) for one in quarter] == ["2026-10-01 to 2026-11-26", "2026-07-01 to 2026-08-26"]
    assert trend.windows({}, "2026-11-01", "2026-12-01")[1] == Period.month(2026, 10)
    assert trend.windows({}, "2026-11-01", "2026-11-11")[1] == Period(date(2026, 10, 1), date(2026, 10, 11))
    assert trend.windows({}, "2026-11-08", "2026-11-15")[1] == Period(date(2026, 11, 1), date(2026, 11, 8))


def test_without_charges_there_is_a_sentence_with_a_way_out() -> None:
    """Not an index error."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        trend.windows({})


def test_movers_are_ranked_by_how_much_they_moved_in_either_direction() -> None:
    """What did not change is no mover; what is new has no share."""
    found = trend.compare(
        {"up": Decimal(30), "down": Decimal(10), "same": Decimal(5), "new": Decimal(1)},
        {"up": Decimal(20), "down": Decimal(50), "same": Decimal(5)},
        top=5,
    )
    assert (found.total, found.previous, found.change) == (46, 75, -29)
    assert [(one.label, one.change, one.change_share) for one in found.movers] == [
        ("down", -40, Decimal("-0.8")),
        ("up", 10, Decimal("0.5")),
        ("new", 1, None),
    ]


def test_a_ledger_that_begins_later_is_not_compared() -> None:
    """Ten days of a month before would make the month after it three times as dear."""
    _, before = trend.month_to_date(date(2026, 11, 20))
    assert trend.comparable(before, Period(date(2026, 10, 1), date(2026, 11, 21)))
    for known in (None, Period(date(2026, 10, 2), date(2026, 11, 21))):
        assert not trend.comparable(before, known)
    found = trend.compare({"a": Decimal(30)}, {"a": Decimal(10)}, fair=False)
    assert (found.total, found.change_share, found.movers, found.comparable) == (30, None, (), False)


def test_parts_that_cannot_be_compared_stand_alone() -> None:
    """Amounts before would be taken for whole ones."""
    movers = trend.compare({"a": Decimal(30)}, {"a": Decimal(10)}).movers
    assert trend.table("Service", movers, "USD").rows == [
        ("a", Money(Decimal(10), "USD"), Money(Decimal(30), "USD"), Change(Money(Decimal(20), "USD")))
    ]
    alone = trend.table("Service", movers, "USD", comparable=False)
    assert (alone.head, alone.rows) == (("Service", "Now"), [("a", Money(Decimal(30), "USD"))])


def test_changes_are_exact() -> None:
    """To the eighteenth decimal of a large amount."""
    found = trend.compare({"a": Decimal("12345678901234567890.000000000000000001")}, {"a": Decimal(1)})
    assert found.change == Decimal("12345678901234567889.000000000000000001")


def _steady(first: date, days: int, *, weekend: int = 4, workday: int = 10) -> dict[date, Decimal]:
    every = (first + timedelta(days=n) for n in range(days))
    return {day: Decimal(weekend if day.weekday() >= 5 else workday) for day in every}


def test_the_run_rate_is_the_mean_of_the_last_complete_week() -> None:
    """Provisional days after it do not count, a day without charges does, days before the first charge do not."""
    daily = _steady(date(2026, 11, 2), 14) | {date(2026, 11, 16): Decimal(1000)}
    assert trend.run_rate(daily, through=date(2026, 11, 15)) == Decimal("8.29")  # (5 * 10 + 2 * 4) / 7
    assert trend.run_rate({date(2026, 11, 15): Decimal(3)}, through=date(2026, 11, 15)) == 3
    assert trend.run_rate({}, through=date(2026, 11, 15)) == 0


def test_the_month_lands_by_weekday_and_no_single_day_moves_it() -> None:
    """The median of four weeks; tax and credits are added once, not repeated."""
    daily = _steady(date(2026, 10, 5), 42)  # through Sunday 15 November
    whole = sum(_steady(date(2026, 11, 1), 30).values())
    assert trend.landing(daily, through=date(2026, 11, 15)) == whole
    spike = daily | {date(2026, 11, 11): Decimal(5010)}
    assert trend.landing(spike, through=date(2026, 11, 15), one_off=Decimal(7)) == whole + 5000 + 7
    assert trend.landing({}, through=date(2026, 11, 15)) is None


def test_a_complete_month_has_landed() -> None:
    """Nothing is expected after its last day."""
    daily = _steady(date(2026, 10, 1), 61)
    assert trend.landing(daily, through=date(2026, 11, 30)) == sum(_steady(date(2026, 11, 1), 30).values())


def test_usage_follows_the_trend_and_everything_else_is_one_line() -> None:
    """Totals still add up."""
    day = {"date": "2026-11-01", "provider": "aws"}
    series = trend.lines(
        [
            ({**day, "charge_category": "Usage", "charge_class": None}, Decimal(10)),
            ({**day, "charge_category": "Usage", "charge_class": "Correction"}, Decimal(-1)),
            ({**day, "charge_category": "Tax", "charge_class": None}, Decimal(2)),
        ]
    )
    first = date(2026, 11, 1)
    assert series == {"AWS": {first: 10}, trend.ONE_OFF: {first: 1}}
    assert (trend.usage(series), trend.every(series)) == ({first: 10}, {first: 11})


def test_a_result_whose_change_is_not_the_difference_is_refused() -> None:
    """A notebook cannot hand back what does not add up."""
    current, before = trend.month_to_date(date(2026, 11, 20))
    found = trend.compare({"a": Decimal(3)}, {"a": Decimal(2)})
    scope = {"currency": "USD", "metric": "effective_cost", "settled_through": {"aws": date(2026, 11, 20)}}
    estimates = {"one_off": Decimal(0), "run_rate": Decimal(1), "landing": Decimal(5)}
    result = TrendResult.of(found, period=current, before=before, **scope, **estimates)
    assert TrendResult.model_validate_json(result.model_dump_json()) == result
    with pytest.raises(ValidationError, match="is not"):
        TrendResult.model_validate(result.model_dump() | {"change": Decimal(2)})
