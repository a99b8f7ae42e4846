"""The doctor names the permission that is missing; the policy holds what is asked for, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from jobs import doctor as doctors
from jobs.cli.doctor import doctor
from jobs.providers.aws import clusters, explorer, exports, inventory, live, organizations
from jobs.providers.aws import doctor as aws_doctor
from jobs.providers.aws.clients import client
from jobs.sources import SourceEntry

POLICY = Path(aws_doctor.__file__).with_name("policy.json")
ENTRIES = [
    SourceEntry(name="bills", bills="s3://bills/e"),
    SourceEntry(name="sums", bills="cost-explorer://"),
    SourceEntry(name="things", provider="aws", inventory="live", regions=("us-east-1",)),
]
ALWAYS = {"sts:GetCallerIdentity", "monitoring:GetMetricData", "monitoring:ListMetrics", "tagging:GetResources"}
"""Nobody can be refused the first, so no policy names it; the others are moto's own names for two actions."""
UNSIGNED = ("ListFunctions", "ListClusters")
"""moto takes the SDK's signatures of these for wrong ones."""


def _policy() -> set[str]:
    return {action for one in json.loads(POLICY.read_text())["Statement"] for action in one["Action"]}


def test_the_policy_holds_every_action_that_is_asked_for_and_no_other() -> None:
    """Least privilege, of the code as it is."""
    operations = {*inventory.OPERATIONS.values(), *aws_doctor.BESIDE, *clusters.OPERATIONS}
    assert set(inventory.OPERATIONS.values()) == set(aws_doctor.NOUNS)
    assert {*live.SERVICES} < operations
    asked = {live.action(operation) for operation in operations} | {exports.LIST, exports.GET}
    asked |= {explorer.ASK, organizations.ASK}
    assert _policy() == asked
    assert not [one for one in asked if not one.partition(":")[2].startswith(("Describe", "Get", "List"))]


@pytest.fixture
def permit(aws: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[set[str]], None]]:  # noqa: ANN401
    """Let the credentials do these actions and nothing else, from now on."""
    asked = {kind: name for kind, name in inventory.OPERATIONS.items() if name not in UNSIGNED}
    monkeypatch.setattr(inventory, "OPERATIONS", asked)
    s3.put_object(Bucket="bills", Key="e/data/BILLING_PERIOD=2026-08/part.csv", Body="a")

    def restrict(actions: set[str]) -> None:
        iam = client("iam")
        iam.create_user(UserName="costs")
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}],
        }
        iam.put_user_policy(UserName="costs", PolicyName="read", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName="costs")["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        httpx.post(f"{aws}/moto-api/reset-auth", content=b"0")

    yield restrict
    httpx.post(f"{aws}/moto-api/reset-auth", content=b"inf")


def test_with_the_policy_all_is_well(permit: Callable[[set[str]], None]) -> None:
    """As it is shipped."""
    permit(_policy() | ALWAYS)
    assert [one for one in doctors.examine(ENTRIES) if not one.well] == []


@pytest.mark.parametrize(
    ("taken", "lost"),
    [
        ("s3:ListBucket", "the bills of bills"),
        ("s3:GetObject", "the bills of bills"),
        ("ec2:DescribeVolumes", "disks in us-east-1; those that are known are left"),
        ("elasticloadbalancing:DescribeLoadBalancers", "load balancers in us-east-1"),
        ("rds:DescribeDBInstances", "databases in us-east-1"),
    ],
)
def test_a_permission_that_is_taken_away_is_named_with_what_is_lost(
    permit: Callable[[set[str]], None], taken: str, lost: str
) -> None:
    """And nothing else is."""
    permit((_policy() | ALWAYS) - {taken})
    wrong = [one for one in doctors.examine(ENTRIES) if not one.well]
    assert [(one.missing, str(one.lost).startswith(lost)) for one in wrong] == [(taken, True)]


def test_names_of_accounts_are_no_more_than_that(permit: Callable[[set[str]], None]) -> None:
    """Of every source of bills it is told what they are called for, and that the rest is collected."""
    client("organizations").create_organization(FeatureSet="ALL")
    permit((_policy() | ALWAYS) - {organizations.ASK})
    wrong = [one for one in doctors.examine(ENTRIES) if not one.well]
    assert [(one.what, one.missing) for one in wrong] == [
        (f"name the accounts of {name}", organizations.ASK) for name in ("bills", "sums")
    ]
    assert str(wrong[0].lost).startswith("names of accounts, and nothing else.")


def test_only_what_the_list_wants_is_tried(permit: Callable[[set[str]], None]) -> None:
    """Whoever collects databases alone needs no permission for machines."""
    permit({"rds:DescribeDBInstances"} | ALWAYS)
    entry = ENTRIES[2].model_copy(update={"services": ("rds",)})
    found = list(doctors.examine([entry]))
    assert [one.what for one in found if one.well][1] == "list databases in us-east-1"
    assert [one for one in found if not one.well] == []


def test_the_command_prints_what_is_missing_and_fails(permit: Callable[[set[str]], None], tmp_path: Path) -> None:
    """For a person, or as JSON."""
    permit((_policy() | ALWAYS) - {"s3:GetObject"})
    file = tmp_path / "sources.yaml"
    file.write_text("sources: [{name: bills, bills: 's3://bills/e'}]")
    shown = CliRunner().invoke(doctor, ["--sources", str(file)])
    assert shown.exit_code == 1
    assert "✓ aws: list the exports in s3://bills/e/" in shown.output
    assert "missing: s3:GetObject" in shown.output
    told = json.loads(CliRunner().invoke(doctor, ["--sources", str(file), "--json"]).output)
    assert [one["missing"] for one in told] == [None, "s3:GetObject", None]
