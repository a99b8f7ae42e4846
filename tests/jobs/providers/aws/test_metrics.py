"""How much of it is used, as CloudWatch measured it: asked through the SDK and over a socket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from finops.periods import Period
from finops.resources import Resource
from jobs import inventory
from jobs.providers.aws import metrics
from jobs.providers.aws.clients import client
from jobs.sources import SourceEntry
from storage import resources
from storage.database import transaction

REGION = "us-east-1"
ENTRY = SourceEntry(name="aws", provider="aws", inventory="live", regions=(REGION,))
NOW = datetime.now(UTC).replace(microsecond=0)


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


def test_what_flows_through_is_measured(account: dict[str, str], database: Path) -> None:
    """A network load balancer's connections, a gateway's bytes, a cache and a function."""
    noon = (NOW - timedelta(days=2)).replace(hour=12, minute=0, second=0)
    subnet = client("ec2", region=REGION).describe_subnets()["Subnets"][0]["SubnetId"]
    made = client("elbv2", region=REGION).create_load_balancer(Name="flows", Type="network", Subnets=[subnet])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    client("elasticache", region=REGION).create_cache_cluster(
        CacheClusterId="sessions", CacheNodeType="cache.t3.micro", Engine="redis", NumCacheNodes=1
    )
    flows = {"LoadBalancer": arn.partition(":loadbalancer/")[2]}
    _put("AWS/NetworkELB", "NewFlowCount", flows, noon, 500.0)
    _put("AWS/NetworkELB", "ActiveFlowCount", flows, noon, 20.0)
    for name in ("BytesOutToDestination", "BytesInFromDestination"):
        _put("AWS/NATGateway", name, {"NatGatewayId": account["nat_gateway"]}, noon, 1000.0)
    cached = {"CacheClusterId": "sessions"}
    _put("AWS/ElastiCache", "CPUUtilization", cached, noon, 25.0)
    _put("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", cached, noon, 75.0)
    _put("AWS/ElastiCache", "CurrConnections", cached, noon, 3.0)
    for name in ("EBSReadBytes", "EBSWriteBytes"):
        _put("AWS/EC2", name, {"InstanceId": account["machine"]}, noon, 4096.0)
    inventory.live(ENTRY, at=NOW)
    with transaction() as session:
        found = {(row.resource_id.split(":")[-1].split("/")[0], row.metric): row.mean for row in _measured(session)}
    assert found == {
        ("loadbalancer", "requests"): 500.0,
        ("loadbalancer", "connections"): 20.0,
        ("natgateway", "network"): 2000.0,
        ("sessions", "cpu"): 0.25,
        ("sessions", "memory"): 0.75,
        ("sessions", "connections"): 3.0,
        (account["machine"], "disk"): 8192.0,
    }


def test_what_an_agent_tells_is_asked_for_under_its_own_dimensions(account: dict[str, str], database: Path) -> None:
    """Memory of Linux and of Windows; of file systems the fullest, and none that is no disk."""
    noon = (NOW - timedelta(days=2)).replace(hour=12, minute=0, second=0)
    machine = {"InstanceId": account["machine"], "ImageId": "ami-1", "InstanceType": "m5.large"}
    _put("CWAgent", "mem_used_percent", machine, noon, 62.0)
    for path, kind, used in (("/data", "ext4", 91.0), ("/", "xfs", 40.0), ("/snap/core", "squashfs", 100.0)):
        _put("CWAgent", "disk_used_percent", {**machine, "path": path, "fstype": kind}, noon, used)
    _put("CWAgent", "mem_used_percent", {"InstanceId": "i-of-somebody-else"}, noon, 10.0)
    _put("CWAgent", "swap_used_percent", machine, noon, 5.0)
    inventory.live(ENTRY, at=NOW)
    with transaction() as session:
        found = {(row.resource_id, row.metric): row.maximum for row in _measured(session)}
    assert found == {(account["machine"], "memory"): 0.62, (account["machine"], "disk_used"): 0.91}


def test_memory_of_windows_is_memory() -> None:
    """Its metric's name has spaces in it, as labels have between their words."""
    told = {"Label": "i-1 Memory % Committed Bytes In Use Average", "Timestamps": [NOW], "Values": [50.0]}
    peak = told | {"Label": "i-1 Memory % Committed Bytes In Use Maximum", "Values": [70.0]}
    page = {"MetricDataResults": [told, peak]}
    answers = type("Answers", (), {"pages": lambda *_, **__: iter([page])})()
    series = metrics.series(answers, [{}], NOW)
    machine = Resource("aws", "i-1", "machine", "web", REGION, "1", "running", "m5.large", NOW)
    assert [(row.metric, row.mean, row.maximum) for row in metrics.utilization(machine, series)] == [
        ("memory", 0.5, 0.7)
    ]


def test_a_function_is_measured_by_its_invocations() -> None:
    """CloudWatch knows it by its name alone."""
    arn = f"arn:aws:lambda:{REGION}:1:function:resize"
    one = Resource("aws", arn, "function", "resize", REGION, "1", "running", "128 MB", NOW)
    (query,) = metrics.asked([one])
    asked = query["MetricStat"]["Metric"]
    assert (asked["Namespace"], asked["MetricName"]) == ("AWS/Lambda", "Invocations")
    assert asked["Dimensions"] == [{"Name": "FunctionName", "Value": "resize"}]


def test_a_load_balancer_is_asked_for_what_its_type_has() -> None:
    """CloudWatch is paid by the metric, found or not."""
    front = Resource("aws", "arn:aws:elb:1:loadbalancer/app/a/1", "load_balancer", "a", REGION, "1", "running",
                     "application", NOW)  # fmt: skip
    for size, names in {"application": {"RequestCount"}, "network": {"NewFlowCount", "ActiveFlowCount"}}.items():
        asked = metrics.asked([replace(front, size=size)])
        assert {one["MetricStat"]["Metric"]["MetricName"] for one in asked} == names


def _put(namespace: str, metric: str, dimensions: dict[str, str], at: datetime, value: float) -> None:
    named = [{"Name": name, "Value": each} for name, each in dimensions.items()]
    data = {"MetricName": metric, "Dimensions": named, "Timestamp": at, "Value": value}
    client("cloudwatch", region=REGION).put_metric_data(Namespace=namespace, MetricData=[data])


def _measured(session: Any) -> list[Any]:  # noqa: ANN401
    period = Period.last_days(30, NOW.date())
    return [row for rows in resources.utilization(session, period).values() for row in rows]
