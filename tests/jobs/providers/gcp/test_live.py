"""Google Cloud asked live, over gRPC on the loopback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud import asset_v1, monitoring_v3, resourcemanager_v3
from google.rpc import code_pb2, error_details_pb2

from finops.resources import Resource
from jobs.providers.answers import BadAnswerError
from jobs.providers.gcp import clients, items, live, metrics
from jobs.sources import SourceEntry

AT = datetime(2026, 9, 18, 6, tzinfo=UTC)
MADE = "2026-01-02T03:04:05.000-07:00"
ZONE, REGION = "https://www.googleapis.com/compute/v1/projects/web/zones/us-west1-a", "https://x/regions/us-west1"
COMPUTE = "//compute.googleapis.com/projects/web/zones/us-west1-a"
MACHINE = {
    "id": "11",
    "name": "one",
    "creationTimestamp": MADE,
    "zone": ZONE,
    "status": "RUNNING",
    "machineType": f"{ZONE}/machineTypes/n2-standard-4",
    "labels": {"team": "search"},
}
DISK = {"id": "12", "name": "d", "creationTimestamp": MADE, "sizeGb": "10", "type": f"{ZONE}/diskTypes/pd-ssd"}


def _made(number: int, name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return {"id": str(number), "name": name, "creationTimestamp": MADE, **more}


THINGS: list[tuple[str, str, dict[str, Any]]] = [
    ("compute.googleapis.com/Instance", f"{COMPUTE}/instances/one", MACHINE),
    ("compute.googleapis.com/InstanceGroupManager", f"{COMPUTE}/instanceGroupManagers/g",
     _made(20, "g", zone=ZONE, targetSize=3, instanceTemplate="global/instanceTemplates/t-1")),
    ("compute.googleapis.com/Disk", f"{COMPUTE}/disks/d", {**DISK, "zone": ZONE, "users": [f"{ZONE}/instances/one"]}),
    ("compute.googleapis.com/RegionDisk", "//compute/regions/d", {**DISK, "id": "13", "region": REGION}),
    ("compute.googleapis.com/Snapshot", "//compute/s",
     _made(14, "s", diskSizeGb="10", sourceDisk=f"{ZONE}/disks/d", storageBytes="5000")),
    ("compute.googleapis.com/Image", "//compute/i", _made(15, "i", diskSizeGb="10", archiveSizeBytes="4000")),
    ("compute.googleapis.com/Address", "//compute/a",
     _made(16, "a", region=REGION, status="RESERVED", address="192.0.2.1", addressType="EXTERNAL")),
    ("compute.googleapis.com/ForwardingRule", "//compute/f",
     _made(17, "f", region=REGION, target=f"{REGION}/targetPools/pool", IPAddress="192.0.2.2")),
    ("compute.googleapis.com/GlobalForwardingRule", "//compute/gf", _made(18, "gf", loadBalancingScheme="EXTERNAL")),
    ("compute.googleapis.com/Router", "//compute/r",
     _made(19, "r", region=REGION, network="x/networks/default", nats=[{"name": "nat"}])),
    ("sqladmin.googleapis.com/Instance", "//cloudsql.googleapis.com/projects/web/instances/db",
     {"name": "db", "region": "us-west1", "state": "RUNNABLE", "createTime": MADE, "databaseVersion": "POSTGRES_16",
      "settings": {"tier": "db-custom-2-7680", "activationPolicy": "ALWAYS", "userLabels": {"team": "shop"}}}),
    ("storage.googleapis.com/Bucket", "//storage.googleapis.com/b",
     {"name": "b", "location": "US", "storageClass": "STANDARD", "timeCreated": MADE}),
    ("cloudfunctions.googleapis.com/CloudFunction", "//cloudfunctions.googleapis.com/functions/h",
     {"location": "us-west1", "name": "projects/web/h", "status": "ACTIVE", "availableMemoryMb": 256}),
    ("run.googleapis.com/Service", "//run.googleapis.com/projects/web/locations/us-west1/services/api",
     {"metadata": {"name": "api", "creationTimestamp": MADE, "labels": {"team": "api"}}, "spec": {"template": {"spec": {
         "containers": [{"resources": {"limits": {"cpu": "1000m", "memory": "512Mi"}}}]}}}}),
    ("redis.googleapis.com/Instance", "//redis.googleapis.com/projects/web/locations/us-west1/instances/c",
     {"name": "projects/web/locations/us-west1/instances/c", "locationId": "us-west1-b", "tier": "BASIC",
      "memorySizeGb": 4, "state": "READY", "createTime": MADE}),
    ("container.googleapis.com/Cluster", "//container.googleapis.com/projects/web/locations/us-west1/clusters/k",
     {"name": "k", "location": "us-west1", "status": "RUNNING", "currentNodeCount": 3, "createTime": MADE,
      "nodePools": [{"config": {"machineType": "e2-medium"}}], "resourceLabels": {"team": "platform"}}),
]  # fmt: skip


def _entry(**more: Any) -> SourceEntry:  # noqa: ANN401
    return SourceEntry(name="gcp", provider="gcp", inventory="live", **more)


def _asset(kind: str, name: str, data: dict[str, Any]) -> asset_v1.Asset:
    return asset_v1.Asset(name=name, asset_type=kind, resource={"data": data})


def _series(kind: str, machine: str, values: list[float], **labels: str) -> monitoring_v3.TimeSeries:
    """Return hours of the day before, newest first, as Google lists them; a gauge's points have no length."""
    end = AT.replace(hour=0)
    points = []
    for number, value in enumerate(values):
        moment, is_sum = end - timedelta(hours=number), isinstance(value, int)
        start = moment - timedelta(days=1) if is_sum else moment
        told = {"int64_value": value} if is_sum else {"double_value": value}
        points.append(monitoring_v3.Point(interval={"start_time": start, "end_time": moment}, value=told))
    resource = {"type": "gce_instance", "labels": {"instance_id": machine, "project_id": "web"}}
    return monitoring_v3.TimeSeries(metric={"type": kind, "labels": labels}, resource=resource, points=points)


