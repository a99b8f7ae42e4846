"""An account asked live: everything in it, through the SDK and over a socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from jobs import inventory
from jobs.providers.answers import BadAnswerError
from jobs.providers.aws import live
from jobs.providers.aws.clients import RefusedError, _loader, client
from jobs.sources import SourceEntry
from storage import resources
from storage.database import transaction

REGION = "us-east-1"
ENTRY = SourceEntry(name="aws", provider="aws", inventory="live", regions=(REGION,))
NOW = datetime.now(UTC).replace(microsecond=0)


def test_everything_in_a_region_is_found_with_its_tags(account: dict[str, str], database: Path) -> None:
    """Each under the name that the bill gives it."""
    collected = inventory.live(ENTRY, at=NOW)
    with transaction() as session:
        listed = resources.load(session)
    assert collected.resources == len(listed)
    found = {one.resource_type: one for one in listed if one.resource_type not in ("snapshot", "disk")}
    known = {one.resource_id: one for one in listed}
    assert set(found) == {"machine", "address", "load_balancer", "database", "bucket", "nat_gateway"}
    mine = "123456789012"
    assert (found["machine"].resource_id, found["machine"].tags) == (account["machine"], {"team": "web"})
    assert found["database"].resource_id == f"arn:aws:rds:{REGION}:{mine}:db:orders"
    assert (found["database"].tags, found["database"].size) == ({"team": "shop"}, "db.m5.large")
    assert found["load_balancer"].tags == {"team": "edge"}
    assert found["nat_gateway"].resource_id == f"arn:aws:ec2:{REGION}:{mine}:natgateway/{account['nat_gateway']}"
    assert f"arn:aws:ec2:{REGION}:{mine}:snapshot/{account['snapshot']}" in known
    assert known[account["disk"]].state == "unattached"


def test_what_vanished_is_closed_and_not_deleted(account: dict[str, str], database: Path) -> None:
    """The next inventory says so."""
    inventory.live(ENTRY, at=NOW)
    client("ec2", region=REGION).delete_volume(VolumeId=account["disk"])
    assert inventory.live(ENTRY, at=NOW + timedelta(hours=1)).closed == 1
    with transaction() as session:
        assert account["disk"] not in {one.resource_id for one in resources.load(session)}
        assert account["disk"] in {one.resource_id for one in resources.load(session, include_closed=True)}


def test_a_cluster_is_told_with_its_groups_of_machines(aws: str, database: Path) -> None:
    """State, version, when it was made, how many machines of which size."""
    del aws
    eks = client("eks", region=REGION)
    network = {"subnetIds": ["subnet-1", "subnet-2"]}
    eks.create_cluster(
        name="prod", roleArn="arn:aws:iam::123456789012:role/r", resourcesVpcConfig=network, version="1.31",
        tags={"team": "platform"},
    )  # fmt: skip
    for name, size, count in (("system", "m5.large", 2), ("batch", "c5.xlarge", 5)):
        eks.create_nodegroup(
            clusterName="prod", nodegroupName=name, subnets=["subnet-1"], nodeRole="arn:aws:iam::123456789012:role/n",
            scalingConfig={"minSize": 1, "maxSize": 9, "desiredSize": count}, instanceTypes=[size],
        )  # fmt: skip
    eks.create_cluster(name="empty", roleArn="arn:aws:iam::123456789012:role/r", resourcesVpcConfig=network)
    inventory.live(ENTRY.model_copy(update={"services": ("eks",)}), at=NOW)
    with transaction() as session:
        found = {one.name: one for one in resources.load(session)}
    assert set(found) == {"prod", "empty"}
    prod = found["prod"]
    assert (prod.resource_type, prod.state, prod.tags) == ("cluster", "running", {"team": "platform"})
    assert set(prod.size.split(", ")) == {"2 x m5.large", "5 x c5.xlarge"}
    assert (prod.metadata["version"], found["empty"].size) == ("1.31", "EKS")


def test_images_and_snapshots_of_ones_own_are_listed(account: dict[str, str], database: Path) -> None:
    """Not those that AWS offers to everybody; an image names the snapshots that it is made of."""
    ec2 = client("ec2", region=REGION)
    image = ec2.create_image(InstanceId=account["machine"], Name="golden")["ImageId"]
    inventory.live(ENTRY, at=NOW)
    with transaction() as session:
        found = {one.resource_id: one for one in resources.load(session)}
    images = [one for one in found.values() if one.resource_type == "image"]
    assert [(one.resource_id, one.name, one.state) for one in images] == [(image, "golden", "stored")]
    (held,) = images[0].metadata["snapshots"]
    assert found[f"arn:aws:ec2:{REGION}:123456789012:snapshot/{held}"].state == "stored"


def test_only_the_services_of_the_list_are_asked(
    account: dict[str, str], database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is not asked is not closed: a database's inventory says nothing of machines."""
    everything = inventory.live(ENTRY, at=NOW).resources
    client("rds", region=REGION).delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    client("ec2", region=REGION).terminate_instances(InstanceIds=[account["machine"]])
    databases = ENTRY.model_copy(update={"services": ("rds",)})
    asked: list[str] = []
    pages = live.Live.pages

    def noted(self: live.Live, operation: str, **request: Any) -> Any:  # noqa: ANN401
        asked.append(operation)
        return pages(self, operation, **request)

    monkeypatch.setattr(live.Live, "pages", noted)
    told = inventory.live(databases, at=NOW + timedelta(hours=1))
    assert (told.resources, told.closed, asked) == (0, 1, ["DescribeDBInstances"])
    with transaction() as session:
        left = {one.resource_id for one in resources.load(session)}
    assert len(left) == everything - 1
    assert account["machine"] in left


