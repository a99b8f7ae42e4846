"""Names too long for a phone are known again in a table, and stay apart."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rich.cells import cell_len

from bot.blocks import draft as answer
from bot.blocks import grid
from bot.drafts import cost
from bot.drafts.draft import Grid
from tests.bot.drawing import an_answer, sendable


def test_long_names_are_told_apart_by_their_ends() -> None:
    """Resource ids of one account begin alike."""
    start = "/subscriptions/8c2f4b7e-19d3-4c6a-b1f0-6e5d3a92c7f8/resourcegroups/rg/"
    found = an_answer(start, 1)
    rows = tuple(row.model_copy(update={"key": {"r": start + name}}) for row in found.rows for name in ("db-1", "db-2"))
    movers = tuple((row.label, Decimal(1)) for row in rows)
    found = found.model_copy(update={"rows": rows, "movers": movers})
    for sent in (sendable(answer.build(cost.of(found))), answer.fallback(cost.of(found))):
        assert "rg/db-1" in sent
        assert "rg/db-2" in sent


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Amazon Relational Database Service", "Relational Databa…"),
        ("Amazon Simple Storage Service", "Simple Storage…"),
        ("Azure Synapse Analytics", "Synapse Analytics"),
        ("Amazon Elastic Compute Cloud - Compute", "Elastic Compute…"),
        ("Google Cloud Kubernetes Engine", "Kubernetes Engine"),
        ("arn:aws:rds:us-east-1:123456789012:cluster:airflow", "cluster:airflow"),
        ("arn:aws:ec2:us-east-1:123456789012:instance/i-1", "instance/i-1"),
        ("/subscriptions/8c2f4b7e/resourcegroups/rg/providers/virtualmachines/db-1", "db-1"),
        ("checkout · Amazon RDS", "checkout · RDS"),
        ("payments-production-eu-west-1-blue-0001", "payments-pr…e-0001"),
    ],
)
def test_a_name_too_long_for_a_phone_is_known_again(name: str, shown: str) -> None:
    """Its vendor goes first, then its last words; of a path the last part stays."""
    [_, line] = grid.lines(Grid(("Service", "Nov 2026", "Change"), ((name, "$12,345", "12 %"),)))
    assert line.partition("  $")[0].strip() == shown


def test_a_vendor_stays_where_two_names_differ_by_it_alone() -> None:
    """Two clouds have a container registry each, and some bills leave the vendor out."""
    names = ("AWS Container Registry Service", "Azure Container Registry Service", "Container Registry")
    shown = grid.lines(Grid(("Service", "Nov 2026", "Change"), tuple((one, "$1", "1 %") for one in names)))
    assert [line.partition("  ")[0] for line in shown[1:]] == [
        "AWS Container…",
        "Azure Container…",
        "Container Registry",
    ]


@pytest.mark.parametrize(
    "names",
    [
        ("payments-production-eu-west-1-blue-0001", "payments-production-us-west-1-blue-0001"),
        ("payments-production-eu-1", "payments-production-eu-2"),
        ("a-very-long-name-of-one-prod-cluster-x", "a-very-long-name-of-two-prod-cluster-x", "b-" + "x" * 40),
        (f"{'x' * 40}1{'y' * 40}", f"{'x' * 40}2{'y' * 40}", f"{'x' * 40}3{'y' * 40}"),
        ("Amazon Relational Database · payments-prod-eu", "Amazon Relational Database · payments-test-eu"),
        (f"{'日本語' * 9} 001", f"{'日本語' * 9} 002"),
        (f"{'日本' * 20}1{'語' * 20}", f"{'日本' * 20}2{'語' * 20}"),
    ],
)
def test_names_that_would_be_cut_alike_are_cut_where_they_differ(names: tuple[str, ...]) -> None:
    """Each line is of one width, and no two names look alike."""
    shown = grid.lines(Grid(("Service", "Nov 2026", "Share"), tuple((name, "$1,234", "12 %") for name in names)))
    assert {cell_len(line) for line in shown} == {grid.WIDTH}
    assert len(set(shown)) == len(names) + 1


def test_of_two_names_the_second_is_kept_where_rows_would_look_alike() -> None:
    """Who of a service's users it is stands there."""
    names = [
        f"Amazon {one} · {who}" for one in ("Elastic Compute", "Relational Database") for who in ("checkout", "pay")
    ]
    shown = grid.lines(Grid(("Service", "Nov 2026", "Share"), tuple((name, "$12,345", "12 %") for name in names)))
    assert ["· checkout " in line or "· pay " in line for line in shown] == [False, True, True, True, True]
    assert len(set(shown)) == 5
