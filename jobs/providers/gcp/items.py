"""What Google's interfaces say of one thing, as a resource. Cloud Asset Inventory says it in the same shape.

Compute Engine's things are known by project number and resource number, as the detailed billing export names them; all
others by the name that Cloud Asset Inventory gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finops.resources import Resource
from jobs.providers.answers import instant

PROVIDER = "gcp"
STATES = {
    "RUNNING": "running",
    "RUNNABLE": "running",
    "READY": "running",
    "ACTIVE": "running",
    "TERMINATED": "stopped",
    "STOPPED": "stopped",
    "SUSPENDED": "stopped",
}
ZONE_PARTS = 3
"""us-central1-a: a region has one part less."""

COMPUTE = {
    "instances": "machine",
    "instanceGroupManagers": "machine_group",
    "disks": "disk",
    "snapshots": "snapshot",
    "images": "image",
    "addresses": "address",
    "forwardingRules": "load_balancer",
    "routers": "nat_gateway",
}
"""What we call the things of Compute Engine."""

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing was found."""

    project: str
    number: str
    at: datetime
    name: str = ""
    """Its full name, where its interface has no number for it."""


Reader = Callable[[Item, Place], Resource | None]


def last(url: str) -> str:
    """Return what a name ends with."""
    return url.rsplit("/", 1)[-1]


def _region(item: Item) -> tuple[str, str, dict[str, str]]:
    """Return where a thing of Compute Engine is: in its name, its region, and what else is to be said of that."""
    if "zone" in item:
        zone = last(item["zone"])
        return f"zones/{zone}", zone.rsplit("-", 1)[0], {"zone": zone}
    region = last(item["region"]) if "region" in item else "global"
    return ("global" if region == "global" else f"regions/{region}"), region, {}


def _compute(item: Item, place: Place, what: str, state: str, size: str, **more: Any) -> Resource:  # noqa: ANN401
    path, region, said = _region(item)
    attached = more.pop("attached_to", None)
    metadata = said | {name: value for name, value in more.items() if value}
    return Resource(
        provider=PROVIDER,
        resource_id=f"//compute.googleapis.com/projects/{place.number}/{path}/{what}/{item['id']}",
        resource_type=COMPUTE[what],
        name=item["name"],
        region=region,
        sub_account_id=place.project,
        state=state,
        size=size,
        created_at=instant(item["creationTimestamp"]),
        attached_to=attached,
        tags=dict(item.get("labels") or {}),
        metadata=metadata,
    )


def _machine(item: Item, place: Place) -> Resource:
    return _compute(item, place, "instances", _state(item["status"]), last(item["machineType"]))


def _group(item: Item, place: Place) -> Resource:
    count, template = int(item["targetSize"]), item.get("instanceTemplate")
    size, state = f"{count} x {last(template) if template else '?'}", "running" if count else "stopped"
    return _compute(item, place, "instanceGroupManagers", state, size)


def _disk(item: Item, place: Place) -> Resource:
    users, kind = item.get("users") or (), last(item["type"])
    never = None if item.get("lastAttachTimestamp") else item["creationTimestamp"]
    since = item.get("lastDetachTimestamp") or never
    more = {"kind": kind, "state_since": instant(since).isoformat() if since and not users else None}
    more["attached_to"] = last(users[0]) if users else None
    return _compute(item, place, "disks", _used(users), f"{item['sizeGb']} GiB {kind}", **more)


def _snapshot(item: Item, place: Place) -> Resource:
    source = last(item["sourceDisk"]) if item.get("sourceDisk") else None
    size = f"{item['diskSizeGb']} GiB"
    return _compute(item, place, "snapshots", "available", size, source=source, stored=item.get("storageBytes"))


def _image(item: Item, place: Place) -> Resource:
    source = last(item["sourceDisk"]) if item.get("sourceDisk") else None
    state = "deprecated" if (item.get("deprecated") or {}).get("state") else "available"
    size = f"{item['diskSizeGb']} GiB"
    return _compute(item, place, "images", state, size, source=source, stored=item.get("archiveSizeBytes"))


def _address(item: Item, place: Place) -> Resource | None:
    if "region" not in item or item.get("addressType") == "INTERNAL":
        return None  # a global one is a load balancer's; an internal one costs nothing
    users = item.get("users") or ()
    more = {"attached_to": last(users[0]) if users else None, "address": item.get("address")}
    state = "unattached" if item["status"] == "RESERVED" and not users else "attached"
    return _compute(item, place, "addresses", state, "IPv4", **more)


def _load_balancer(item: Item, place: Place) -> Resource:
    target = item.get("target") or item.get("backendService")
    scheme = item.get("loadBalancingScheme", "EXTERNAL")
    more = {"attached_to": last(target) if target else None, "address": item.get("IPAddress")}
    return _compute(item, place, "forwardingRules", _used(target), scheme, **more)


def _nat_gateway(item: Item, place: Place) -> Resource | None:
    nats = [one["name"] for one in item.get("nats") or ()]
    if not nats:  # a router without one costs nothing
        return None
    more = {"attached_to": last(item["network"]), "gateways": nats}
    return _compute(item, place, "routers", "attached", f"{len(nats)} x NAT", **more)


