"""What EKS says of a cluster beside its name: state, version, tags, and the groups of machines that it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jobs.providers.answers import Answers, BadAnswerError

OPERATIONS = ("DescribeCluster", "ListNodegroups", "DescribeNodegroup")
Item = dict[str, Any]


def told(answers: Answers, name: Any) -> Item:  # noqa: ANN401  the list has names only
    """Return a cluster with its `groups`. Raises BadAnswerError.

    Machines that a cluster's owner brings without a group, or that it rents by the pod, are in no group.
    """
    cluster = next(_described(answers, "DescribeCluster", "cluster", name=str(name)), None)
    if cluster is None:
        message = f"AWS listed the cluster {name} and does not describe it: ask again."
        raise BadAnswerError(message)
    return cluster | {"groups": [_group(one) for one in _groups(answers, str(name))]}


def _groups(answers: Answers, cluster: str) -> Iterator[Item]:
    for page in answers.pages("ListNodegroups", clusterName=cluster):
        for name in page["nodegroups"]:
            yield from _described(answers, "DescribeNodegroup", "nodegroup", clusterName=cluster, nodegroupName=name)


def _described(answers: Answers, operation: str, what: str, **asked: str) -> Iterator[Item]:
    """Return the one that was asked about: recorded answers hold them all."""
    for page in answers.pages(operation, **asked):
        item = page[what]
        keys = {"name": item.get("name"), "clusterName": item.get("clusterName")}
        keys["nodegroupName"] = item.get("nodegroupName")
        if all(keys[key] == value for key, value in asked.items()):
            yield item


def _group(item: Item) -> Item:
    types = item.get("instanceTypes") or ["?"]
    return {
        "name": item["nodegroupName"],
        "count": item["scalingConfig"]["desiredSize"],
        "size": "/".join(types),
        "spot": item.get("capacityType") == "SPOT",
        "state": item["status"].lower(),
    }