def _measured(request: monitoring_v3.ListTimeSeriesRequest) -> monitoring_v3.ListTimeSeriesResponse:
    """Answer what was asked for, in two pages."""
    aligner, first = request.aggregation.per_series_aligner.name, not request.page_token
    answers = {
        (metrics.CPU, "ALIGN_MEAN"): ([0.02, 0.04], [0.06]),
        (metrics.CPU, "ALIGN_MAX"): ([0.5, 0.1], [0.1]),
        (metrics.MEMORY, "ALIGN_MEAN"): ([40.0], [20.0]),
        (metrics.MEMORY, "ALIGN_MAX"): ([50.0], [50.0]),
        **{(kind, "ALIGN_SUM"): ([100], [11]) for kind in (*metrics.NETWORK, *metrics.DISK)},
    }
    kind = next((one for one, _ in answers if f'"{one}"' in request.filter), None)
    if kind is None:
        return _of_others(request)
    values = answers[kind, aligner][0 if first else 1]
    series = _series(kind, "11", values, device_name="a" if first else "b")
    if not first and kind in {metrics.CPU, metrics.MEMORY}:  # the second page goes on where the first one ended
        for point in series.points:
            point.interval.start_time -= timedelta(hours=2)
            point.interval.end_time -= timedelta(hours=2)
    return monitoring_v3.ListTimeSeriesResponse(time_series=[series], next_page_token="2" if first else "")


def _of_others(request: monitoring_v3.ListTimeSeriesRequest) -> monitoring_v3.ListTimeSeriesResponse:
    """Answer for the database and for the service of Cloud Run, told in two series; nothing for all others."""
    others = {
        f"{metrics.DATABASE}/network/connections": ("database_id", "web:db", [[7.0, 9.0]]),
        "run.googleapis.com/request_count": ("service_name", "api", [[30], [4]]),
    }
    kind = next((one for one in others if f'"{one}"' in request.filter), None)
    if kind is None:
        return monitoring_v3.ListTimeSeriesResponse()
    label, called, values = others[kind]
    assert f'resource.labels.{label} = one_of("{called}")' in request.filter
    series = [_series(kind, "", each) for each in values]
    for one in series:
        one.resource = {"type": "other", "labels": {label: called}}
    return monitoring_v3.ListTimeSeriesResponse(time_series=series)


