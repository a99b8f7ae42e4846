"""The doctor names the permission that is missing; the policy holds what is asked for, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from moto.iam import access_control

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
LOST = {
    "s3:ListBucket": "the bills of bills",
    "s3:GetObject": "the bills of bills",
    "ec2:DescribeVolumes": "disks in us-east-1; those that are known are left",
    "lambda:ListFunctions": "functions in us-east-1",
    "eks:DescribeNodegroup": "clusters in us-east-1",
    "cloudwatch:ListMetrics": "memory and file systems of machines in us-east-1",
}
"""What is lost without some of them."""
NAMED = {"monitoring": "cloudwatch", "tagging": "tag"}
"""By the names under which requests are signed, what policies call these services."""


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
def _mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mend two faults of moto 5.2.5, which would refuse what is allowed.

    It takes a GET without a query for one whose body are its headers, and so its signature for a wrong one (Lambda,
    EKS); and it looks up policies by the name that signs a request, where that is another (CloudWatch, tags).
    """
    began = access_control.IAMRequestBase.__init__

    def begin(request: Any, *args: Any, **given: Any) -> None:  # noqa: ANN401  moto's own
        if given["method"] == "GET" and not given["body"]:
            given["data"] = {}
        began(request, *args, **given)
        service, _, name = request._action.partition(":")  # noqa: SLF001
        request._action = f"{NAMED.get(service, service)}:{name}"  # noqa: SLF001

    monkeypatch.setattr(access_control.IAMRequestBase, "__init__", begin)


def _cluster() -> None:
    """Have a cluster with a group of machines: only then is there anything to describe."""
    eks, role, network = client("eks", region="us-east-1"), "arn:aws:iam::123456789012:role/r", {"subnetIds": ["s"]}
    eks.create_cluster(name="web", roleArn=role, resourcesVpcConfig=network)
    eks.create_nodegroup(clusterName="web", nodegroupName="few", subnets=["s"], nodeRole=role)


@pytest.fixture
def permit(
    aws: str,
    s3: Any,  # noqa: ANN401
    _mended: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[set[str]], None]]:
    """Let the credentials do these actions and nothing else, from now on."""
    s3.put_object(Bucket="bills", Key="e/data/BILLING_PERIOD=2026-08/part.csv", Body="a")
    client("organizations").create_organization(FeatureSet="ALL")
    _cluster()

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
    permit(_policy())
    assert [one for one in doctors.examine(ENTRIES) if not one.well] == []


@pytest.mark.parametrize(("taken", "lost"), LOST.items())
def test_a_permission_that_is_taken_away_is_named_with_what_is_lost(
    permit: Callable[[set[str]], None], taken: str, lost: str
) -> None:
    """And nothing else is."""
    permit(_policy() - {taken})
    wrong = [one for one in doctors.examine(ENTRIES) if not one.well]
    assert [(one.missing, str(one.lost).startswith(lost)) for one in wrong] == [(taken, True)]


@pytest.mark.parametrize("half", [0, 1])
def test_of_all_permissions_exactly_those_are_named_that_are_taken_away(
    permit: Callable[[set[str]], None], half: int
) -> None:
    """One half, and the other: but for those that are not tried where there is nothing to try them on."""
    first = _policy() - {exports.GET, organizations.ASK, *(f"eks:{name}" for name in clusters.OPERATIONS)}
    taken = sorted(first)[half::2]
    permit(_policy().difference(taken))
    assert sorted(str(one.missing) for one in doctors.examine(ENTRIES) if not one.well) == taken


def test_names_of_accounts_are_no_more_than_that(permit: Callable[[set[str]], None]) -> None:
    """Of every source of bills it is told what they are called for, and that the rest is collected."""
    permit(_policy() - {organizations.ASK})
    wrong = [one for one in doctors.examine(ENTRIES) if not one.well]
    assert [(one.what, one.missing) for one in wrong] == [
        (f"name the accounts of {name}", organizations.ASK) for name in ("bills", "sums")
    ]
    assert str(wrong[0].lost).startswith("names of accounts, and nothing else.")


def test_only_what_the_list_wants_is_tried(permit: Callable[[set[str]], None]) -> None:
    """Whoever collects databases alone needs no permission for machines."""
    permit({"rds:DescribeDBInstances", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics"})
    entry = ENTRIES[2].model_copy(update={"services": ("rds",)})
    found = list(doctors.examine([entry]))
    assert [one.what for one in found if one.well][1] == "list databases in us-east-1"
    assert [one for one in found if not one.well] == []


def test_the_command_prints_what_is_missing_and_fails(permit: Callable[[set[str]], None], tmp_path: Path) -> None:
    """For a person, or as JSON."""
    permit(_policy() - {"s3:GetObject"})
    file = tmp_path / "sources.yaml"
    file.write_text("sources: [{name: bills, bills: 's3://bills/e'}]")
    shown = CliRunner().invoke(doctor, ["--sources", str(file)])
    assert shown.exit_code == 1
    assert "✓ aws: list the exports in s3://bills/e/" in shown.output
    assert "missing: s3:GetObject" in shown.output
    told = json.loads(CliRunner().invoke(doctor, ["--sources", str(file), "--json"]).output)
    assert [one["missing"] for one in told] == [None, "s3:GetObject", None]