def test_a_list_that_is_refused_closes_nothing_and_the_others_are_kept(
    account: dict[str, str], database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source has failed in part, and says of what."""
    inventory.live(ENTRY, at=NOW)
    client("rds", region=REGION).delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    client("ec2", region=REGION).delete_volume(VolumeId=account["disk"])
    pages = live.Live.pages

    def refused(self: live.Live, operation: str, **request: Any) -> Any:  # noqa: ANN401
        if operation in {"DescribeDBInstances", "GetResources"}:
            raise RefusedError(operation, live.action(operation), "AccessDenied")
        return pages(self, operation, **request)

    monkeypatch.setattr(live.Live, "pages", refused)
    told = inventory.live(ENTRY, at=NOW + timedelta(hours=1)).summary()
    assert (told["closed"], told["status"]) == (1, "failed")
    for missing in ("rds:DescribeDBInstances", "tag:GetResources"):
        assert missing in told["reason"]
    with transaction() as session:
        left = {one.resource_type: one for one in resources.load(session)}
    assert {"database", "load_balancer", "bucket"} < set(left)
    assert left["load_balancer"].tags == {"team": "edge"}, "tags that could not be read were not taken away"


def test_every_page_of_a_list_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the token of the page before, as AWS describes the operation."""
    ec2 = botocore.session.get_session().create_client(
        "ec2",
        region_name=REGION,
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106
    )
    monkeypatch.setattr(live, "client", lambda *_, **__: ec2)
    with Stubber(ec2) as stub:
        stub.add_response("describe_volumes", {"Volumes": [{"VolumeId": "a"}], "NextToken": "more"}, {})
        stub.add_response("describe_volumes", {"Volumes": [{"VolumeId": "b"}]}, {"NextToken": "more"})
        pages = list(live.Live(REGION).pages("DescribeVolumes"))
        stub.assert_no_pending_responses()
    assert [page["Volumes"][0]["VolumeId"] for page in pages] == ["a", "b"]


def test_a_refusal_names_the_action_and_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a person knows what to allow."""
    elb = botocore.session.get_session().create_client(
        "elbv2",
        region_name=REGION,
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106
    )
    monkeypatch.setattr(live, "client", lambda *_, **__: elb)
    told = (
        r"elbv2:DescribeLoadBalancers in us-east-1 \(AccessDenied\): allow elasticloadbalancing:DescribeLoadBalancers"
    )
    with Stubber(elb) as stub:
        stub.add_client_error("describe_load_balancers", "AccessDenied")
        with pytest.raises(BadAnswerError, match=told):
            list(live.Live(REGION).pages("DescribeLoadBalancers"))


def test_an_absent_profile_is_told(aws: str) -> None:
    """Credentials come from the SDK's own chain, and what it says is passed on."""
    del aws
    with pytest.raises(BadAnswerError, match=r"no-such-profile"):
        live.live(ENTRY.model_copy(update={"profile": "no-such-profile"}), at=NOW)


def test_a_profile_that_is_named_counts_whatever_the_environment_has(
    aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And clients made one after another read the SDK's descriptions in as many folders as the first."""
    del aws
    (tmp_path / "config").write_text("[profile work]\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "gone")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    made = [client("sts", profile="work") for _ in range(3)]
    assert {one.meta.region_name for one in made} == {"us-west-2"}
    paths = _loader(None).search_paths
    assert len(paths) == len(set(paths))
