"""An event's excess is put down to the fewest things that explain it, in money."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from finops.anomalies.causes import Explanation, Part, Values, explain

REGIONS, SKUS = ("eu-west-1", "us-east-1", "us-west-2"), ("c5.large", "m5.large", "gp3", "nat")


def _estate(seed: int = 4) -> dict[tuple[str, str, int], Part]:
    """Make three regions of four SKUs of five resources each, which cost a little more or less than expected."""
    random = np.random.default_rng(seed)
    found = {}
    for region in REGIONS:
        for sku in SKUS:
            for number in range(5):
                expected = Decimal(str(round(float(random.uniform(5, 50)), 2)))
                actual = expected * Decimal(str(round(float(random.normal(1, 0.01)), 4)))
                name = f"{region}-{sku}-{number}"
                values: Values = (("region", region), ("sku", sku), ("resource", name))
                found[region, sku, number] = Part(values, expected, actual, expected, actual)
    return found


def _times(part: Part, factor: str, *, dearer: bool = False) -> Part:
    actual = part.expected * Decimal(factor)
    quantity = part.expected_quantity if dearer else actual
    return Part(part.values, part.expected, actual, part.expected_quantity, quantity)


def _values(found: Explanation) -> list[dict[str, str]]:
    return [dict(one.values) for one in found.causes]


def test_one_resource_is_the_cause_and_what_it_is_is_told() -> None:
    """Not its region nor its SKU, which hold much that did not move."""
    estate = _estate()
    estate["us-east-1", "nat", 2] = _times(estate["us-east-1", "nat", 2], "20")
    found = explain(list(estate.values()))
    assert _values(found) == [{"resource": "us-east-1-nat-2"}]
    assert found.causes[0].shared == (("region", "us-east-1"), ("sku", "nat"))
    assert Decimal("0.95") < found.explained < Decimal("1.05")


def test_a_sku_that_grew_everywhere_is_one_cause_and_not_fifteen() -> None:
    """The fewest things."""
    estate = {key: _times(part, "2") if key[1] == "gp3" else part for key, part in _estate().items()}
    assert _values(explain(list(estate.values()))) == [{"sku": "gp3"}]


def test_a_sku_that_grew_in_one_region_is_a_pair() -> None:
    """Neither the region nor the SKU alone."""
    estate = {key: _times(part, "3") if key[:2] == ("eu-west-1", "c5.large") else part
              for key, part in _estate().items()}  # fmt: skip
    assert _values(explain(list(estate.values()))) == [{"region": "eu-west-1", "sku": "c5.large"}]


def test_two_causes_are_told_apart_the_greater_first() -> None:
    """A SKU everywhere, and one resource of another."""
    estate = {key: _times(part, "2") if key[1] == "gp3" else part for key, part in _estate().items()}
    estate["us-west-2", "nat", 0] = _times(estate["us-west-2", "nat", 0], "8")
    found = explain(list(estate.values()))
    assert _values(found) == [{"sku": "gp3"}, {"resource": "us-west-2-nat-0"}]
    assert found.causes[0].excess > found.causes[1].excess
    assert found.explained >= Decimal("0.8")


def test_new_resources_of_one_sku_are_one_cause_that_is_new() -> None:
    """Forty machines that nobody had before."""
    estate = list(_estate().values())
    for number in range(40):
        values = (("region", "us-east-1"), ("sku", "p4d.24xlarge"), ("resource", f"new-{number}"))
        estate.append(Part(values, Decimal(0), Decimal("12.50")))
    found = explain(estate)
    assert _values(found) == [{"sku": "p4d.24xlarge"}]
    assert found.causes[0].shared == (("region", "us-east-1"),)
    assert (found.causes[0].expected, found.causes[0].actual) == (0, 500)


@pytest.mark.parametrize("dearer", [True, False])
def test_more_used_is_told_from_dearer(*, dearer: bool) -> None:
    """Where quantities are known."""
    estate = {key: _times(part, "1.5", dearer=dearer) if key[1] == "gp3" else part
              for key, part in _estate().items()}  # fmt: skip
    found = explain(list(estate.values()))
    cause = found.causes[0]
    assert cause.usage is not None
    assert cause.price is not None
    assert cause.usage + cause.price == cause.excess
    assert (cause.usage, cause.price) == ((0, cause.excess) if dearer else (cause.excess, 0))


def test_a_drop_has_causes_too() -> None:
    """What is gone."""
    estate = {key: _times(part, "0") if key[0] == "us-east-1" else part for key, part in _estate().items()}
    found = explain(list(estate.values()))
    assert _values(found) == [{"region": "us-east-1"}]
    assert found.excess < 0
    assert found.causes[0].actual == 0 > found.causes[0].excess


def test_the_causes_add_up_exactly() -> None:
    """Amounts of bills have many digits, and none is lost."""
    small = Decimal("0.0000000000000000000000000001")
    parts = [Part((("sku", "a"),), Decimal(10), Decimal(40) + small), Part((("sku", "b"),), Decimal(10), Decimal(10))]
    found = explain(parts)
    assert found.causes[0].excess == found.excess == Decimal(30) + small


def test_growth_that_is_spread_over_everything_is_called_so() -> None:
    """Sixty resources of their own kind, each of a tenth and a half more: no thing of them is the cause."""
    parts = [Part((("resource", f"r{number}"),), Decimal(100), Decimal(115)) for number in range(60)]
    found = explain(parts)
    assert found.causes == ()


@pytest.mark.parametrize("parts", [[], [Part((("sku", "a"),), Decimal(1), Decimal(1))]])
def test_without_an_excess_there_is_nothing_to_explain(parts: list[Part]) -> None:
    """And nothing is divided by it."""
    assert explain(parts) == Explanation(Decimal(0), ())


def test_what_everything_has_in_common_is_no_cause_where_one_thing_or_two_explain_it() -> None:
    """All of it is in AWS: that says nothing."""
    whole: Values = (("provider", "AWS"),)
    costs = {"nat": (20, 180), "bucket": (0, 70), "disk": (20, 20)}
    parts = [Part((*whole, ("resource", name)), Decimal(then), Decimal(now)) for name, (then, now) in costs.items()]
    assert _values(explain(parts)) == [{"resource": "nat"}, {"resource": "bucket"}]


def test_what_everything_has_in_common_is_the_cause_where_all_of_it_grew_alike() -> None:
    """Rather than a list of its resources."""
    parts = [Part((("SKU", "gp3"), ("resource", f"r{n}")), Decimal(10), Decimal(15)) for n in range(6)]
    assert _values(explain(parts)) == [{"SKU": "gp3"}]
