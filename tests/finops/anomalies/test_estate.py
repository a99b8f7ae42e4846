"""An estate of many series keeps one promise about false alarms, and speaks only of money that matters to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from finops.anomalies.estate import Known, floors, moved, sensitivity
from finops.anomalies.events import watch
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series

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


def _restless(count: int, *, spread: float = 0.15, days: int = 400) -> Known:
    random = np.random.default_rng(3)
    return [_service(f"r{number}", 1000 * random.lognormal(0, spread, days)) for number in range(count)]


def test_a_team_is_not_counted_beside_its_services() -> None:
    """Their costs are the same."""
    team = Scope(of=Of.TEAM, team="web"), Series("web", START, _restless(1)[0][1].amounts * 50)
    known = [*_services(50, 1000.0), *_restless(50), team]
    assert floors(known, LEAST).told < 600
    assert sensitivity(known, floors(known, LEAST)).rate == Decimal("0.01")


@pytest.mark.parametrize(
    ("count", "rate"), [(0, "0.25"), (1, "0.25"), (30, "0.01666"), (300, "0.00166"), (900, "0.00055")]
)
def test_the_restless_share_one_false_alarm_a_month(count: int, rate: str) -> None:
    """However many there are; calm and small ones beside them share none."""
    known = [*_restless(count), *_services(50, 1000.0), *_services(50, 3.0)]
    least = floors(_services(30, 1000.0), LEAST)
    assert sensitivity(known, least).rate == Decimal(rate)
    assert sensitivity(known, least).amount == least.found


@pytest.mark.parametrize("spread", [0.15, 0.04, 0.02, 0.01])
def test_an_estate_of_no_surprises_keeps_the_promise(spread: float) -> None:
    """Forty services, restless or calm, over ten months after their first year."""
    known = _restless(40, spread=spread, days=670)
    wanted = sensitivity(known, floors(known, LEAST))
    assert sum(sum(watch(one, wanted).alarms[365:]) for _, one in known) <= 12


def test_a_series_that_never_moved_by_the_floor_is_not_watched() -> None:
    """Nothing could be found in it."""
    known = [_service("calm", 1000.0), _service("moves", np.array([0.0] * 100 + [30.0]))]
    assert [one.name for _, one in known if moved(one, Sensitivity(amount=Decimal(25)))] == ["moves"]
