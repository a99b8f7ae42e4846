"""An estate's series are judged on one core or two, and tell the same events."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from finops.anomalies.detectors import Kind
from finops.anomalies.estate import Known
from finops.anomalies.events import Event
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series
from jobs.anomalies import watching

WANTED = Sensitivity(rate=Decimal("0.1"), amount=Decimal(10))
START = date(2025, 1, 6)


def _of(scope: Scope, amounts: np.ndarray) -> tuple[Scope, Series]:
    return scope, Series(scope.written(), START, amounts)


def _service(name: str) -> Scope:
    return Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name=name)


def _spiked(*, day: int = 200) -> np.ndarray:
    amounts = 100 * np.random.default_rng(5).normal(1, 0.02, 300)
    amounts[day] *= 3
    return amounts


def _found(known: Known, wanted: Sensitivity = WANTED) -> list[tuple[Scope, Event]]:
    return watching.found(known, {scope.written(): wanted for scope, _ in known})


def test_each_series_is_watched_as_it_is_wanted() -> None:
    """One may be told less of than another."""
    known = [_of(_service(name), _spiked()) for name in ("EC2", "S3")]
    deaf = Sensitivity(rate=WANTED.rate, amount=Decimal(5000))
    events = watching.found(known, {known[0][0].written(): WANTED, known[1][0].written(): deaf})
    assert [(scope.service_name, event.kind) for scope, event in events] == [("EC2", Kind.SPIKE)]


def test_two_cores_find_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same order."""
    known = [_of(_service(f"s{day}"), _spiked(day=day)) for day in range(150, 156)]
    alone = _found(known)
    monkeypatch.setattr(watching, "WORTH", 2)
    assert _found(known) == alone
    assert len(alone) == 6


@pytest.mark.parametrize("amounts", [np.zeros(300), np.full(300, np.nan), np.array([3.0]), np.full(300, -40.0)])
def test_where_nothing_moves_nothing_is_found(amounts: np.ndarray) -> None:
    """All zero, not collected at all, one day, nothing but credits."""
    assert _found([_of(_service("EC2"), amounts)]) == []
