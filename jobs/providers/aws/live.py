"""AWS asked live: read calls only, with the credentials that the SDK finds by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jobs.providers.answers import Inventory
from jobs.providers.aws import clusters, inventory
from jobs.providers.aws.clients import asking, client
from jobs.providers.aws.lists import Place
from jobs.sources import SourceEntry

SERVICES = {
    "GetMetricData": "cloudwatch",
    "ListMetrics": "cloudwatch",
    "GetResources": "resourcegroupstaggingapi",
    "DescribeLoadBalancers": "elbv2",
    "DescribeDBInstances": "rds",
    "ListBuckets": "s3",
    "ListFunctions": "lambda",
    "DescribeCacheClusters": "elasticache",
    **dict.fromkeys(("ListClusters", *clusters.OPERATIONS), "eks"),
    "DescribeAutoScalingGroups": "autoscaling",
}
"""All other operations are EC2's."""
ACTIONS = {
    "GetResources": "tag:GetResources",
    "DescribeLoadBalancers": "elasticloadbalancing:DescribeLoadBalancers",
    "ListBuckets": "s3:ListAllMyBuckets",
}
"""Where IAM calls an operation otherwise."""


def action(operation: str) -> str:
    """Return the permission that an operation needs, by IAM's name."""
    return ACTIONS.get(operation) or f"{SERVICES.get(operation, 'ec2')}:{operation}"


@dataclass(frozen=True, slots=True)
class Live:
    """One region of one account."""

    region: str
    profile: str | None = None
    clients: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Those that were made already: each takes a while."""

    def pages(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
        """Return every page of an operation's answer. Raises RefusedError, BadAnswerError."""
        from botocore import xform_name  # noqa: PLC0415  slow, and only for those who use AWS

        method, service = xform_name(operation), SERVICES.get(operation, "ec2")
        if service not in self.clients:
            self.clients[service] = client(service, region=self.region, profile=self.profile)
        asked = self.clients[service]
        with asking(f"{service}:{operation} in {self.region}", needs=action(operation)):
            if asked.can_paginate(method):
                yield from asked.get_paginator(method).paginate(**request)
            else:
                yield getattr(asked, method)(**request)


def account(entry: SourceEntry) -> str:
    """Return the account of the credentials. Raises BadAnswerError."""
    sts = client("sts", region=entry.regions[0] if entry.regions else None, profile=entry.profile)
    with asking("who these credentials are: `aws sts get-caller-identity` shows it", needs="sts:GetCallerIdentity"):
        return str(sts.get_caller_identity()["Account"])


def live(entry: SourceEntry, *, at: datetime) -> Inventory:
    """Ask the account of the SDK's own credentials, in the entry's regions. Raises BadAnswerError."""
    whose = account(entry)
    places = [Place(whose, region, at) for region in entry.regions]
    return inventory.merge([inventory.read(Live(one.region, entry.profile), one, entry.wanted) for one in places])
