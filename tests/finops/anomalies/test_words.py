"""Causes in words: what it is, where, whose, and why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finops.anomalies.causes import Cause, Values
from finops.anomalies.words import called, once, said, why

NAT: Values = (("resource", "natgateway/nat-1"), ("SKU", "NatGateway-Bytes"))
WHOSE: Values = (("region", "us-east-1"), ("tag:env", "prod"), ("tag:app", "sync"), ("tag:team", "catalog"))


def _cause(before: int, now: int, usage: int | None = None, **more: object) -> Cause:
    told = {"values": NAT, "shared": WHOSE, **more}
    counted = None if usage is None else Decimal(usage)
    return Cause(expected=Decimal(before), actual=Decimal(now), share=Decimal(1), usage=counted, **told)  # type: ignore[arg-type]


def test_a_cause_is_named_by_what_it_is_where_and_whose() -> None:
    """An environment says nothing about whom to ask."""
    assert called(_cause(1, 9), 1) == "natgateway/nat-1, NatGateway-Bytes in us-east-1 (team catalog, app sync)"


def test_many_resources_are_counted_and_a_region_is_not_told_twice() -> None:
    """Of one SKU, whose name has the region in it."""
    analysis: Values = (("SKU", "Analysis (us-central1)"),)
    cause = _cause(1, 9, values=analysis, shared=(("region", "us-central1"),))
    assert called(cause, 5) == "5 resources, Analysis (us-central1)"


def test_what_it_is_told_by_is_named_though_it_is_a_tag_that_nobody_is_asked_by() -> None:
    """Nothing else is common to it."""
    assert called(_cause(1, 9, values=(("tag:batch", "night"),), shared=()), 0) == "batch night"


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (_cause(0, 9, since=date(2026, 11, 12)), "new since 12 Nov 2026"),
        (_cause(9, 0), "gone"),
        (_cause(10, 94, 84), "9.4 times as much used"),
        (_cause(10, 15, 5), "50 % more used"),
        (_cause(10, 5, -5), "50 % less used"),
        (_cause(10, 15, 0), "50 % dearer"),
        (_cause(10, 15, 0, committed=(Decimal(10), Decimal(0))), "no commitment covers it any more"),
        (_cause(10, 15), "more than before"),
        (_cause(10, 30, 10), "other amounts used, at other prices"),
    ],
)
def test_why_is_told(cause: Cause, words: str) -> None:
    """By what holds four fifths of its excess."""
    assert why(cause) == words


def test_all_of_it_is_one_sentence() -> None:
    """With its money and its share; what is left is told."""
    causes = [("nat", "new", Decimal("0.6"), Decimal(60)), ("disk", "gone", Decimal("0.1"), Decimal(10))]
    assert said(causes, Decimal("0.7"), "USD") == (
        "New: nat, +$60.00 a day, 60 % of it; gone: disk, +$10.00 a day, 10 % of it; the other 30 % is spread out."
    )
    assert said([], Decimal(0), "USD") == "No part of it stands out: it is spread over everything alike."


def test_how_rare_it_is_is_told_in_months_years_or_not_at_all() -> None:
    """Beyond a century nothing is told apart."""
    told = [once(Decimal(months)) for months in (1, 5, 120, 1200)]
    assert told == ["about once a month", "once in 5 months", "once in 10 years", "less than once in a century"]
