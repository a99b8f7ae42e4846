"""What Compute Engine and Cloud Monitoring answer, as resources and their utilization.

Recorded answers lie in a folder PROJECT, named by the method: instances.aggregatedList, disks.aggregatedList,
addresses.aggregatedList, projects.get (the bill names projects by number), and timeSeries.list.ALIGNER for each way of
aligning: ALIGN_MEAN and ALIGN_MAX of `instance/cpu/utilization` by the hour, ALIGN_SUM of
`instance/network/{received,sent}_bytes_count` by the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from finops.resources import DailyUtilization, Resource
from jobs.providers.answers import Answers, Inventory, Recorded, cpu, folders, instant, network, reading

PROVIDER = "gcp"
LISTS = ("instances.aggregatedList", "disks.aggregatedList", "addresses.aggregatedList", "projects.get")
STATES = {"RUNNING": "running", "TERMINATED": "stopped", "STOPPED": "stopped", "SUSPENDED": "stopped"}
CPU = "compute.googleapis.com/instance/cpu/utilization"
NETWORK = tuple(f"compute.googleapis.com/instance/network/{way}_bytes_count" for way in ("received", "sent"))

Points = dict[datetime, float]


def recorded(root: Path, *, at: datetime) -> Inventory:
    """Read a folder of recorded answers. Raises BadAnswerError."""
    del at  # Google says of everything when it was made
    resources: list[Resource] = []
    utilization: list[DailyUtilization] = []
    scopes = [name for (name,) in folders(root, 1)]
    for project in scopes:
        answers = Recorded(root / project)
        for operation in LISTS:
            answers.required(operation)
        number = _number(answers)
        machines = [*_machines(answers, project, number)]
        resources += [*machines, *_disks(answers, project, number), *_addresses(answers, project, number)]
        names = {one.resource_id.rsplit("/", 1)[-1]: one.resource_id for one in machines}
        utilization += _utilization(answers, names)
    return Inventory(PROVIDER, tuple((name, None) for name in scopes), tuple(resources), tuple(utilization))


def _number(answers: Answers) -> str:
    with reading("Google's projects.get"):
        page = next(iter(answers.pages("projects.get")))
        return str(page.get("projectNumber") or page["name"].removeprefix("projects/"))


def _last(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def _items(answers: Answers, kind: str) -> Iterator[dict[str, Any]]:
    for page in answers.pages(f"{kind}.aggregatedList"):
        for scope in page["items"].values():
            yield from scope.get(kind, ())  # a scope without any carries a warning instead


def _resource(item: dict[str, Any], path: str, **more: Any) -> Resource:  # noqa: ANN401
    return Resource(
        provider=PROVIDER,
        # As the detailed billing export names it.
        resource_id=f"//compute.googleapis.com/projects/{path}/{item['id']}",
        name=item["name"],
        created_at=instant(item["creationTimestamp"]),
        tags=dict(item.get("labels") or {}),
        **more,
    )


def _zonal(item: dict[str, Any]) -> tuple[str, str]:
    zone = _last(item["zone"])
    return zone, zone.rsplit("-", 1)[0]


def _machines(answers: Answers, project: str, number: str) -> Iterator[Resource]:
    with reading("Google's instances.aggregatedList"):
        for item in _items(answers, "instances"):
            zone, region = _zonal(item)
            yield _resource(
                item,
                f"{number}/zones/{zone}/instances",
                sub_account_id=project,
                resource_type="machine",
                region=region,
                state=STATES.get(item["status"], item["status"].lower()),
                size=_last(item["machineType"]),
                metadata={"zone": zone},
            )


def _disks(answers: Answers, project: str, number: str) -> Iterator[Resource]:
    with reading("Google's disks.aggregatedList"):
        for item in _items(answers, "disks"):
            if "zone" not in item:
                continue  # a regional disk, which these rules do not know yet
            zone, region = _zonal(item)
            users, kind = item.get("users") or (), _last(item["type"])
            never = None if item.get("lastAttachTimestamp") else item["creationTimestamp"]
            since = item.get("lastDetachTimestamp") or never
            said = {"state_since": instant(since).isoformat()} if since and not users else {}
            yield _resource(
                item,
                f"{number}/zones/{zone}/disks",
                sub_account_id=project,
                resource_type="disk",
                region=region,
                state="attached" if users else "unattached",
                size=f"{item['sizeGb']} GiB {kind}",
                attached_to=_last(users[0]) if users else None,
                metadata={"zone": zone, "kind": kind, **said},
            )


def _addresses(answers: Answers, project: str, number: str) -> Iterator[Resource]:
    with reading("Google's addresses.aggregatedList"):
        for item in _items(answers, "addresses"):
            if "region" not in item or item.get("addressType") == "INTERNAL":
                continue  # a global one is a load balancer's; an internal one costs nothing
            region, users = _last(item["region"]), item.get("users") or ()
            yield _resource(
                item,
                f"{number}/regions/{region}/addresses",
                sub_account_id=project,
                resource_type="address",
                region=region,
                state="unattached" if item["status"] == "RESERVED" and not users else "attached",
                size="IPv4",
                attached_to=_last(users[0]) if users else None,
                metadata={"address": item.get("address")},
            )


def _utilization(answers: Answers, names: dict[str, str]) -> Iterator[DailyUtilization]:
    series: dict[tuple[str, str, str], Points] = defaultdict(dict)
    for aligner in ("ALIGN_MEAN", "ALIGN_MAX", "ALIGN_SUM"):
        with reading(f"Google's timeSeries.list ({aligner})"):
            for page in answers.pages(f"timeSeries.list.{aligner}"):
                for one in page.get("timeSeries", ()):
                    points = series[one["resource"]["labels"]["instance_id"], one["metric"]["type"], aligner]
                    points.update(_points(one))
    for machine in sorted({name for name, _, _ in series if name in names}):
        kinds = [series.get((machine, CPU, aligner), {}) for aligner in ("ALIGN_MEAN", "ALIGN_MAX")]
        yield from cpu(names[machine], *kinds)
        yield from network(names[machine], [series.get((machine, kind, "ALIGN_SUM"), {}) for kind in NETWORK])


def _points(series: dict[str, Any]) -> Iterator[tuple[datetime, float]]:
    for point in series["points"]:
        value = point["value"]
        number = value["doubleValue"] if "doubleValue" in value else value["int64Value"]
        yield instant(point["interval"]["startTime"]), float(number)