@pytest.fixture
def web(cloud: Any) -> Any:  # noqa: ANN401
    """One project, everything in it on two pages, and its metrics."""
    active = resourcemanager_v3.Project.State.ACTIVE
    project = resourcemanager_v3.Project(name="projects/123", project_id="web", display_name="Web", state=active)
    gone = resourcemanager_v3.Project(name="projects/9", project_id="gone", state="DELETE_REQUESTED")
    cloud.pages("SearchProjects", resourcemanager_v3.SearchProjectsResponse(projects=[gone, project]))
    cloud.answers["GetProject"] = lambda _: project
    assets = [_asset(*one) for one in THINGS]
    cloud.pages(
        "ListAssets", asset_v1.ListAssetsResponse(assets=assets[:5]), asset_v1.ListAssetsResponse(assets=assets[5:])
    )
    cloud.answers["ListTimeSeries"] = _measured
    return cloud


def _by_type(found: tuple[Resource, ...]) -> dict[str, list[Resource]]:
    kinds: dict[str, list[Resource]] = {}
    for one in found:
        kinds.setdefault(one.resource_type, []).append(one)
    return kinds


def test_everything_of_a_project_is_listed_once(web: Any) -> None:  # noqa: ANN401
    """Of each kind: where it is, how large, in which state, and what holds it."""
    found = live.live(_entry(), at=AT)
    kinds = _by_type(found.resources)
    assert found.scopes == (("web", None),)
    assert {kind: [one.size for one in each] for kind, each in kinds.items()} == {
        "machine": ["n2-standard-4"],
        "machine_group": ["3 x t-1"],
        "disk": ["10 GiB pd-ssd", "10 GiB pd-ssd"],
        "snapshot": ["10 GiB"],
        "image": ["10 GiB"],
        "address": ["IPv4"],
        "load_balancer": ["EXTERNAL", "EXTERNAL"],
        "nat_gateway": ["1 x NAT"],
        "database": ["db-custom-2-7680"],
        "bucket": ["STANDARD"],
        "function": ["256 MB", "cpu 1000m memory 512Mi"],
        "cache": ["BASIC 4 GiB"],
        "cluster": ["3 x e2-medium"],
    }
    assert [(one.state, one.attached_to) for one in kinds["disk"]] == [("attached", "one"), ("unattached", None)]
    assert [(one.state, one.region) for one in kinds["load_balancer"]] == [
        ("attached", "us-west1"),
        ("unattached", "global"),
    ]
    assert {one.region for one in (*kinds["cache"], *kinds["cluster"], *kinds["function"])} == {"us-west1"}
    assert kinds["database"][0].tags == {"team": "shop"}
    assert kinds["function"][0].created_at == AT  # first generation functions do not say


def test_live_answers_are_known_by_the_bills_names(web: Any) -> None:  # noqa: ANN401
    """By project number and resource number, and with the project's name."""
    machine = live.live(_entry(accounts=("web",)), at=AT).resources[0]
    assert machine.resource_id == "//compute.googleapis.com/projects/123/zones/us-west1-a/instances/11"
    assert (machine.sub_account_id, machine.tags) == ("web", {"team": "search"})
    assert machine.metadata == {"project": "Web", "zone": "us-west1-a"}
    assert web.asked[0][1].name == "projects/web"


def test_only_the_entrys_regions_are_kept(web: Any) -> None:  # noqa: ANN401
    """And what is not asked about is not taken for gone."""
    found = live.live(_entry(regions=("us-west1",)), at=AT)
    assert found.scopes == (("web", "us-west1"),)
    assert {one.region for one in found.resources} == {"us-west1"}


def test_metrics_are_whole_days_of_every_series_and_page(web: Any) -> None:  # noqa: ANN401
    """Bytes of all devices are added up; memory comes in percent and is kept as a ratio."""
    rows = {row.metric: row for row in live.live(_entry(), at=AT).utilization if row.resource_id.endswith("/11")}
    assert {row.day.isoformat() for row in rows.values()} == {"2026-09-17"}
    assert (rows["cpu"].minimum, rows["cpu"].maximum, rows["cpu"].samples) == (0.02, 0.5, 3)
    assert (rows["memory"].mean, rows["memory"].maximum) == (pytest.approx(0.3), 0.5)
    assert (rows["network"].mean, rows["disk"].mean) == (222, 222)
    asked = [request for name, request in web.asked if name == "ListTimeSeries"]
    assert {request.interval.end_time for request in asked} == {AT.replace(hour=0)}
    assert {request.aggregation.alignment_period for request in asked} == {live.HOUR, live.DAY}