def _made(item: Item, place: Place, kind: str, state: str, size: str, **more: Any) -> Resource:  # noqa: ANN401
    """Return a thing of another service. Google does not say of all when they were made: known since now, then."""
    made = item.get("createTime") or item.get("timeCreated") or item.get("creationTimestamp")
    location = str(more.pop("location", None) or item.get("location") or _located(place.name)).lower()
    zonal = location.count("-") == ZONE_PARTS - 1
    tags = more.pop("tags", None) or item.get("labels") or {}
    metadata = ({"zone": location} if zonal else {}) | {name: value for name, value in more.items() if value}
    return Resource(
        provider=PROVIDER,
        resource_id=place.name,
        resource_type=kind,
        name=last(item.get("name") or place.name),
        region=location.rsplit("-", 1)[0] if zonal else location,
        sub_account_id=place.project,
        state=state,
        size=size,
        created_at=instant(made) if made else place.at,
        tags=dict(tags),
        metadata=metadata,
    )


def _located(name: str) -> str:
    """Return the location in a full name: `…/locations/us-central1/…`."""
    return name.partition("/locations/")[2].partition("/")[0] or "global"


def _database(item: Item, place: Place) -> Resource:
    settings = item["settings"]
    # One that is switched off is still runnable.
    state = "stopped" if settings.get("activationPolicy") == "NEVER" else _state(item["state"])
    more = {"location": item["region"], "tags": settings.get("userLabels"), "engine": item["databaseVersion"].lower()}
    return _made(item, place, "database", state, settings["tier"], disk=settings.get("dataDiskSizeGb"), **more)


def _bucket(item: Item, place: Place) -> Resource:
    return _made(item, place, "bucket", "available", item["storageClass"])


def _function(item: Item, place: Place) -> Resource:
    config = item.get("serviceConfig") or {}
    megabytes = item.get("availableMemoryMb")
    size = f"{int(megabytes)} MB" if megabytes else str(config.get("availableMemory") or "?")
    return _made(item, place, "function", _state(item.get("state") or item["status"]), size)


def _service(item: Item, place: Place) -> Resource:
    about = item["metadata"]
    containers = item["spec"]["template"]["spec"]["containers"]
    limits = (containers[0].get("resources") or {}).get("limits") or {}
    size = " ".join(f"{name} {limits[name]}" for name in ("cpu", "memory") if name in limits) or "?"
    made = {"name": about["name"], "createTime": about.get("creationTimestamp"), "labels": about.get("labels")}
    return _made(made, place, "function", "running", size)


def _redis(item: Item, place: Place) -> Resource:
    size = f"{item['tier']} {int(item['memorySizeGb'])} GiB"
    return _made(item, place, "cache", _state(item["state"]), size, location=item.get("locationId"), engine="redis")


def _memcached(item: Item, place: Place) -> Resource:
    node = item["nodeConfig"]
    size = f"{int(item['nodeCount'])} x {int(node['cpuCount'])} vCPU {int(node['memorySizeMb'])} MB"
    return _made(item, place, "cache", _state(item["state"]), size, engine="memcached")


def _cluster(item: Item, place: Place) -> Resource:
    pools = [one["config"]["machineType"] for one in item.get("nodePools") or () if one.get("config")]
    automatic = (item.get("autopilot") or {}).get("enabled")
    size = "autopilot" if automatic else f"{int(item.get('currentNodeCount') or 0)} x {', '.join(pools) or '?'}"
    more = {"tags": item.get("resourceLabels"), "version": item.get("currentMasterVersion")}
    return _made(item, place, "cluster", _state(item["status"]), size, **more)


def _state(word: str) -> str:
    return STATES.get(word, word.lower())


def _used(users: object) -> str:
    return "attached" if users else "unattached"


READERS: dict[str, Reader] = {
    "compute.googleapis.com/Instance": _machine,
    "compute.googleapis.com/InstanceGroupManager": _group,
    "compute.googleapis.com/Disk": _disk,
    "compute.googleapis.com/RegionDisk": _disk,
    "compute.googleapis.com/Snapshot": _snapshot,
    "compute.googleapis.com/Image": _image,
    "compute.googleapis.com/Address": _address,
    "compute.googleapis.com/ForwardingRule": _load_balancer,
    "compute.googleapis.com/GlobalForwardingRule": _load_balancer,
    "compute.googleapis.com/Router": _nat_gateway,
    "sqladmin.googleapis.com/Instance": _database,
    "storage.googleapis.com/Bucket": _bucket,
    "cloudfunctions.googleapis.com/CloudFunction": _function,
    "cloudfunctions.googleapis.com/Function": _function,
    "run.googleapis.com/Service": _service,
    "redis.googleapis.com/Instance": _redis,
    "memcache.googleapis.com/Instance": _memcached,
    "container.googleapis.com/Cluster": _cluster,
}
"""By Cloud Asset Inventory's types."""
