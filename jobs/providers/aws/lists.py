"""What else a region of an account holds, beside machines, disks and addresses: one list an operation.

Each is known by the name that the bill gives it, an ARN mostly; tags come from the tagging interface, one list for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from finops.resources import Resource
from jobs.providers.answers import Answers, instant, reading
from jobs.providers.aws import clusters

PROVIDER = "aws"
RUNNING = {"available": "running", "active": "running", "ACTIVE": "running", "Active": "running", "completed": "stored"}
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when was asked."""

    account: str
    region: str
    at: datetime

    def arn(self, service: str, rest: str) -> str:
        """Name a thing of this place as AWS does."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    @property
    def partition(self) -> str:
        """Return `aws`, or that of China or of the government's regions."""
        return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self.region.rpartition("-")[0].rpartition("-")[0], "aws")


@dataclass(frozen=True, slots=True)
class List:
    """One operation that lists things of one kind."""

    kind: str
    operation: str
    items: str
    make: Callable[[Item, Place], Resource]
    request: Mapping[str, Any] = field(default_factory=dict)
    tagged: bool = False
    """Whether it names things without their tags."""
    detailed: Callable[[Answers, Item], Item] | None = None
    """Asks what the list leaves out."""


def _made(
    item: Item,
    at: Place,
    kind: str,
    key: str,
    name: str,
    *,
    state: str,
    size: str,
    made: object,
    **more: Any,  # noqa: ANN401
) -> Resource:
    tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags") or item.get("TagList") or item.get("TagSet") or ()}
    since = instant(made) if isinstance(made, (str, datetime)) else at.at
    attached = more.pop("attached_to", None)
    details = {word: value for word, value in more.items() if value is not None}
    return Resource(
        provider=PROVIDER, resource_id=key, resource_type=kind, name=tags.pop("Name", "") or name, region=at.region,
        sub_account_id=at.account, state=RUNNING.get(state, state), size=size, created_at=since,
        attached_to=attached, tags=tags, metadata=details,
    )  # fmt: skip


def _snapshot(item: Item, at: Place) -> Resource:
    key, size = item["SnapshotId"], f"{item['VolumeSize']} GiB"
    source, tier = item.get("VolumeId"), item.get("StorageTier")
    arn = at.arn("ec2", f"snapshot/{key}")
    more = {"source": source, "tier": tier, "description": item.get("Description")}
    return _made(item, at, "snapshot", arn, key, state=item["State"], size=size, made=item["StartTime"], **more)


def _image(item: Item, at: Place) -> Resource:
    disks = [one["Ebs"] for one in item.get("BlockDeviceMappings") or () if "Ebs" in one]
    size = f"{sum(one.get('VolumeSize', 0) for one in disks)} GiB"
    made, name = item.get("CreationDate"), item.get("Name") or item["ImageId"]
    snapshots = [one["SnapshotId"] for one in disks if "SnapshotId" in one]
    state = "stored" if item["State"] == "available" else str(item["State"])
    return _made(item, at, "image", item["ImageId"], name, state=state, size=size, made=made, snapshots=snapshots)


def _gateway(item: Item, at: Place) -> Resource:
    key, subnet = item["NatGatewayId"], item.get("SubnetId")
    arn, kind = at.arn("ec2", f"natgateway/{key}"), item.get("ConnectivityType") or "public"
    made = item["CreateTime"]
    return _made(item, at, "nat_gateway", arn, key, state=item["State"], size=kind, made=made, attached_to=subnet)


def _balancer(item: Item, at: Place) -> Resource:
    arn, name, state = item["LoadBalancerArn"], item["LoadBalancerName"], item["State"]["Code"]
    size, made = item["Type"], item["CreatedTime"]
    return _made(item, at, "load_balancer", arn, name, state=state, size=size, made=made, scheme=item.get("Scheme"))


def _database(item: Item, at: Place) -> Resource:
    arn, name, state = item["DBInstanceArn"], item["DBInstanceIdentifier"], item["DBInstanceStatus"]
    more = {"engine": item["Engine"], "multi_az": item.get("MultiAZ"), "storage": item.get("AllocatedStorage")}
    more |= {"storage_type": item.get("StorageType"), "cluster": item.get("DBClusterIdentifier")}
    size, made = item["DBInstanceClass"], item.get("InstanceCreateTime")
    return _made(item, at, "database", arn, name, state=state, size=size, made=made, **more)


