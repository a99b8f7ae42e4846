"""Azure asked live: subscriptions, Azure Resource Graph and metrics, over HTTPS with the SDK's own clients."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from finops.resources import Resource
from jobs import inventory
from jobs.providers.answers import BadAnswerError
from jobs.providers.azure import clients, live, metrics
from jobs.providers.azure.items import KINDS, READERS, kind, resource
from jobs.providers.azure.measures import MEASURES, measured
from jobs.sources import SourceEntry

AT = datetime(2026, 9, 18, 6, tzinfo=UTC)
HOLDS = json.loads((Path(__file__).parent / "recorded" / "resources.json").read_text())
VM = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/"


def _entry(**more: Any) -> SourceEntry:  # noqa: ANN401
    return SourceEntry(name="azure", provider="azure", inventory="live", **more)


def _graph(azure: Any, *pages: list[dict[str, Any]], total: int | None = None) -> None:  # noqa: ANN401  of conftest
    count = sum(map(len, pages)) if total is None else total
    for number, rows in enumerate(pages, 1):
        last = number == len(pages)
        page = {"totalRecords": count, "count": len(rows), "resultTruncated": "false", "facets": [], "data": rows}
        azure.will("Microsoft.ResourceGraph", page if last else page | {"$skipToken": f"token-{number}"})


def _series(resource: str, name: str, *points: dict[str, Any]) -> dict[str, Any]:
    """Return one metric of a batch's answer."""
    metric = {
        "id": f"{resource}/providers/Microsoft.Insights/metrics/{name}",
        "name": {"value": name, "localizedValue": name},
        "timeseries": [{"metadatavalues": [], "data": list(points)}],
    }
    return {"starttime": "x", "endtime": "x", "interval": "PT1H", "resourceid": resource, "value": [metric]}


@pytest.fixture
def estate(azure: Any) -> Any:  # noqa: ANN401
    """One subscription that is in use, one that is disabled, and a day of metrics."""
    day = "2026-09-17T{:02}:00:00Z"
    hours = [{"timeStamp": day.format(hour), "average": 4.0 + hour, "maximum": 50.0} for hour in range(24)]
    sums = [
        _series(f"{VM}web", f"Network {way} Total", {"timeStamp": day.format(0), "total": 10.0})
        for way in ("In", "Out")
    ]
    cpu = [_series(f"{VM}web", "Percentage CPU", *hours), _series(f"{VM}idle", "Percentage CPU")]
    azure.will("metricnames=Percentage CPU", {"values": cpu})
    azure.will("metricnames=Network In Total", {"values": sums})
    azure.will("metrics:getBatch", {"values": []})
    _graph(azure, HOLDS[:8], HOLDS[8:])
    azure.will("Microsoft.Authorization/permissions", {"value": [{"actions": ["*/read"], "notActions": []}]})
    names = ("subscriptionId", "displayName", "state")
    known = [("s-1", "Shop", "Enabled"), ("s-2", "Old", "Disabled")]
    azure.will("/subscriptions?", {"value": [dict(zip(names, one, strict=True)) for one in known]})
    return azure


def _found(estate: Any) -> dict[str, Resource]:  # noqa: ANN401
    return {f"{one.resource_type} {one.name}": one for one in live.live(_entry(), at=AT).resources}


def test_everything_is_listed_by_one_query_of_several_pages(estate: Any) -> None:  # noqa: ANN401
    """Each thing once, under the subscription's name."""
    found = live.live(_entry(), at=AT)
    assert found.scopes == (("s-1", None),)
    assert len(found.resources) == len(HOLDS) - 2  # a server's own database, and a site that costs nothing of itself
    assert {one.metadata["subscription"] for one in found.resources} == {"Shop"}
    asked = [body for _, target, body in estate.asked if "ResourceGraph" in target]
    assert [body["options"].get("$skipToken") for body in asked] == [None, "token-1"]
    assert asked[0]["subscriptions"] == ["s-1"]
    assert asked[0]["query"].startswith("Resources | where type in~ ('Microsoft.Compute/virtualMachines', ")


