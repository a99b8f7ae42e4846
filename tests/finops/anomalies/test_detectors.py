"""Each detector sees what it is for, and each value is rare only in its own past."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from finops.anomalies import detectors, tails
from finops.anomalies.detectors import Kind
from finops.anomalies.expected import Expected, expected
from finops.anomalies.windows import before, quantile, until, weekdays

START = date(2025, 1, 6)
DAYS, THEN = 400, 340


def _amounts(change: np.ndarray | float) -> np.ndarray:
    week = np.array([110, 115, 112, 118, 109, 60, 55.0])
    amounts = np.resize(week, DAYS) * np.random.default_rng(7).normal(1, 0.05, DAYS)
    amounts[THEN:] *= change
    return amounts


def _rises(kind: Kind, amounts: np.ndarray, *, rising: bool) -> bool:
    told = expected(amounts, START)
    with np.errstate(invalid="ignore"):
        (signal,) = [one for one in detectors.signals(amounts, told) if (one.kind, one.rising) == (kind, rising)]
    return bool(np.nanmax(signal.strength[THEN : THEN + 28]) > 1.5 * np.nanmax(signal.strength[150:THEN]))


FLAT = np.resize(97 / np.array([110, 115, 112, 118, 109, 60, 55.0]), DAYS)[THEN - DAYS :]
SLOW = 1 + 0.3 * np.minimum(np.arange(1, DAYS - THEN + 1) / 28, 1)


@pytest.mark.parametrize(
    ("kind", "rising", "change"),
    [
        (Kind.SPIKE, True, 1.6),
        (Kind.DROP, False, 0.4),
        (Kind.SHIFT, True, 1.12),
        (Kind.SHIFT, False, 0.88),
        (Kind.RAMP, True, SLOW),
        (Kind.RAMP, False, 2 - SLOW),
        (Kind.PATTERN, False, np.roll(FLAT, THEN % 7)),
    ],
)
def test_each_detector_sees_what_it_is_for(kind: Kind, change: np.ndarray | float, *, rising: bool) -> None:
    """And is calm before, and calm where nothing happens."""
    assert _rises(kind, _amounts(change), rising=rising)
    assert not _rises(kind, _amounts(1.0), rising=rising)


def test_small_misses_add_up_and_a_single_large_one_does_not() -> None:
    """A cumulative sum takes one day for a few usual misses at most."""
    days = np.ones(20)
    misses = np.zeros(20)
    misses[5] = 100.0
    once, _ = detectors.sums(Expected(days, days, days, misses, days))
    often, falling = detectors.sums(Expected(days, days, days, days * 1.5, days))
    assert once.strength.max() < detectors.FARTHEST
    assert often.strength[-1] == 20
    assert not falling.strength.any()


def test_rarity_is_minus_the_logarithm_of_the_share_of_days_beyond() -> None:
    """One in ten is 1; an exponential tail goes on as a straight line."""
    strength = np.random.default_rng(2).exponential(1, 6000)
    rare = tails.rarity(strength)
    assert np.mean(rare[1000:] >= 2) == pytest.approx(0.01, rel=0.3)
    assert np.mean(rare[1000:] >= 1) == pytest.approx(0.1, rel=0.15)


def test_nothing_is_rare_before_enough_is_known() -> None:
    """Forty days."""
    rare = tails.rarity(np.arange(60.0))
    assert np.isnan(rare[: tails.LEAST]).all()
    assert np.isfinite(rare[49:]).all()


def test_days_close_together_are_one_event() -> None:
    """Of them the strongest counts."""
    rare = np.zeros(60)
    rare[[10, 12, 14, 40]] = [2.0, 3.0, 1.0, 2.5]
    assert tails.peaks(rare).tolist() == [3.0, 2.5]


def test_what_came_once_a_year_comes_back_in_about_a_year() -> None:
    """Ten great days in ten years, and a day as great: the estimate is of that order."""
    rare = np.random.default_rng(8).exponential(0.43, 3650)
    months = tails.return_time(rare)
    assert np.mean(months[730:] >= 12) * 365.25 == pytest.approx(0.8, abs=0.5)
    assert np.nanmax(months) <= tails.LONGEST


def test_windows_look_back_and_pass_over_what_is_not_known() -> None:
    """A row a day."""
    values = np.arange(20.0)
    assert before(values, 3)[5].tolist() == [2, 3, 4]
    assert before(values, 3, skip=2)[5].tolist() == [0, 1, 2]
    assert until(values, 3)[5].tolist() == [3, 4, 5]
    assert weekdays(values, 2)[15].tolist() == [8, 1]
    assert weekdays(values, 1, skip=1)[15].tolist() == [1]
    rows = np.array([[np.nan, 4, 2, 1, 3], [np.nan] * 5, [np.nan] * 4 + [7]])
    assert np.array_equal(quantile(rows, 0.5), [2.5, np.nan, 7], equal_nan=True)


def test_a_first_year_of_surprises_does_not_dull_the_years_after() -> None:
    """Once half a year is known after it; before, it is all there is."""
    random = np.random.default_rng(11)
    strength = random.exponential(1, 800)
    strength[: tails.INFORMED] *= 5
    strength[[499, 799]] = 12
    rare = tails.rarity(strength)
    assert rare[499] < 3
    assert rare[799] > 4
