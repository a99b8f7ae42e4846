"""Whose costs a series is."""

from __future__ import annotations

import pytest

from finops.anomalies.scopes import Of, Scope
from finops.errors import BadSettingError


def test_a_scope_is_the_same_after_it_was_written_and_names_its_costs_for_people() -> None:
    """Its text is its key; sub accounts go by their names where they have one."""
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1234", service_name="AmazonEC2")
    assert Scope.read(scope.written()) == scope
    assert scope.name() == "AmazonEC2 in 1234, AWS"
    assert scope.name({"1234": "prod"}) == "AmazonEC2 in prod, AWS"
    assert Scope(of=Of.TEAM, team="payments").name() == "team payments"
    region = Scope(of=Of.REGION, provider="gcp", sub_account_id="", region_id="")
    assert region.name() == "no region in no sub account, Google Cloud"


def test_a_scope_asks_for_its_charges_and_for_those_that_name_nothing() -> None:
    """An empty text asks for charges that lack the dimension."""
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="", service_name="AmazonEC2")
    assert scope.where == {"provider": ("aws",), "sub_account_id": ("",), "service_name": ("AmazonEC2",)}


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        '{"of": "service", "provider": "aws"}',
        '{"of": "team", "team": "a", "region_id": "eu"}',
        '{"of": "planet", "team": "a"}',
        '{"of": "team", "team": "a", "colour": "red"}',
    ],
)
def test_a_scope_that_does_not_say_whose_costs_is_refused_with_an_example(text: str) -> None:
    """What is lacking, and what is too much."""
    with pytest.raises(BadSettingError, match="does not say whose costs: write it as"):
        Scope.read(text)


def test_a_name_of_foreign_characters_cannot_obey_a_terminal() -> None:
    """Names come from bills."""
    assert "\x1b" not in Scope(of=Of.TEAM, team="a\x1b[31mb\n").name()
