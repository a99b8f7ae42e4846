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
from jobs.providers.aws.clients import client
from jobs.sources import SourceEntry
from storage import resources
from storage.database import transaction

REGION = "us-east-1"
ENTRY = SourceEntry(name="aws", provider="aws", inventory="live", regions=(REGION,))
NOW = datetime.now(UTC).replace(microsecond=0)


def _tagged(kind: str, **tags: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


@pytest.fixture
def account(aws: str) -> dict[str, str]:
    """Fill the account with one of each; returns what they are called."""
    del aws
    ec2 = client("ec2", region=REGION)
    image = ec2.describe_images()["Images"][0]["ImageId"]
    run = ec2.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        InstanceType="m5.large",
        TagSpecifications=_tagged("instance", team="web"),
    )["Instances"][0]
    disk = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8, VolumeType="gp3")["VolumeId"]
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"][:2]]
    client("elbv2", region=REGION).create_load_balancer(
        Name="front", Subnets=subnets, Tags=[{"Key": "team", "Value": "edge"}]
    )
    rds = {"DBInstanceIdentifier": "orders", "DBInstanceClass": "db.m5.large", "Engine": "postgres"}
    client("rds", region=REGION).create_db_instance(
        **rds,
        MasterUsername="u",
        MasterUserPassword="p" * 9,
        AllocatedStorage=20,
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    client("s3").create_bucket(Bucket="logs")
    found = {"machine": run["InstanceId"], "disk": disk, "bucket": "logs"}
    found["snapshot"] = ec2.create_snapshot(VolumeId=disk)["SnapshotId"]
    found["nat_gateway"] = ec2.create_nat_gateway(SubnetId=subnets[0], ConnectivityType="private")["NatGateway"][
        "NatGatewayId"
    ]
    found["address"] = ec2.allocate_address(Domain="vpc")["AllocationId"]
    return found


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


def test_a_machines_load_becomes_days_of_utilization(account: dict[str, str], database: Path) -> None:
    """Mean and maximum of an hour, as CloudWatch gives them."""
    noon = (NOW - timedelta(days=2)).replace(hour=12, minute=0, second=0)
    client("cloudwatch", region=REGION).put_metric_data(
        Namespace="AWS/EC2",
        MetricData=[
            {
                "MetricName": "CPUUtilization",
                "Dimensions": [{"Name": "InstanceId", "Value": account["machine"]}],
                "Timestamp": noon,
                "Value": value,
                "Unit": "Percent",
            }
            for value in (10.0, 30.0)
        ],
    )
    inventory.live(ENTRY, at=NOW)
    with transaction() as session:
        rows = [row for row in _measured(session) if row.metric == "cpu"]
    assert [(row.day, round(row.mean, 6), round(row.maximum, 6)) for row in rows] == [(noon.date(), 0.2, 0.3)]


def test_a_databases_load_and_a_load_balancers_requests_are_measured(account: dict[str, str], database: Path) -> None:
    """CloudWatch knows both by the end of their ARNs."""
    del account
    noon = (NOW - timedelta(days=2)).replace(hour=12, minute=0, second=0)
    arn = client("elbv2", region=REGION).describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    _put("AWS/RDS", "CPUUtilization", {"DBInstanceIdentifier": "orders"}, noon, 50.0)
    _put("AWS/RDS", "DatabaseConnections", {"DBInstanceIdentifier": "orders"}, noon, 12.0)
    _put("AWS/ApplicationELB", "RequestCount", {"LoadBalancer": arn.partition(":loadbalancer/")[2]}, noon, 1000.0)
    inventory.live(ENTRY, at=NOW)
    with transaction() as session:
        found = {row.metric: (row.resource_id, row.mean) for row in _measured(session)}
    orders = f"arn:aws:rds:{REGION}:123456789012:db:orders"
    assert found == {"cpu": (orders, 0.5), "connections": (orders, 12.0), "requests": (arn, 1000.0)}


def _put(namespace: str, metric: str, dimensions: dict[str, str], at: datetime, value: float) -> None:
    named = [{"Name": name, "Value": each} for name, each in dimensions.items()]
    data = {"MetricName": metric, "Dimensions": named, "Timestamp": at, "Value": value}
    client("cloudwatch", region=REGION).put_metric_data(Namespace=namespace, MetricData=[data])


def _measured(session: Any) -> list[Any]:  # noqa: ANN401
    from finops.periods import Period  # noqa: PLC0415

    period = Period.last_days(30, NOW.date())
    return [row for rows in resources.utilization(session, period).values() for row in rows]


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
