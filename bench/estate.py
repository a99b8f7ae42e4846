"""How long it takes to look through an estate of ten thousand series.

The series are two years of services that cost $3 a day at the median and $300 at the hundredth, with cheap weekends, a
noise of 1 to 20 %, and a trend; one in fifty has a spike, a new level or a drop in its last thirty days. They are
looked through as the nightly job does; and once more as if a cent mattered, so that nearly all share the promise of one
false alarm a month, and every event of the last year in a series that nothing was put into is false.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from bench.measure import Line
from finops.anomalies.estate import Floors, Known, floors, sensitivity
from finops.anomalies.events import Event
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series
from finops.anomalies.tails import MONTH
from jobs.anomalies import watching

MANY, DAYS = 10_000, 730
EVENTFUL = 50
LEAST = Decimal(100)
CENTS = Floors(told=Decimal("0.04"), found=Decimal("0.01"))
START = date(2024, 11, 4)
YEAR, LATE = 365, 30
MONTHS = YEAR / MONTH
RECENT = START + timedelta(days=DAYS - LATE)


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
            day = DAYS - int(random.integers(1, LATE))
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
    line, _ = _looked(f"as nightly, from ${least.found} a day", known, usual)
    yield line
    every = sensitivity(known, CENTS)
    line, events = _looked(f"from {CENTS.found} a day, once in {1 / every.rate:,.0f} months each", known, every)
    yield line
    false = sum(_false(scope, event) for scope, event in events) / MONTHS
    found = {scope for scope, event in events if _eventful(scope) and event.days.start >= RECENT}
    yield Line(f"  false alarms a month, all {count:,} together", f"{false:.1f}", "at most 1", false <= 1)
    yield Line(f"  found of what was put into {count // EVENTFUL:,}", f"{len(found) * EVENTFUL / count:.2f}", "", None)


def _looked(what: str, known: Known, wanted: Sensitivity) -> tuple[Line, Sequence[tuple[Scope, Event]]]:
    start = time.perf_counter()
    events = watching.found(known, {scope.written(): wanted for scope, _ in known})
    told = f"{time.perf_counter() - start:.0f} s, {len(events):,} events"
    return Line(f"anomalies: {len(known):,} series of two years, {what}", told, "", None), events


def _eventful(scope: Scope) -> bool:
    return int((scope.service_name or "")[1:]) % EVENTFUL == 0


def _false(scope: Scope, event: Event) -> bool:
    """Whether it is of the last year, and of a series that nothing was put into."""
    return not _eventful(scope) and event.days.start >= START + timedelta(days=DAYS - YEAR)