def _bucket(item: Item, at: Place) -> Resource:
    made = item["CreationDate"]
    return _made(item, at, "bucket", item["Name"], item["Name"], state="available", size="S3", made=made)


def _function(item: Item, at: Place) -> Resource:
    arn, name, memory = item["FunctionArn"], item["FunctionName"], f"{item['MemorySize']} MB"
    changed = item["LastModified"].replace("+0000", "+00:00")
    more = {"runtime": item.get("Runtime"), "changed": changed}
    return _made(item, at, "function", arn, name, state=item.get("State") or "running", size=memory, made=None, **more)


def _cache(item: Item, at: Place) -> Resource:
    name, state, made = item["CacheClusterId"], item["CacheClusterStatus"], item.get("CacheClusterCreateTime")
    arn = item.get("ARN") or at.arn("elasticache", f"cluster:{name}")
    size = f"{item.get('NumCacheNodes', 1)} x {item['CacheNodeType']}"
    return _made(item, at, "cache", arn, name, state=state, size=size, made=made, engine=item.get("Engine"))


def _cluster(item: Item, at: Place) -> Resource:
    name, made, groups = item["name"], item.get("createdAt"), item["groups"]
    arn = item.get("arn") or at.arn("eks", f"cluster/{name}")
    size = ", ".join(f"{one['count']} x {one['size']}" for one in groups) or "EKS"
    more = {"version": item.get("version"), "groups": groups or None}
    item = item | {"Tags": [{"Key": key, "Value": value} for key, value in (item.get("tags") or {}).items()]}
    return _made(item, at, "cluster", arn, name, state=item["status"], size=size, made=made, **more)


def _group(item: Item, at: Place) -> Resource:
    arn, name, made = item["AutoScalingGroupARN"], item["AutoScalingGroupName"], item["CreatedTime"]
    count, state = item["DesiredCapacity"], "running" if item["DesiredCapacity"] else "stopped"
    size = f"{count} ({item['MinSize']} to {item['MaxSize']})"
    machines = [one["InstanceId"] for one in item.get("Instances") or ()]
    return _made(item, at, "machine_group", arn, name, state=state, size=size, made=made, machines=machines)


LISTS = (
    List("snapshot", "DescribeSnapshots", "Snapshots", _snapshot, {"OwnerIds": ["self"]}),
    List("image", "DescribeImages", "Images", _image, {"Owners": ["self"]}),
    List("nat_gateway", "DescribeNatGateways", "NatGateways", _gateway),
    List("load_balancer", "DescribeLoadBalancers", "LoadBalancers", _balancer, tagged=True),
    List("database", "DescribeDBInstances", "DBInstances", _database),
    List("bucket", "ListBuckets", "Buckets", _bucket, tagged=True),
    List("function", "ListFunctions", "Functions", _function, tagged=True),
    List("cache", "DescribeCacheClusters", "CacheClusters", _cache, tagged=True),
    List("cluster", "ListClusters", "clusters", _cluster, detailed=clusters.told),
    List("machine_group", "DescribeAutoScalingGroups", "AutoScalingGroups", _group),
)
TAGGED = frozenset(each.kind for each in LISTS if each.tagged)
GONE = ("deleted", "deleting", "DELETING")


def read(each: List, tags: Mapping[str, dict[str, str]], answers: Answers, place: Place) -> Iterator[Resource]:
    """Return everything that a list holds, with its tags. Raises BadAnswerError."""
    with reading(f"AWS's {each.operation}"):
        for page in answers.pages(each.operation, **request(each, place)):
            for item in page.get(each.items) or ():
                one = each.make(each.detailed(answers, item) if each.detailed else item, place)
                if one.state not in GONE:
                    one.tags.update(tags.get(one.resource_id, {}))
                    yield one


def request(each: List, place: Place) -> dict[str, Any]:
    """Return what an operation is asked with."""
    # Buckets are one list for the world; each region asks for its own.
    return {"BucketRegion": place.region} if each.operation == "ListBuckets" else dict(each.request)


def tags(answers: Answers) -> dict[str, dict[str, str]]:
    """Return the tags of everything in a region, by the name that the bill gives it. Raises BadAnswerError."""
    with reading("AWS's GetResources"):
        listed = [one for page in answers.pages("GetResources") for one in page["ResourceTagMappingList"]]
        found = {one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]} for one in listed}
    return found | {arn.rpartition(":")[2]: tags for arn, tags in found.items() if arn.split(":")[2] == "s3"}
