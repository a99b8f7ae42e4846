"""What people say of events tells how often a rule is right, and moves the thresholds of their series."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from finops.anomalies.feedback import Opinion, Verdict, factor, moved, precision, sensitivities, wilson
from finops.anomalies.series import Sensitivity

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EXPECTED, REAL, FIXED = Verdict.EXPECTED, Verdict.REAL, Verdict.FIXED


def _said(*verdicts: Verdict, rule: str = "default", days: int = 0) -> list[Opinion]:
    return [Opinion(rule, one, NOW - timedelta(days)) for one in verdicts]


def test_a_rule_is_right_where_events_were_real_or_fixed() -> None:
    """Each rule by itself."""
    told = precision([*_said(REAL, FIXED, EXPECTED, REAL), *_said(EXPECTED, rule="a")])
    assert {name: (one.true, one.judged, one.share) for name, one in told.items()} == {
        "a": (0, 1, 0.0),
        "default": (3, 4, 0.75),
    }


def test_the_interval_is_wilsons() -> None:
    """Figures of Newcombe, Statistics in Medicine 17 (1998), table I, method 3; all of few is not sure."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert wilson(3, 3) == pytest.approx((0.4385, 1.0), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("verdicts", "times"),
    [
        ([], 1),
        ([EXPECTED], 2),
        ([EXPECTED] * 2, 4),
        ([EXPECTED] * 9, 8),
        ([REAL], 0.5),
        ([FIXED] * 9, 0.5),
        ([EXPECTED, REAL], 1),
    ],
)
def test_each_expected_doubles_how_rare_an_alarm_must_be_and_each_real_halves_it(
    verdicts: list[Verdict], times: float
) -> None:
    """Within bounds: no series falls silent, and none cries wolf."""
    assert factor(_said(*verdicts), NOW) == times


def test_old_verdicts_count_less_and_the_future_does_not_count_more() -> None:
    """Half after half a year, so that a threshold comes back by itself."""
    assert factor(_said(EXPECTED, days=180), NOW) == pytest.approx(2**0.5)
    assert factor(_said(EXPECTED, days=3600), NOW) == pytest.approx(1, abs=1e-3)
    assert factor(_said(EXPECTED, days=-5), NOW) == 2


def test_one_more_expected_never_lowers_a_threshold_nor_one_more_real_raises_it() -> None:
    """Whatever was said before, and when."""
    before: list[Opinion] = []
    for number, verdict in enumerate([EXPECTED, REAL, EXPECTED, EXPECTED, FIXED, EXPECTED, EXPECTED, REAL]):
        assert factor([*before, *_said(REAL)], NOW) <= factor(before, NOW) <= factor([*before, *_said(EXPECTED)], NOW)
        before += _said(verdict, days=40 * number)


def test_a_series_is_watched_by_what_was_said_of_it_alone() -> None:
    """The rate goes down as an alarm must be rarer, as far as rates go."""
    usual = Sensitivity(rate=Decimal("0.1"), amount=Decimal(25))
    told = sensitivities({"a": usual, "b": usual}, {"a": _said(EXPECTED)}, NOW)
    assert told == {"a": Sensitivity(rate=Decimal("0.05"), amount=Decimal(25)), "b": usual}
    assert moved(Sensitivity(rate=Decimal("0.00002")), 8).rate == Decimal("0.00001")
    assert moved(Sensitivity(rate=Decimal(8)), 0.5).rate == 10