def test_every_kind_has_its_size_state_and_use(estate: Any) -> None:  # noqa: ANN401
    """What recommendations are made of."""
    told = {name: (one.size, one.state, one.attached_to) for name, one in _found(estate).items()}
    group = "/subscriptions/s-1/resourceGroups/rg/providers"
    assert told == {
        "machine web": ("Standard_D2s_v5", "running", None),
        "machine idle": ("Standard_D4s_v5", "stopped", None),
        "machine_group pool": ("3 x Standard_D8s_v5", "running", None),
        "disk data": ("128 GiB Premium_LRS", "attached", f"{VM}web"),
        "disk left": ("64 GiB Standard_LRS", "unattached", None),
        "snapshot before-update": ("128 GiB Standard_ZRS", "available", None),
        "image golden": ("30 GiB", "available", None),
        "address free": ("IPv4", "unattached", None),
        "load_balancer front": ("Standard", "attached", None),
        "load_balancer forgotten": ("Standard", "unattached", None),
        "nat_gateway nat": ("Standard", "unattached", None),
        "database shop": ("GP_Gen5_2", "running", f"{group}/Microsoft.Sql/servers/db"),
        "database pg": ("Standard_D2ds_v5", "stopped", None),
        "database my": ("Standard_B1ms", "running", None),
        "bucket files": ("StorageV2 Standard_LRS", "available", None),
        "function job": ("Dynamic", "running", f"{group}/Microsoft.Web/serverfarms/plan"),
        "cache cache": ("Standard C1", "running", None),
        "cluster aks": ("3 x Standard_D4s_v5, 1 x Standard_NC4as_T4_v3", "running", None),
    }


def test_tags_and_times_are_kept(estate: Any) -> None:  # noqa: ANN401
    """When something was made is said in four ways, or not at all."""
    found = _found(estate)
    assert found["machine web"].tags == {"team": "search"}
    made = {name: f"{found[name].created_at:%Y-%m-%d}" for name in ("disk data", "bucket files", "database shop")}
    assert made == {"disk data": "2026-01-02", "bucket files": "2025-05-05", "database shop": "2026-03-01"}
    assert f"{found['database pg'].created_at:%Y-%m-%d}" == "2026-04-01"
    assert found["address free"].created_at == AT
    assert found["disk left"].metadata["state_since"] == "2026-08-01T00:00:00+00:00"
    assert found["snapshot before-update"].metadata["source"].endswith("/disks/gone")


def test_resources_are_measured_in_batches(estate: Any) -> None:  # noqa: ANN401
    """All of a type and region in one question for each measure, in that region."""
    used = {(row.resource_id, row.metric): row for row in live.live(_entry(), at=AT).utilization}
    assert set(used) == {(f"{VM}web", "cpu"), (f"{VM}web", "network")}
    cpu = used[f"{VM}web", "cpu"]
    assert (cpu.minimum, cpu.maximum, cpu.samples) == (0.04, 0.5, 24)
    assert used[f"{VM}web", "network"].mean == 20
    asked = [(urlsplit(target), body) for _, target, body in estate.asked if "Percentage CPU" in unquote(target)]
    (scale_sets, _), (machines, body) = sorted(asked, key=lambda one: len(one[1]["resourceids"]))
    assert machines.path == "/westeurope/subscriptions/s-1/metrics:getBatch"
    assert body == {"resourceids": [f"{VM}web", f"{VM}idle"]}
    query = parse_qs(machines.query)
    assert (query["starttime"], query["interval"], query["aggregation"]) == (
        ["2026-08-28T00:00:00.000Z"], ["PT1H"], ["average,maximum"],
    )  # fmt: skip
    assert parse_qs(scale_sets.query)["metricnamespace"] == ["microsoft.compute/virtualmachinescalesets"]


