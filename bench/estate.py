"""How long it takes to look through an estate of ten thousand series.

The series are two years of services that cost $3 a day at the median and $300 at the hundredth, with cheap weekends, a
noise of 1 to 20 %, and a trend; one in fifty has a spike, a new level or a drop in its last thirty days. They are
looked through as the nightly job does; and a tenth of them once more without a floor of money, so that each is judged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import numpy as np

from bench.measure import Line
from finops.anomalies.estate import Known, floors, sensitivity
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series
from jobs.anomalies import watching

MANY, DAYS = 10_000, 730
EVENTFUL = 50
LEAST = Decimal(100)
START = date(2024, 11, 4)


def estate(count: int = MANY) -> list[tuple[Scope, Series]]:
    """Return services of one account."""
    random = np.random.default_rng(11)
    week = np.resize([1, 1, 1, 1, 1, 0.6, 0.55], DAYS)
    known = []
    for number in range(count):
        usual = 10 ** random.normal(0.5, 0.86)
        trend = np.linspace(1, random.uniform(0.8, 1.5), DAYS)
        amounts = usual * week * trend * random.lognormal(0, random.uniform(0.01, 0.2), DAYS)
        if number % EVENTFUL == 0:
            day = DAYS - int(random.integers(1, 30))
            until = day + 1 if number % (3 * EVENTFUL) == 0 else DAYS
            amounts[day:until] *= 0.4 if number % (2 * EVENTFUL) else 2.0
        scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1", service_name=f"s{number}")
        known.append((scope, Series(scope.written(), START, amounts)))
    return known


def measure(count: int = MANY) -> Iterator[Line]:
    """Time the whole of it, from series to events."""
    known = estate(count)
    least = floors(known, LEAST)
    usual = sensitivity(known, least)
    yield _looked(f"as nightly, from ${least.found} a day", known, usual)
    yield _looked("no floor", known[: count // 10], Sensitivity(rate=usual.rate))


def _looked(what: str, known: Known, wanted: Sensitivity) -> Line:
    start = time.perf_counter()
    events = watching.found(known, {scope.written(): wanted for scope, _ in known})
    return Line(
        f"anomalies: {len(known):,} series of two years, {watching.PROCESSES} processes, {what}",
        f"{time.perf_counter() - start:.0f} s, {len(events):,} events",
        "",
        None,
    )
