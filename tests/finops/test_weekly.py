"""The week is told in whole days, adds up from every side, and a late bill never looks like a saving."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from finops import weekly
from finops.periods import Period
from finops.trend import ONE_OFF, STEADY, NoChargesError
from finops.weekly import Spend, WeeklyResult

SUNDAY = date(2026, 11, 22)
SETTLED = {"aws": SUNDAY, "gcp": SUNDAY}


def _spends(*, services: int = 2, until: date = SUNDAY) -> list[Spend]:
    """Each service costs its number a day, one more in the last week; tax once a month."""
    found = []
    for day in Period(date(2026, 9, 1), until + timedelta(1)):
        more = 1 if day > SUNDAY - timedelta(7) else 0
        for number in range(1, services + 1):
            owner = "web" if number % 2 else "no team tag"
            found.append(Spend(day, "aws", f"service {number}", owner, STEADY, Decimal(number + more)))
        if day.day == 1:
            found.append(Spend(day, "gcp", "Tax", "no team tag", ONE_OFF, Decimal("0.000000000000000007")))
    return found


def _build(
    spends: list[Spend], settled: dict[str, date], monday: str | None = "2026-11-16", first: date = date(2026, 9, 1)
) -> WeeklyResult:
    days, known = weekly.windows(settled, monday), Period(first, SUNDAY + timedelta(1))
    return weekly.build(spends, days, currency="USD", settled=settled, owner_tag="team", known=known)


def test_the_week_is_held_against_the_week_before() -> None:
    """Totals, movers, and parts by provider, service and owner."""
    result = _build(_spends(), SETTLED)
    assert (result.start, result.end, result.week_end) == (date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 23))
    assert (result.total, result.previous, result.change) == (35, 21, 14)
    assert [(part.label, part.cost, part.previous) for part in result.services] == [
        ("service 2", 21, 14),
        ("service 1", 14, 7),
    ]
    assert {part.label: part.cost for part in result.owners} == {"no team tag": 21, "web": 14}
    assert not result.provisional


def test_the_month_is_told_beside_it_exactly() -> None:
    """To date, the same days of the month before, the whole of it, and where this one lands."""
    month = _build(_spends(), SETTLED).month
    assert (month.start, month.end) == (date(2026, 11, 1), date(2026, 11, 23))
    assert month.total == 22 * 3 + 14 + Decimal("0.000000000000000007")
    assert month.previous == 22 * 3 + Decimal("0.000000000000000007")
    assert month.last_month == 31 * 3 + Decimal("0.000000000000000007")
    assert month.landing is not None
    assert month.landing > month.total


@pytest.mark.parametrize(
    ("first", "week", "month"),
    [
        ("2026-10-01", True, True),
        ("2026-10-02", True, False),
        ("2026-11-09", True, False),
        ("2026-11-10", False, False),
    ],
)
def test_what_the_ledger_knows_in_part_is_not_compared(first: str, *, week: bool, month: bool) -> None:
    """Neither the first week of a ledger nor its first month; the totals still add up."""
    spends = [one for one in _spends() if one.day >= date.fromisoformat(first)]
    result = _build(spends, SETTLED, first=date.fromisoformat(first))
    assert (result.comparable, result.month.comparable) == (week, month)
    assert (result.change_share is not None, bool(result.movers)) == (week, week)
    assert result.total == 35


def test_a_day_that_one_provider_has_not_completed_is_counted_in_neither_week() -> None:
    """It is told apart, with what it has cost so far."""
    settled = {"aws": SUNDAY - timedelta(1), "gcp": SUNDAY}
    result = _build(_spends(), settled)
    assert result.end == SUNDAY
    assert (result.total, result.previous) == (30, 18)
    assert result.provisional == {SUNDAY: Decimal(5)}


@pytest.mark.parametrize(
    ("through", "monday"),
    [("2026-11-22", "2026-11-16"), ("2026-11-19", "2026-11-16"), ("2026-11-18", "2026-11-09"), ("2024-02-01", None)],
)
def test_a_week_too_little_of_which_is_complete_gives_way_to_the_one_before(through: str, monday: str | None) -> None:
    """Four days are enough; bills that ended long ago are told as of then."""
    found = weekly.windows({"aws": date.fromisoformat(through)}, "2026-11-16")
    assert found.week.start == (date.fromisoformat(monday) if monday else date(2024, 1, 29))
    assert found.week.start.weekday() == 0


def test_without_charges_it_says_what_to_do() -> None:
    """No division by nothing, no empty mail."""
    with pytest.raises(NoChargesError, match="costs ingest"):
        weekly.windows({})


def test_what_does_not_fit_is_added_up_in_one_line() -> None:
    """Of this week and of the one before, so that the parts still add up."""
    result = _build(_spends(services=12), SETTLED)
    assert len(result.services) == weekly.TOP + 1
    assert result.services[-1].label == "6 others"
    assert result.services[-1].previous == 7 * (1 + 2 + 3 + 4 + 5 + 6)


def test_tax_is_one_mover_of_its_own() -> None:
    """It comes once a month and is nobody's growth."""
    spends = [*_spends(), Spend(SUNDAY, "gcp", "Support", "no team tag", ONE_OFF, Decimal(100))]
    assert _build(spends, SETTLED).movers[0].label == ONE_OFF


def test_parts_that_do_not_add_up_are_refused() -> None:
    """A result is checked again wherever it is read."""
    told = _build(_spends(), SETTLED).model_dump(mode="json")
    assert WeeklyResult.model_validate(told).total == 35
    told["services"][0]["cost"] = "22"
    with pytest.raises(ValidationError, match="do not add up"):
        WeeklyResult.model_validate(told)


def test_last_monday_is_that_of_the_week_that_has_ended() -> None:
    """On a Monday the week that ended yesterday, on a Sunday still the one before."""
    assert weekly.last_monday(date(2026, 11, 23)) == date(2026, 11, 16)
    assert weekly.last_monday(SUNDAY) == date(2026, 11, 9)
