"""What commitments are used for, what of them is wasted, what they save."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finops.commitments import Coverage, CoverageResult, Kind, Use, by_day, coverage, said
from finops.money import EXACT


def _use(kind: Kind, effective: int, on_demand: int, *, service: str = "EC2", commitment: str | None = None) -> Use:
    return Use("aws", service, kind, commitment, Decimal(effective), Decimal(on_demand))


PLAN = [
    _use(Kind.USED, 60, 90, commitment="sp"),
    _use(Kind.USED, 10, 15, service="Fargate", commitment="sp"),
    _use(Kind.UNUSED, 30, 0, service="Savings Plans", commitment="sp"),
    _use(Kind.OPEN, 110, 110),
    _use(Kind.OPEN, 500, 500, service="S3"),
]


def test_utilization_coverage_and_savings_are_by_their_formulas() -> None:
    """What no commitment can cover, here S3, is not held against them."""
    found = coverage(PLAN)
    assert (found.utilization, found.waste) == (Decimal("0.7"), 30)
    assert found.coverage == EXACT.divide(Decimal(105), Decimal(215))
    assert found.saved == 5  # 105 on demand, for 70 used and 30 wasted
    assert found.savings_rate == EXACT.divide(Decimal(5), Decimal(215))
    assert [(one.name, one.covered, one.uncovered) for one in found.services] == [
        ("EC2", 90, 110),
        ("Fargate", 15, 0),
    ]


def test_each_commitment_stands_for_itself_the_largest_first() -> None:
    """One that is never used saves nothing and costs what it costs."""
    found = coverage([*PLAN, _use(Kind.UNUSED, 7, 0, commitment="idle")])
    assert [(one.id, one.utilization, one.saved) for one in found.commitments] == [
        ("sp", Decimal("0.7"), 5),
        ("idle", 0, -7),
    ]


def test_without_commitments_there_are_no_rates() -> None:
    """Not zero: nothing was there to be used."""
    found = coverage([_use(Kind.OPEN, 5, 5)])
    assert found == Coverage((), ())
    assert (found.utilization, found.coverage, found.savings_rate, found.waste) == (None, None, None, 0)


def test_the_result_survives_its_way_through_json() -> None:
    """Amounts as texts."""
    scope = {"start": date(2026, 9, 1), "end": date(2026, 10, 1), "currency": "USD", "metric": "effective_cost"}
    result = CoverageResult.of(coverage(PLAN), untold=["gcp"], settled_through={}, **scope)
    assert CoverageResult.model_validate_json(result.model_dump_json()) == result
    assert result.savings_rate == Decimal("0.023256")


def test_a_day_tells_covered_use_waste_and_what_is_left_on_demand() -> None:
    """Of the services that commitments cover, and no others."""
    day = date(2026, 9, 1)
    series = by_day([(day, use) for use in PLAN], coverage(PLAN))
    assert {name: costs[day] for name, costs in series.items()} == {
        "covered": 70, "paid and not used": 30, "on demand": 110
    }  # fmt: skip


@pytest.mark.parametrize(
    ("uses", "untold", "expected"),
    [
        (
            PLAN,
            [],
            (
                "70.0% of what commitments",
                "$30.00 was paid and not used; they cover 49%",
                "they saved $5.00, an effective savings rate of 2.3%.",
            ),
        ),
        ([_use(Kind.UNUSED, 7, 0, commitment="idle")], [], ("0.0% of what", "they cost $7.00 more than on-demand")),
        ([], ["gcp"], ("No commitment covers anything in May. The bills of Google Cloud do not say",)),
    ],
)
def test_a_sentence_says_how_commitments_were_used(uses: list[Use], untold: list[str], expected: tuple[str]) -> None:
    """What was wasted, covered and saved, and who does not tell."""
    told = said(coverage(uses), currency="USD", when="May", untold=untold).replace(" %", "%")
    assert all(part in told for part in expected), told