def test_what_is_used_is_told_in_our_words() -> None:
    """Percents become ratios, what is left becomes what is used, and counts stay."""
    points = {"timeStamp": "2026-09-17T00:00:00Z", "average": 40.0, "maximum": 60.0, "minimum": 30.0, "total": 7.0}
    server = VM.replace("Microsoft.Compute/virtualMachines/", "Microsoft.DBforPostgreSQL/flexibleServers/pg")
    store = VM.replace("Microsoft.Compute/virtualMachines/", "Microsoft.Storage/storageAccounts/files")
    names = {f"{VM}web": ("Available Memory Percentage", "Disk Read Bytes", "Disk Write Bytes"),
             server: ("cpu_percent", "memory_percent", "active_connections"), store: ("Transactions",)}  # fmt: skip
    answers = [_series(one, name, points) for one, told in names.items() for name in told]
    rows = measured(metric for answer in answers for metric in answer["value"])
    assert {(row.resource_id.rpartition("/")[2], row.metric): (row.mean, row.maximum) for row in rows} == {
        ("web", "memory"): (0.6, 0.7),
        ("web", "disk"): (14, 14),
        ("pg", "cpu"): (0.4, 0.6),
        ("pg", "memory"): (0.4, 0.6),
        ("pg", "connections"): (40, 60),
        ("files", "requests"): (7, 7),
    }


def test_a_metric_that_is_not_known_in_a_region_is_left_out(estate: Any) -> None:  # noqa: ANN401
    """Unless Azure knows it everywhere: then something else is wrong."""
    unknown = {"error": {"code": "BadRequest", "message": "Failed to find metric configuration."}}
    estate.instead("metricnames=Available Memory", unknown, status=400)
    found = live.live(_entry(), at=AT)
    assert found.utilization
    estate.instead("metricnames=Percentage CPU", unknown, status=400)
    with pytest.raises(BadAnswerError, match=r"Azure answered Microsoft\.Insights/metrics of microsoft.* with 400"):
        list(metrics.utilization(found.resources, AT))


def test_only_the_wanted_subscriptions_and_regions_are_asked(estate: Any) -> None:  # noqa: ANN401
    """And only of them something may be closed."""
    found = live.live(_entry(accounts=("s-2",), regions=("westeurope", "o'hara")), at=AT)
    assert found.scopes == (("s-2", "westeurope"), ("s-2", "o'hara"))
    (body, *_) = [body for _, target, body in estate.asked if "ResourceGraph" in target]
    assert body["subscriptions"] == ["s-2"]
    assert r"location in~ ('westeurope', 'o\'hara')" in body["query"]


def test_a_subscription_that_is_not_seen_is_told(estate: Any) -> None:  # noqa: ANN401
    """The others are kept; nothing of it would be listed, and everything in it would look gone."""
    found = live.live(_entry(accounts=("s-1", "s-3")), at=AT)
    assert len(found.resources) == len(HOLDS) - 2
    assert {account for account, *_ in found.asked or ()} == {"s-1"}
    assert found.failed == (
        "Azure does not show the subscription s-3 to this identity: give it the role Reader there.",
    )
    with pytest.raises(BadAnswerError, match="does not show the subscriptions s-3, s-4 to this identity"):
        live.live(_entry(accounts=("s-3", "s-4")), at=AT)


@pytest.mark.parametrize(
    ("pages", "total", "told"),
    [([HOLDS[:8]], 20, "told 8 of 20 resources"), ([HOLDS[:8], HOLDS[7:]], 20, "named .*/free twice")],
)
def test_half_a_list_is_none(azure: Any, pages: list[Any], total: int, told: str) -> None:  # noqa: ANN401
    """What is missing would look gone."""
    _graph(azure, *pages, total=total)
    with pytest.raises(BadAnswerError, match=f"Azure Resource Graph {told}"):
        list(live.graph(["s-1"]))


def test_an_answer_of_another_shape_is_told(azure: Any) -> None:  # noqa: ANN401
    """Rows that are no list, and a table in the place of objects."""
    for data in (None, {"columns": [], "rows": [[1]]}):
        azure.instead("Microsoft.ResourceGraph", {"totalRecords": 1, "count": 1, "data": data}, status=200)
        with pytest.raises(BadAnswerError, match="Azure Resource Graph answered in a shape that is not its own"):
            list(live.graph(["s-1"]))


