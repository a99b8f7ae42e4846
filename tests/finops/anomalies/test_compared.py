"""The days that an event is held against, and the parts that they are made of."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from finops.anomalies.causes import Part
from finops.anomalies.compared import asked, compared, usual
from finops.anomalies.events import judged
from finops.anomalies.parts import MOST, Kept, told
from finops.anomalies.series import Series
from finops.errors import BadSettingError
from finops.periods import Period

START = date(2026, 1, 5)
"""A Monday."""


def _series(amounts: list[float]) -> Series:
    return Series("x", START, np.array(amounts))


def _days(first: int, count: int) -> Period:
    begin = START + timedelta(days=first)
    return Period(begin, begin + timedelta(days=count))


def test_an_event_is_held_against_the_days_whose_total_is_the_median_of_their_weekday() -> None:
    """Of six Mondays the two in the middle, so that an odd week tells nothing."""
    mondays = [10.0, 90.0, 12.0, 11.0, 0.0, 13.0]
    amounts = [amount for monday in mondays for amount in [monday, *[5.0] * 6]] + [50.0]
    found = compared(_series(amounts), _days(42, 1))
    assert found.expected == {START + timedelta(days=21): 1, START + timedelta(days=14): 1}  # 11 and 12
    assert found.actual == {START + timedelta(days=42): 2}
    assert found.a_day(Decimal(23)) == Decimal("11.5") == Decimal(str(usual(_series(amounts), _days(42, 1).start)[0]))


@pytest.mark.parametrize(("first", "count"), [(3, 2), (10, 3), (29, 1), (42, 7), (45, 11)])
def test_what_it_is_held_against_is_what_the_event_itself_expects(first: int, count: int) -> None:
    """However long the history, and for every number of days."""
    amounts = np.random.default_rng(7).uniform(50, 100, 60).round(2)
    amounts[first : first + count] *= 3
    series, days = _series(amounts.tolist()), _days(first, count)
    found, event = compared(series, days), judged(series, days)
    told = [
        sum(Decimal(str(amounts[(day - START).days])) * times for day, times in side.items())
        for side in (found.expected, found.actual)
    ]
    assert found.a_day(Decimal(told[0])).quantize(Decimal("0.01")) == event.expected
    assert found.a_day(Decimal(told[1])).quantize(Decimal("0.01")) == event.actual
    assert event.days == days


def test_a_day_that_was_not_collected_is_told_by_the_week_before_it() -> None:
    """On both sides, so that parts are asked only for days that are there."""
    amounts = [float(day) for day in range(28)]
    amounts[21], amounts[14] = np.nan, np.nan
    found = compared(_series(amounts), _days(21, 1))
    assert found.actual == {START + timedelta(days=7): 2}
    assert set(found.expected) <= {START, START + timedelta(days=7)}


def test_days_that_are_not_settled_or_none_are_refused() -> None:
    """In a sentence that says which there are."""
    for days in (_days(5, 3), _days(-1, 2), _days(2, 0)):
        with pytest.raises(BadSettingError, match=r"not within the settled days of that series, which are 5–11 Jan"):  # noqa: RUF001
            compared(_series([1.0] * 7), days)
    for first, end in (("", ""), ("2026-13-01", "2026-12-01"), ("2026-11-03", "2026-11-02"), ("<b>", "x")):
        with pytest.raises(BadSettingError, match="The days of an event are"):
            asked(first, end)
    assert asked("2026-11-12", "2026-11-15").days == 3


def _kept(number: int, *, excess: int = 1, **more: object) -> Kept:
    part = Part((), Decimal(10), Decimal(10 + excess), Decimal(1), Decimal(2))
    usual = {"provider": "aws", "account": "1", "service": "EC2", "region": "eu-1", "sku": "gp3", "unused": False}
    named = {"resource": f"arn:aws:ec2:eu-1:1:volume/vol-{number}", "resource_name": None, "tags": {}}
    return Kept(**{**usual, **named, "part": part, **more})  # type: ignore[arg-type]


def test_the_tail_is_one_part_without_a_value_and_nothing_is_lost() -> None:
    """So it can be no cause."""
    found = told([_kept(number) for number in range(MOST + 5)], {}, whole=False)
    assert len(found) == MOST + 1
    assert found[-1] == Part((), Decimal(50), Decimal(55))
    assert sum(part.excess for part in found) == MOST + 5


def test_resources_that_would_be_called_alike_are_told_by_their_whole_ids() -> None:
    """Others by their names, or the end of a long id."""
    same = [_kept(n, resource=f"/subscriptions/{n}/disks/web", resource_name=None) for n in (1, 2)]
    names = [
        dict(part.values)["resource"]
        for part in told([*same, _kept(3), _kept(4, resource_name="db-1")], {}, whole=False)
    ]
    assert names == ["/subscriptions/1/disks/web", "/subscriptions/2/disks/web", "volume/vol-3", "db-1"]


def test_tags_of_many_values_are_no_cause_and_those_of_what_moved_come_first() -> None:
    """A name for each resource explains nothing that the resource does not."""
    rows = [_kept(n, tags={"Name": f"n{n}", "team": f"t{n % 2}", "odd": 3}) for n in range(60)]
    found = told(rows, {"1": "prod"}, whole=True)
    assert dict(found[0].values) == {
        "provider": "AWS", "account": "prod", "service": "EC2", "region": "eu-1",
        "resource": "volume/vol-0", "SKU": "gp3", "tag:team": "t0",
    }  # fmt: skip
