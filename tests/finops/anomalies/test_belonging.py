"""An event is of whoever its series or most of its found causes are of."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.anomalies.belonging import belongs
from finops.anomalies.causes import Part, explain
from finops.anomalies.results import CauseResult
from finops.anomalies.scopes import Of, Scope

EC2 = Scope(of=Of.SERVICE, provider="aws", sub_account_id="7", service_name="AmazonEC2")
CALLED = {"7": "payments-prod", "8": "web-prod"}
NAT = {
    "share": "0.6",
    "values": {"resource": "natgateway/nat-1", "tag:team": "Payments"},
    "shared": {"region": "us-east-1"},
}
REST = {"share": "0.5", "values": {"tag:team": "web"}, "shared": {"region": "us-east-1"}}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"tag:team": ("payments",)}, True),
        ({"tag:team": ("web",)}, False),
        ({"tag:team": ("web", "payments")}, True),
        ({"region_id": ("us-east-1",)}, True),
        ({"region_id": ("us-east-1",), "tag:team": ("payments",)}, True),
        ({"region_id": ("eu-west-1",), "tag:team": ("payments",)}, False),
        ({"resource": ("natgateway/nat-1",)}, True),
        ({"service_name": ("amazonec2",), "tag:team": ("payments",)}, True),
        ({"service_name": ("AmazonS3",), "tag:team": ("payments",)}, False),
        ({"sub_account_id": ("7",), "tag:team": ("payments",)}, True),
        ({"sub_account_id": ("payments-prod",), "tag:team": ("payments",)}, True),
        ({"sub_account_id": ("8",), "tag:team": ("payments",)}, False),
        ({"provider": ("AWS",), "tag:team": ("payments",)}, True),
        ({"tag:team": ("",)}, False),
        ({}, True),
    ],
)
def test_what_most_of_an_event_is_due_to_says_whose_it_is(where: dict[str, tuple[str, ...]], told: bool) -> None:  # noqa: FBT001  a table
    """Every filter has to hold for the same causes; what the series says of itself counts for all of them."""
    assert belongs(EC2, [NAT, REST], where, CALLED) is told


def test_causes_are_read_as_they_are_kept() -> None:
    """What an explanation finds, written down as the jobs do."""
    values = (("resource", "nat-1"), ("SKU", "NatGateway-Bytes"), ("tag:team", "payments"))
    parts = [
        Part(values, Decimal(1), Decimal(30)),
        Part((("resource", "i-1"), ("SKU", "c5")), Decimal(50), Decimal(50)),
    ]
    kept = [CauseResult.of(one, parts).model_dump(mode="json") for one in explain(parts).causes]
    assert belongs(EC2, kept, {"tag:team": ("payments",)}, CALLED)
    assert not belongs(EC2, kept, {"tag:team": ("web",)}, CALLED)


def test_an_event_without_causes_is_of_its_series_alone() -> None:
    """Nothing is guessed."""
    assert belongs(EC2, [], {"provider": ("aws",)}, CALLED)
    assert not belongs(EC2, [], {"tag:team": ("payments",)}, CALLED)


def test_a_teams_event_is_narrowed_down_by_its_causes() -> None:
    """Which account and service it is, only they say, in the words of people."""
    team, cause = Scope(of=Of.TEAM, team="web"), {"share": "1", "values": {"account": "web-prod"}, "shared": {}}
    assert belongs(team, [cause], {"tag:team": ("web",), "sub_account_id": ("8",)}, CALLED)
    assert not belongs(team, [cause], {"tag:team": ("web",), "sub_account_id": ("7",)}, CALLED)