def test_a_refusal_names_the_action(estate: Any) -> None:  # noqa: ANN401
    """Also where Azure itself does not."""
    estate.refuse("metricnames=Percentage CPU")
    told = r"Microsoft\.Insights/metrics of microsoft\.compute/.*add Microsoft\.Insights/metrics/read"
    with pytest.raises(clients.RefusedError, match=told):
        live.live(_entry(), at=AT)


def test_what_is_gone_is_closed_and_what_is_used_is_kept(estate: Any, database: Path) -> None:  # noqa: ANN401
    """Collecting it, as every hour."""
    kept = inventory.live(_entry(), at=AT)
    assert (kept.resources, kept.closed, kept.measurements) == (18, 0, 2)
    whole = {"totalRecords": 1, "count": 1, "resultTruncated": "false", "facets": [], "data": HOLDS[:1]}
    estate.instead("Microsoft.ResourceGraph", whole, status=200)
    later = inventory.live(_entry(), at=AT + timedelta(hours=1))
    assert (later.resources, later.closed) == (1, 17)


def _empty(estate: Any) -> None:  # noqa: ANN401
    none = {"totalRecords": 0, "count": 0, "resultTruncated": "false", "facets": [], "data": []}
    estate.instead("Microsoft.ResourceGraph", none, status=200)


def _later(**more: Any) -> dict[str, Any]:  # noqa: ANN401
    return inventory.live(_entry(**more), at=AT + timedelta(hours=1)).summary()


def test_what_azure_leaves_out_is_not_taken_for_gone(estate: Any, database: Path) -> None:  # noqa: ANN401
    """A type without its permission, and with it every kind that it is a part of; the run says so by name."""
    inventory.live(_entry(), at=AT)
    _empty(estate)
    hidden = ["Microsoft.DBforMySQL/*", "Microsoft.Compute/disks/read"]
    role = {"value": [{"actions": ["*/read"], "notActions": hidden}]}
    estate.instead("Microsoft.Authorization/permissions", role, status=200)
    told = _later()
    assert (told["closed"], told["status"]) == (18 - 3 - 2, "failed")  # three databases, two disks
    assert told["reason"].startswith("Azure leaves 2 types of resources in Shop (s-1) out of its lists: add ")
    assert "Microsoft.Compute/disks/read, Microsoft.DBforMySQL/flexibleServers/read to a role there." in told["reason"]


def test_what_nobody_wants_needs_no_permission(estate: Any, database: Path) -> None:  # noqa: ANN401
    """Services that are not asked for are neither closed nor told of."""
    inventory.live(_entry(), at=AT)
    _empty(estate)
    role = {"value": [{"actions": ["Microsoft.Cache/redis/read"], "notActions": []}]}
    estate.instead("Microsoft.Authorization/permissions", role, status=200)
    told = _later(services=("redis",))
    assert (told["closed"], "status" in told) == (1, False)


def test_where_azure_does_not_tell_what_may_be_read_nothing_is_closed(estate: Any, database: Path) -> None:  # noqa: ANN401
    """What is listed is kept all the same."""
    inventory.live(_entry(), at=AT)
    _empty(estate)
    estate.refuse("Microsoft.Authorization/permissions")
    told = _later()
    assert (told["closed"], told["status"]) == (0, "failed")
    assert "add Microsoft.Authorization/permissions/read to a role of it" in told["reason"]
    assert "nobody knows whether Shop (s-1) is shown in full." in told["reason"]


def test_every_type_is_of_the_kind_that_it_is_asked_as() -> None:
    """Or the wrong things would be kept from being closed."""
    kinds = {name.lower(): what for name, what in KINDS.items()}
    read = {kind(item): one.resource_type for item in HOLDS if (one := resource(item, AT))}
    assert read == kinds
    assert list(KINDS) == list(READERS)
    assert set(KINDS.values()) == _entry().wanted


def test_every_kind_that_is_asked_for_was_recorded() -> None:
    """So that no reader goes untried."""
    assert {kind(item) for item in HOLDS} == {name.lower() for name in READERS}


def test_everything_that_is_measured_is_listed() -> None:
    """A type that nobody lists would never be asked about."""
    assert set(MEASURES) <= {name.lower() for name in READERS}