def test_databases_and_services_are_measured_too(web: Any) -> None:  # noqa: ANN401
    """By what Monitoring calls them; the series of one service are added up."""
    rows = {row.metric: row for row in live.live(_entry(), at=AT).utilization if not row.resource_id.endswith("/11")}
    connections, requests = rows["connections"], rows["requests"]
    assert connections.resource_id == "//cloudsql.googleapis.com/projects/web/instances/db"
    assert (connections.mean, connections.maximum) == (8, 9)
    assert requests.resource_id == "//run.googleapis.com/projects/web/locations/us-west1/services/api"
    assert requests.mean == 34


def test_a_page_that_is_refused_once_is_asked_again_after_the_time_told(web: Any, waited: list[float]) -> None:  # noqa: ANN401
    """And nothing is skipped or doubled by that."""
    web.errors["ListAssets"].append(None)
    delay = error_details_pb2.RetryInfo(retry_delay={"seconds": 13})
    web.once("ListAssets", code_pb2.RESOURCE_EXHAUSTED, "Quota exceeded", delay)
    found = live.live(_entry(), at=AT)
    assert 13.0 in waited
    assert len(found.resources) == len({one.resource_id for one in found.resources}) == len(THINGS)
    assert [request.page_token for name, request in web.asked if name == "ListAssets"] == ["", "1", "1"]


def test_a_page_that_fails_fails_the_inventory(web: Any) -> None:  # noqa: ANN401
    """Else what it would have listed would look gone."""
    web.errors["ListAssets"].append(None)
    web.once("ListAssets", code_pb2.INVALID_ARGUMENT, "the page token expired")
    with pytest.raises(BadAnswerError, match=r"did not answer the assets of web \(the page token expired\)"):
        live.live(_entry(), at=AT)


def test_an_asset_that_comes_twice_is_told(web: Any) -> None:  # noqa: ANN401
    """Pages that overlap may also leave something out."""
    page = asset_v1.ListAssetsResponse(assets=[_asset(*THINGS[0])])
    web.pages("ListAssets", page, asset_v1.ListAssetsResponse(assets=[_asset(*THINGS[0])]))
    with pytest.raises(BadAnswerError, match="instances/one twice"):
        live.live(_entry(), at=AT)


def test_a_missing_permission_and_a_switched_off_interface_are_told_by_name(web: Any) -> None:  # noqa: ANN401
    """As Google says it in the error's details."""
    web.refuse("ListAssets", "cloudasset.assets.listResource")
    with pytest.raises(clients.RefusedError, match=r"grant cloudasset\.assets\.listResource"):
        live.live(_entry(), at=AT)
    off = error_details_pb2.ErrorInfo(reason="SERVICE_DISABLED", metadata={"service": "monitoring.googleapis.com"})
    web.once("ListTimeSeries", code_pb2.PERMISSION_DENIED, "Cloud Monitoring API has not been used", off)
    with pytest.raises(clients.RefusedError, match=r"gcloud services enable monitoring\.googleapis\.com"):
        live.live(_entry(), at=AT)


def test_an_asset_in_another_shape_is_told(web: Any) -> None:  # noqa: ANN401
    """With its name and what was missing."""
    web.pages("ListAssets", asset_v1.ListAssetsResponse(assets=[_asset("storage.googleapis.com/Bucket", "//b", {})]))
    with pytest.raises(BadAnswerError, match=r"Google's storage.googleapis.com/Bucket //b answered without"):
        live.live(_entry(), at=AT)


def test_no_project_at_all_is_told(web: Any) -> None:  # noqa: ANN401
    """An empty list would close everything that is known."""
    web.pages("SearchProjects", resourcemanager_v3.SearchProjectsResponse())
    with pytest.raises(BadAnswerError, match="shows no project to this identity"):
        live.live(_entry(), at=AT)


def test_every_kind_that_is_asked_for_is_tried_here() -> None:
    """But those that are read as another is."""
    alike = {"cloudfunctions.googleapis.com/Function", "memcache.googleapis.com/Instance"}
    assert {kind for kind, _, _ in THINGS} == set(items.READERS) - alike
