"""Whose costs a series is."""

from __future__ import annotations

import pytest

from finops.anomalies.scopes import Of, Scope, committed
from finops.errors import BadSettingError


def test_a_scope_is_the_same_after_it_was_written_and_names_its_costs_for_people() -> None:
    """Its text is its key; sub accounts go by their names where they have one."""
    scope = Scope(of=Of.SERVICE, provider="aws", sub_account_id="1234", service_name="AmazonEC2")
    assert Scope.read(scope.written()) == scope
    assert scope.name() == "AmazonEC2 in 1234, AWS"
    assert scope.name({"1234": "prod"}) == "AmazonEC2 in prod, AWS"
    assert Scope(of=Of.TEAM, team="payments").name() == "team payments"
    reserved = "arn:aws:ec2:eu-1:1:reserved-instances/2c56b703-1e7f-40c5-9bd5-1688e014a2ef"
    assert Scope(of=Of.COMMITMENT, provider="aws", commitment_id=reserved).name() == "AWS reservation 2c56b703-1e7f"
    other = Scope(of=Of.COMMITMENT, provider="gcp", commitment_id="projects/p/commitments/cud-of-last-year")
    assert other.name() == "Google Cloud committed use discount cud-of-last-year"
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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("arn:aws:savingsplans::1:savingsplan/f34a", "savings plan f34a"),
        ("arn:aws:rds:eu-1:1:ri:ri-2026", "reservation arn:aws:rds:eu-1:1:ri:ri-2026"),
        ("arn:aws:es:eu-1:1:reserved-instances/77", "reservation 77"),
        ("/providers/microsoft.capacity/reservationorders/46/reservations/4c", "reservation 4c"),
        ("/providers/microsoft.billingbenefits/savingsplanorders/1/savingsplans/2", "savings plan 2"),
        ("projects/p/regions/r/commitments/n2", "committed use discount n2"),
        ("103886d0", "commitment 103886d0"),
        ("", "commitment"),
    ],
)
def test_a_commitment_is_called_what_its_id_tells(text: str, told: str) -> None:
    """By the words that AWS, Azure and Google Cloud write into ids."""
    assert committed(text) == told


def test_a_name_of_foreign_characters_cannot_obey_a_terminal() -> None:
    """Names come from bills."""
    assert "\x1b" not in Scope(of=Of.TEAM, team="a\x1b[31mb\n").name()
