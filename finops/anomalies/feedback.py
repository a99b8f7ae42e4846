"""What people say of an event, once they know; how often a rule is right; and how far it moves a series' threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import sqrt

from finops.anomalies.series import OFTENEST, RAREST, Sensitivity


class Verdict(StrEnum):
    """Whether an event was one."""

    EXPECTED = "expected"
    """Nobody is surprised who knows what was done: a false alarm."""
    REAL = "real"
    FIXED = "fixed"
    """It was real, and what caused it is gone."""


LARGEST, SMALLEST = 3.0, -1.0
"""Doublings of the months in which a like event comes once: up to eight times as rare, down to half as rare.

A threshold is raised farther than it is lowered. To miss an event costs money and to tell a false one costs a minute,
but a series whose alarms are all expected is one that nobody reads any more; and since lowering brings false alarms to
a series that was right, it takes them only up to twice the estate's promise.
"""
HALF = 180.0
"""Days after which a verdict counts half: what a series does changes, and nobody takes an old “expected” back."""
NORMAL = 1.959963984540054
"""The quantile of the normal distribution for 95 %."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """The last verdict on an event of a series, by the rule that told it."""

    rule: str
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the events that people judged were some, between 0 and 1, and what that number may be worth."""

    judged: int
    true: int
    share: float
    low: float
    high: float
    """The interval, at 95 %."""


def precision(opinions: Iterable[Opinion]) -> dict[str, Precision]:
    """Return how often each rule was right, by its name: real and fixed are, expected is not."""
    told: dict[str, list[bool]] = {}
    for one in opinions:
        told.setdefault(one.rule, []).append(one.verdict is not Verdict.EXPECTED)
    return {rule: _precision(len(right), sum(right)) for rule, right in sorted(told.items())}


def _precision(judged: int, true: int) -> Precision:
    return Precision(judged, true, true / judged, *wilson(true, judged))


def wilson(true: int, judged: int) -> tuple[float, float]:
    """Return the score interval of a share at 95 %; it stays within 0 and 1 and holds for few, unlike the textbook's.

    Wilson, “Probable inference, the law of succession, and statistical inference”, JASA 22 (1927), 209-212.
    """
    if not judged:
        return 0.0, 1.0
    share, square = true / judged, NORMAL**2
    middle = (share + square / (2 * judged)) / (1 + square / judged)
    half = NORMAL / (1 + square / judged) * sqrt(share * (1 - share) / judged + square / (4 * judged**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def factor(opinions: Iterable[Opinion], now: datetime) -> float:
    """Return by how much rarer an event of this series has to be: 1 where nothing was said, more after “expected”.

    Each “expected” doubles it and each “real” or “fixed” halves it, less the older it is; so one takes another back,
    and one more never moves it the other way. It stays within what is bearable.
    """
    doublings = sum(_sign(one.verdict) * 0.5 ** (max((now - one.at).days, 0) / HALF) for one in opinions)
    return float(2 ** min(max(doublings, SMALLEST), LARGEST))


def _sign(verdict: Verdict) -> int:
    return 1 if verdict is Verdict.EXPECTED else -1


def moved(wanted: Sensitivity, by: float) -> Sensitivity:
    """Return a sensitivity whose events have to be so many times as rare."""
    rate = (wanted.rate / Decimal(repr(by))).quantize(Decimal("0.0001"))
    return replace(wanted, rate=min(max(rate, RAREST), OFTENEST))


def sensitivities(
    wanted: Mapping[str, Sensitivity], said: Mapping[str, Iterable[Opinion]], now: datetime
) -> dict[str, Sensitivity]:
    """Return how each series is watched, by its key, once what was said of it is taken into account."""
    return {key: moved(one, factor(said[key], now)) if key in said else one for key, one in wanted.items()}
