"""AWS as moto plays it: a server on a loopback socket, asked through the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jobs.providers.aws.clients import client

REGION = "us-east-1"


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  slow, and only these tests need it

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def aws(_moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account of its own, empty; returns the server's address."""
    import httpx  # noqa: PLC0415

    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    # No test may reach the real one: the credentials are made up, and the address is loopback's.
    monkeypatch.setenv("AWS_ENDPOINT_URL", _moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert httpx.post(f"{_moto}/moto-api/reset").json() == {"status": "ok"}, "this is no moto"
    return _moto


@pytest.fixture
def s3(aws: str) -> Any:  # noqa: ANN401  boto3 is published without types
    """A client, and a bucket `bills`."""
    made = client("s3")
    made.create_bucket(Bucket="bills")
    return made


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
