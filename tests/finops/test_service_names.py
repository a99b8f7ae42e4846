"""What people call services."""

from __future__ import annotations

import pytest

from finops.service_names import called, nearly

BILLS = (
    *("Amazon Relational Database Service", "AmazonRDS", "Amazon Elastic Compute Cloud", "Amazon Redshift"),
    *("AWS Lambda", "Amazon Elastic Container Service", "Amazon Elastic Container Service for Kubernetes"),
    *("Virtual Machines", "Azure Kubernetes Service", "Kubernetes Engine", "Storage", "", "SQL Database"),
)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Amazon RDS", {"Amazon Relational Database Service", "AmazonRDS"}),
        ("rds", {"Amazon Relational Database Service", "AmazonRDS"}),
        ("ec2", {"Amazon Elastic Compute Cloud"}),
        ("redshift", {"Amazon Redshift"}),
        ("lambda", {"AWS Lambda"}),
        ("EKS", {"Amazon Elastic Container Service for Kubernetes"}),
        ("ecs", {"Amazon Elastic Container Service"}),
        ("AKS", {"Azure Kubernetes Service"}),
        ("gke", {"Kubernetes Engine"}),
        ("VMs", {"Virtual Machines"}),
    ],
)
def test_a_service_is_found_by_what_people_call_it(word: str, meant: set[str]) -> None:
    """As a code of the bill, in full, or in short; one word may mean what two bills call differently."""
    assert set(called(word, BILLS)) == meant


@pytest.mark.parametrize("word", ["", "amazon", "aws", "database", "compute", "red shifts"])
def test_a_word_that_is_nobodys_name_means_nothing(word: str) -> None:
    """It is asked back instead."""
    assert called(word, BILLS) == ()


@pytest.mark.parametrize(
    ("word", "meant"),
    [("ec3", "Amazon Elastic Compute Cloud"), ("rdz", "Amazon Relational Database Service"), ("xyz", None), ("", None)],
)
def test_a_short_name_with_a_slip_is_like_the_first_service_that_is_called_nearly_so(
    word: str, meant: str | None
) -> None:
    """EC3 is nearer to EC2 than to whatever comes first in the alphabet."""
    services = ["AWS Glue", "Amazon Elastic Compute Cloud", "Amazon Relational Database Service", "Amazon ECS"]
    assert nearly(word, services) == meant
