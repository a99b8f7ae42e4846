"""What this machine's credentials may read of AWS, tried with the very calls that collecting makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from finops.errors import CostsError
from finops.periods import Period
from jobs.doctor import Check
from jobs.providers.answers import BadAnswerError
from jobs.providers.aws import clusters, explorer, exports, inventory, lists, live, metrics, organizations
from jobs.providers.aws.clients import RefusedError, asking, client
from jobs.sources import SourceEntry

PROVIDER = "aws"
NOUNS = {
    "DescribeInstances": "machines",
    "DescribeVolumes": "disks",
    "DescribeAddresses": "addresses",
    "DescribeSnapshots": "snapshots",
    "DescribeImages": "images",
    "DescribeNatGateways": "NAT gateways",
    "DescribeLoadBalancers": "load balancers",
    "DescribeDBInstances": "databases",
    "ListBuckets": "buckets",
    "ListFunctions": "functions",
    "DescribeCacheClusters": "caches",
    "ListClusters": "clusters",
    "DescribeAutoScalingGroups": "groups of machines",
}
"""Every operation that lists a kind of resource, and what it brings."""
BESIDE = {
    "GetResources": (
        "list tags",
        "load balancers, buckets, functions and caches, which are not kept without their tags,",
    ),
    "GetMetricData": ("read measurements", "how much anything is used"),
    "ListMetrics": ("list what agents measure", "memory and file systems of machines"),
}
"""What else an inventory asks: what for, and what is lost without it."""


def checks(entries: Sequence[SourceEntry]) -> Iterator[Check]:
    """Try what each entry needs; what AWS refuses is reported, never raised."""
    for entry in entries:
        kinds = {"s3": _exports, "cost-explorer": _explorer}
        try:
            yield from kinds[entry.scheme](entry) if entry.scheme in kinds else _live(entry)
        except CostsError as error:  # the address is wrong, or there are no credentials at all
            yield Check(PROVIDER, f"read {entry.name}", well=False, lost="all of it", advice=str(error))


def _exports(entry: SourceEntry) -> Iterator[Check]:
    bucket, prefix = exports.address(entry)
    s3, lost = client("s3", profile=entry.profile), f"the bills of {entry.name}"
    found: list[str] = []

    def look() -> None:
        found.extend(thing.key for each in exports.deliveries(s3, bucket, prefix) for thing in each.things[:1])

    yield _tried(f"list the exports in s3://{bucket}/{prefix}", lost, look)
    for key in found[-1:]:
        yield _tried("read them", lost, partial(_first_byte, s3, bucket, key))
    yield _names(entry)


def _names(entry: SourceEntry) -> Check:
    lost = f"names of accounts, and nothing else. {organizations.INSTEAD} {organizations.WHO}"
    return _tried(f"name the accounts of {entry.name}", lost, lambda: next(organizations.listed(entry), None))


def _first_byte(s3: Any, bucket: str, key: str) -> None:  # noqa: ANN401  boto3 is published without types
    with asking(f"s3://{bucket}/{key}", needs=exports.GET):
        s3.get_object(Bucket=bucket, Key=key, Range="bytes=0-0")["Body"].read()


def _explorer(entry: SourceEntry) -> Iterator[Check]:
    ce = client("ce", profile=entry.profile)
    yesterday = Period.last_days(1, datetime.now(UTC).date())
    ask = partial(explorer.sums, ce, yesterday, by=("SERVICE",))
    yield _tried("ask Cost Explorer (USD 0.01 a page)", f"the costs of {entry.name}", lambda: next(ask(), None))
    yield _names(entry)


def _live(entry: SourceEntry) -> Iterator[Check]:
    who: list[str] = []
    yield _tried("know who these credentials are", "everything", lambda: who.append(live.account(entry)))
    for region in entry.regions if who else ():
        answers = live.Live(region, entry.profile)
        for operation, what, lost in _asked(entry, region):
            look = partial(_glance, answers, operation, _request(operation, region, who[0]))
            yield _tried(what, lost, partial(_clusters, answers) if operation == "ListClusters" else look)


def _asked(entry: SourceEntry, region: str) -> Iterator[tuple[str, str, str]]:
    """Return every operation that the entry needs, what it is for, and what is lost without it."""
    for kind, operation in inventory.OPERATIONS.items():
        if kind in entry.wanted:
            noun = NOUNS[operation]
            yield (
                operation,
                f"list {noun} in {region}",
                f"{noun} in {region}; those that are known are left as they were",
            )
    for operation, (what, lost) in BESIDE.items():
        if operation != "GetResources" or entry.wanted & lists.TAGGED:
            yield operation, f"{what} in {region}", f"{lost} in {region}"


def _clusters(answers: live.Live) -> None:
    """List clusters, and describe the first if there is one."""
    page = next(answers.pages("ListClusters"), {})
    for name in page.get("clusters", ())[:1]:
        clusters.told(answers, name)


def _glance(answers: live.Live, operation: str, request: dict[str, Any]) -> None:
    next(answers.pages(operation, **request), None)


def _request(operation: str, region: str, account: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    if operation == "ListMetrics":
        return {"Namespace": metrics.AGENT}
    if operation == "GetMetricData":
        metric = {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization"}
        query = {"Id": "m0", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Average"}}
        return {"MetricDataQueries": [query], "StartTime": now - timedelta(hours=1), "EndTime": now}
    listed = next((one for one in lists.LISTS if one.operation == operation), None)
    return lists.request(listed, lists.Place(account, region, now)) if listed else {}


def _tried(what: str, lost: str, call: Callable[[], object]) -> Check:
    try:
        call()
    except RefusedError as error:
        advice = f"Allow {error.needs} to this role: jobs/providers/aws/policy.json holds all that is needed."
        return Check(PROVIDER, what, well=False, missing=error.needs, lost=lost, advice=advice)
    except BadAnswerError as error:
        return Check(PROVIDER, what, well=False, lost=lost, advice=str(error))
    return Check(PROVIDER, what, well=True)
