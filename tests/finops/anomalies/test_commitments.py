"""A commitment that ended, began or covers nothing any more: told by the bill's own facts, exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from finops.anomalies import commitments, on_demand, words
from finops.anomalies.causes import Part
from finops.anomalies.commitments import Life
from finops.anomalies.detectors import Kind
from finops.anomalies.events import Event
from finops.anomalies.on_demand import FEE, UNUSED, Line, What
from finops.money import Money, total
from finops.periods import Period

KNOWN = Period(date(2026, 1, 1), date(2026, 6, 1))
TURN = date(2026, 5, 10)
M5 = ("prod", "EC2", "eu-1", "m5")
LEAST = Decimal(100)
Amount = Callable[[date], int]


def _life(first: date = KNOWN.start, last: date = TURN - timedelta(days=1), known: Period = KNOWN) -> Life:
    return Life("aws", "arn:aws:ec2:eu-1:1:reserved-instances/r-1", first, last, known)


def _lines(life: Life, what: What, amount: Amount, worth: int = 0) -> list[Line]:
    return [Line(day, what, M5, Decimal(amount(day)), Decimal(worth)) for day in life.known if amount(day)]


def _covered(life: Life, cost: int = 30, worth: int = 50) -> list[Line]:
    return _lines(life, What.USED, lambda day: cost if day in life.inside else 0, worth)


def _events(life: Life, lines: list[Line], least: Decimal = LEAST) -> list[Event]:
    return commitments.events(life, on_demand.series(life, on_demand.costs(life, lines)), least)


def _open(life: Life, before: int, after: int) -> list[Line]:
    return _lines(life, What.OPEN, lambda day: after if day > life.last else before)


def test_use_that_goes_on_on_demand_tells_what_the_end_costs() -> None:
    """To the cent, from the first day on, however small a share of the service it is."""
    life = _life()
    [event] = _events(life, [*_covered(life), *_open(life, 4000, 4050)])
    assert (event.kind, event.days, event.lasts) == (Kind.ENDED, Period(TURN, KNOWN.end), True)
    assert (event.expected, event.actual, event.excess) == (30, 50, 20)


@pytest.mark.parametrize(
    ("before", "after"),
    [(0, 0), (400, 400), (400, 300), (0, 30)],
    ids=["switched off", "covered by another one", "less is used", "no dearer on demand"],
)
def test_an_end_that_costs_nothing_more_is_no_event(before: int, after: int) -> None:
    """The use ended with it, or something else covers it."""
    life = _life()
    assert _events(life, [*_covered(life), *_open(life, before, after)]) == []


def test_growth_beside_it_is_not_laid_to_its_end() -> None:
    """At most what it covered, at its price on demand."""
    life = _life()
    [event] = _events(life, [*_covered(life), *_open(life, 400, 900)])
    assert event.excess == 20


def test_what_costs_less_a_month_than_the_floor_is_left_out() -> None:
    """Twenty a day are some six hundred a month."""
    life = _life()
    lines = [*_covered(life), *_open(life, 0, 50)]
    assert _events(life, lines, Decimal(609)) == []
    assert _events(life, lines, Decimal(608)) != []


@pytest.mark.parametrize("late", [0, 2])
def test_it_has_not_ended_while_days_are_few_or_unsettled(late: int) -> None:
    """A provider that applies it a day late ends no commitment."""
    life = _life(known=Period(KNOWN.start, TURN + timedelta(days=late)))
    assert life.ended is None
    assert _events(life, [*_covered(life), *_open(life, 0, 50)]) == []


def test_one_that_the_bills_begin_with_has_not_begun_with_them() -> None:
    """Two weeks before its first day have to be known."""
    assert _life(KNOWN.start + timedelta(days=13)).began is None
    assert _life(KNOWN.start + timedelta(days=14)).began is not None


def test_what_begins_is_told_by_what_it_saves_with_what_of_it_nobody_uses() -> None:
    """Held against the same use on demand before it."""
    life = _life(first=TURN, last=KNOWN.end - timedelta(days=1))
    unused = [Line(day, What.UNUSED, UNUSED, Decimal(5)) for day in life.inside]
    beside = _lines(life, What.OPEN, lambda day: 400 if day in life.inside else 450)
    [event] = _events(life, [*_covered(life), *unused, *beside])
    assert (event.kind, event.days.start) == (Kind.BEGUN, TURN)
    assert (event.expected, event.actual, event.excess) == (50, 35, -15)


def test_one_that_is_paid_on_and_covers_nothing_costs_both() -> None:
    """The fee of what is not used, and the use on demand."""
    life = _life()
    unused = [Line(day, What.UNUSED, UNUSED, Decimal(30)) for day in life.known if day > life.last]
    [event] = _events(life, [*_covered(life), *_open(life, 0, 50), *unused])
    assert (event.actual, event.excess) == (80, 50)


def test_an_event_ends_when_a_new_one_takes_over() -> None:
    """Three days on which it costs as before end it, on the first of them."""
    life, over = _life(), TURN + timedelta(days=10)
    beside = _lines(life, What.OPEN, lambda day: 50 if life.last < day < over else 0)
    paid = [Line(day, What.UNUSED, UNUSED, Decimal(30)) for day in life.known if day >= over]
    [event] = _events(life, [*_covered(life), *beside, *paid])
    assert (event.days, event.lasts) == (Period(TURN, over), False)


def test_after_eight_weeks_it_is_how_it_is() -> None:
    """As every event."""
    life = _life(last=date(2026, 2, 28))
    [event] = _events(life, [*_covered(life), *_open(life, 0, 50)])
    assert (event.days.days, event.lasts) == (56, False)


def test_a_fee_that_is_billed_once_a_month_is_spread_over_its_days() -> None:
    """Of a bill that says of covered use only what it would cost; a last month as far as it is used."""
    life = _life(first=date(2026, 2, 1))
    covered = [Line(day, What.USED, M5, Decimal(0), Decimal(50)) for day in life.inside]
    fees = [Line(date(2026, month, 1), What.FEE, FEE, Decimal(310)) for month in (2, 3, 4, 5)]
    beside = _lines(life, What.OPEN, lambda day: 0 if day in life.inside else 50)
    told = on_demand.costs(life, [*covered, *beside, *fees])
    assert {told[FEE][date(2026, 3, day)] for day in range(1, 32)} == {Decimal(10)}
    assert (round(total(told[FEE].values()), 9), max(told[FEE])) == (310 * 3 + 93, life.last)
    one = on_demand.series(life, told)
    begun, ended = commitments.events(life, one, LEAST)
    assert (begun.kind, begun.expected, ended.kind, ended.actual) == (Kind.BEGUN, 50, Kind.ENDED, 50)
    assert one.amounts.sum() == pytest.approx(float(total(total(each.values()) for each in told.values())))


def test_credits_that_vanish_tell_the_end_of_what_names_no_use() -> None:
    """Use that is credited on is covered by something else."""
    life = _life()
    fee = [Line(day, What.FEE, FEE, Decimal(20)) for day in life.inside]

    def credited(after: int) -> list[Line]:
        """Return use worth 90, of which 60 are credited while it lasts, and so much after it."""
        credit = {day: 60 if day in life.inside else after for day in life.known}
        used = [Line(day, What.USED, M5, Decimal(0), Decimal(each)) for day, each in credit.items()]
        return [*used, *(Line(day, What.OPEN, M5, Decimal(90 - each)) for day, each in credit.items())]

    [event] = _events(life, [*fee, *credited(0)])
    assert (event.kind, event.expected, event.actual) == (Kind.ENDED, 20, 60)
    assert _events(life, [*fee, *credited(60)]) == []


def test_a_day_that_was_not_collected_is_a_gap() -> None:
    """It ends nothing."""
    life = _life()
    gap = TURN + timedelta(days=4)
    one = on_demand.series(life, on_demand.costs(life, _covered(life)), [gap])
    assert [one.day(number) for number in np.flatnonzero(np.isnan(one.amounts)).tolist()] == [gap]


def test_the_cause_is_told_in_a_sentence_that_makes_sense_alone() -> None:
    """What ended, when, what it does to the bill, and what it covered, by whose it is."""
    before, now = Money(Decimal("30.51"), "USD"), Money(Decimal("48.38"), "USD")
    name = _life().scope.name()
    told = words.turned(name, TURN, before, now, paid=False)
    assert told == (
        "AWS reservation r-1 ended on 10 May 2026: what it covered cost $30.51 a day and costs $48.38 without it."
    )
    assert "is paid and covers nothing since 10 May 2026" in words.turned(name, TURN, before, now, paid=True)
    assert "began on 10 May 2026" in words.turned(name, TURN, now, before, paid=False)
    values = (("service", "EC2"), ("region", "eu-1"), ("SKU", "m5"), ("tag:env", "prod"), ("tag:team", "search"))
    parts = [Part(values, Decimal(30), Decimal(50)), Part((("commitment", "not used"),), Decimal(90), Decimal(0))]
    assert words.covering(parts, now=False) == "It covered m5, EC2 in eu-1 (team search)."
