"""An estate of many series keeps one promise about false alarms, and speaks only of money that matters to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from finops.anomalies.estate import Known, floors, moving, sensitivity
from finops.anomalies.events import watch
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Series

START = date(2025, 1, 6)
LEAST = Decimal(100)


def _service(name: str, amounts: np.ndarray | float, days: int = 400) -> tuple[Scope, Series]:
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name=name)
    return scope, Series(name, START, np.full(days, amounts) if isinstance(amounts, float) else amounts)


def _services(count: int, amount: float) -> Known:
    return [_service(f"s{number}", amount) for number in range(count)]


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (_services(4, 1000.0), LEAST),
        (_services(100, 1000.0), Decimal(500)),
        ([], LEAST),
        (_services(3, 0.0), LEAST),
        (_services(3, -50_000.0), LEAST),
        ([_service("gap", np.full(60, np.nan))], LEAST),
    ],
)
def test_what_is_told_is_at_least_the_setting_and_half_a_percent_of_all(known: Known, told: Decimal) -> None:
    """An estate of nothing, of credits alone or of days that were not collected has the setting's floor."""
    found = floors(known, LEAST)
    assert found.told == told
    assert found.found == told / 4


def test_a_team_is_not_counted_beside_its_services() -> None:
    """Their costs are the same."""
    known = [*_services(100, 1000.0), (Scope(of=Of.TEAM, team="web"), Series("web", START, np.full(60, 100_000.0)))]
    assert floors(known, LEAST).told == 500
    assert sensitivity(known, floors(known, LEAST)).rate == Decimal("0.01")


@pytest.mark.parametrize(("count", "rate"), [(0, "1"), (1, "1"), (4, "0.25"), (30, "0.0333"), (5000, "0.01")])
def test_the_series_share_one_false_alarm_a_month(count: int, rate: str) -> None:
    """However many there are, none is set to more than the method knows; small ones beside them share nothing."""
    known = [*_services(count, 1000.0), *_services(50, 3.0)]
    few = floors(known[:40], LEAST)
    assert sensitivity(known, few).rate == Decimal(rate)
    assert sensitivity(known, few).amount == few.found


def test_an_estate_of_no_surprises_keeps_the_promise() -> None:
    """Thirty restless services over ten months after their first year."""
    random = np.random.default_rng(3)
    known = [_service(f"s{number}", 1000 * random.lognormal(0, 0.15, 670)) for number in range(30)]
    wanted = sensitivity(known, floors(known, LEAST))
    raised = sum(sum(watch(one, wanted).alarms[365:]) for _, one in known)
    assert raised <= 15


def test_a_series_that_never_moved_by_the_floor_is_not_watched() -> None:
    """Nothing could be found in it."""
    known = [_service("calm", 1000.0), _service("moves", np.array([0.0] * 100 + [30.0]))]
    assert [one.name for _, one in moving(known, floors(known, LEAST))] == ["moves"]
