"""The parts of a total add up to it exactly, however many digits they have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from finops import breakdown
from finops.breakdown import BreakdownResult
from finops.periods import Period

SEPTEMBER = Period.month(2026, 9)
ASKED = {"currency": "USD", "metric": "effective_cost", "group_by": "service_name", "settled_through": {}}


def test_the_largest_parts_come_first_and_the_rest_is_one_line() -> None:
    """Shares are of the whole, credits count."""
    parts = breakdown.build([("a", Decimal(10)), ("b", Decimal(60)), ("c", Decimal(-10)), ("d", Decimal(20))], top=2)
    assert parts.total == 80
    assert [(row.label, row.cost, row.share) for row in parts.rows] == [
        ("b", 60, Decimal("0.75")),
        ("d", 20, Decimal("0.25")),
    ]
    assert parts.rest == breakdown.Row("2 others", Decimal(0), Decimal(0))


def test_one_part_too_many_is_named_rather_than_called_an_other() -> None:
    """It takes the same line."""
    parts = breakdown.build([(name, Decimal(1)) for name in "abc"], top=2)
    assert ([row.label for row in parts.rows], parts.rest) == (["a", "b", "c"], None)


def test_thirty_eight_digits_add_up_without_rounding() -> None:
    """Python's own context would round to 28."""
    large, small = Decimal(99999999999999999999), Decimal("0.000000000000000001")
    parts = breakdown.build([("a", large), ("b", small), ("c", small)], top=1)
    assert parts.total == Decimal("99999999999999999999.000000000000000002")
    assert parts.rest is not None
    assert parts.rest.cost == Decimal("0.000000000000000002")
    assert breakdown.by_label([("a", large), ("a", small)]) == {"a": Decimal("99999999999999999999.000000000000000001")}


def test_charges_without_a_name_are_one_part() -> None:
    """Whether the bill left it empty or out."""
    sums = [(None, Decimal(1)), ("", Decimal(2)), ("x", Decimal(4))]
    assert breakdown.by_label(sums, "tag:team") == {"no team tag": 3, "x": 4}
    assert breakdown.by_label(sums, "region_id") == {"no region": 3, "x": 4}


def test_a_total_of_nothing_has_no_shares() -> None:
    """Nothing is divided by nothing."""
    parts = breakdown.build([("usage", Decimal(5)), ("credit", Decimal(-5))])
    assert [row.share for row in parts.rows] == [None, None]
    assert breakdown.build([]).rows == ()


def test_days_of_one_label_add_up() -> None:
    """As a chart of days needs them."""
    day = date(2026, 9, 1)
    assert breakdown.by_day([("aws", day, Decimal(1)), ("aws", day, Decimal(2)), (None, day, Decimal(3))]) == {
        "aws": {day: 3},
        "not named": {day: 3},
    }


def test_the_result_carries_money_as_plain_text_and_comes_back_exactly() -> None:
    """No float, no exponent."""
    parts = breakdown.build([("a", Decimal("1E-18")), ("b", Decimal("2E+3"))])
    result = BreakdownResult.of(parts, period=SEPTEMBER, previous=Decimal(0), **ASKED)
    assert '"2000.000000000000000001"' in result.model_dump_json()
    assert BreakdownResult.model_validate_json(result.model_dump_json()) == result


def test_a_result_that_does_not_add_up_is_refused() -> None:
    """And so is one whose money is a float."""
    parts = breakdown.build([("a", Decimal(1)), ("b", Decimal(2))])
    told = BreakdownResult.of(parts, period=SEPTEMBER, previous=Decimal(0), **ASKED).model_dump(mode="json")
    with pytest.raises(ValidationError, match="add up"):
        BreakdownResult.model_validate(told | {"total": "4"})
    with pytest.raises(ValidationError, match="float"):
        BreakdownResult.model_validate(told | {"previous": 0.1})
