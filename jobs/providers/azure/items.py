"""What Azure's resource providers say of one thing, as a resource. Azure Resource Graph says it in the same shape.

The readers are found by the type that stands in a resource's id, so recorded lists and the graph's rows are read alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from finops.resources import Resource
from jobs.providers.answers import instant

PROVIDER = "azure"
POWER = "PowerState/"
STATES = {
    "running": "running",
    "online": "running",
    "ready": "running",
    "succeeded": "running",
    "deallocated": "stopped",
    "deallocating": "stopped",
    "paused": "stopped",
    "stopped": "stopped",
}
STILL_PAID = "stopped-allocated"
"""A machine that is `stopped` from inside is still paid for."""
CREATED = ("timeCreated", "creationTime", "creationDate")
PARTS_OF_ID = 9
"""/subscriptions/S/resourceGroups/G/providers/P/T/N, and two more for what lies within another."""

Item = dict[str, Any]


def kind(item: Item) -> str:
    """Return the type of a resource, from its id: `microsoft.compute/disks`."""
    parts = item["id"].lower().split("/")
    if len(parts) < PARTS_OF_ID or len(parts) % 2 == 0:
        message = f"{item['id']} is no resource id"
        raise ValueError(message)
    return "/".join([parts[6], *parts[7::2]])


def resource(item: Item, at: datetime) -> Resource | None:
    """Return the resource; nothing for what is none of ours, like a server's own `master` database."""
    return _BY_KIND[kind(item)](item, at)


def _made(item: Item, at: datetime, what: str, state: str, size: str, **more: Any) -> Resource:  # noqa: ANN401
    parts, about = item["id"].split("/"), item["properties"]
    # Azure does not say of everything since when it is ours; then it is known since now.
    created = next(
        (about[name] for name in CREATED if about.get(name)), (item.get("systemData") or {}).get("createdAt")
    )
    attached, metadata = more.pop("attached_to", None) or None, {name: value for name, value in more.items() if value}
    return Resource(
        provider=PROVIDER,
        resource_id=item["id"],
        resource_type=what,
        name=item["name"],
        region=item["location"],
        sub_account_id=parts[2],
        state=state,
        size=size,
        created_at=instant(created) if created else at,
        attached_to=attached,
        tags=dict(item.get("tags") or {}),
        metadata={"resource_group": parts[4], **metadata},
    )


def _machine(item: Item, at: datetime) -> Resource:
    about = item["properties"]
    seen = about.get("instanceView") or (about.get("extended") or {}).get("instanceView") or {}
    codes = [one["code"] for one in (*seen.get("statuses", ()), seen.get("powerState") or {}) if one.get("code")]
    power = next((code.removeprefix(POWER) for code in codes if code.startswith(POWER)), "unknown")
    state = STILL_PAID if power == "stopped" else STATES.get(power, power)
    return _made(item, at, "machine", state, about["hardwareProfile"]["vmSize"])


def _scale_set(item: Item, at: datetime) -> Resource:
    size = item["sku"]
    return _made(
        item, at, "machine_group", "running" if size["capacity"] else "stopped", _many(size["capacity"], size["name"])
    )


def _disk(item: Item, at: datetime) -> Resource:
    about = item["properties"]
    free = about["diskState"] == "Unattached" and not item.get("managedBy")
    changed = about.get("LastOwnershipUpdateTime") or about.get("lastOwnershipUpdateTime")
    # Never attached to anything: unattached since it was made.
    since = instant(changed or about["timeCreated"]).isoformat() if free else None
    state, size = "unattached" if free else "attached", f"{about['diskSizeGB']} GiB {item['sku']['name']}"
    return _made(
        item, at, "disk", state, size, attached_to=item.get("managedBy"), kind=item["sku"]["name"], state_since=since
    )


def _snapshot(item: Item, at: datetime) -> Resource:
    about = item["properties"]
    size, source = f"{about['diskSizeGB']} GiB {item['sku']['name']}", about["creationData"].get("sourceResourceId")
    return _made(item, at, "snapshot", "available", size, source=source, incremental=about.get("incremental"))


def _image(item: Item, at: datetime) -> Resource:
    about = item["properties"]
    disk, source = (about.get("storageProfile") or {}).get("osDisk") or {}, about.get("sourceVirtualMachine") or {}
    return _made(item, at, "image", "available", f"{disk.get('diskSizeGB') or '?'} GiB", source=source.get("id"))


def _address(item: Item, at: datetime) -> Resource:
    about = item["properties"]
    user, sku = about.get("ipConfiguration") or about.get("natGateway"), (item.get("sku") or {}).get("name", "Basic")
    held, version = user["id"] if user else None, about.get("publicIPAddressVersion", "IPv4")
    more = {"attached_to": held, "address": about.get("ipAddress"), "kind": sku}
    return _made(item, at, "address", "attached" if user else "unattached", version, **more)


def _load_balancer(item: Item, at: datetime) -> Resource:
    pools = [one.get("properties", {}) for one in item["properties"].get("backendAddressPools") or ()]
    used = any(pool.get("backendIPConfigurations") or pool.get("loadBalancerBackendAddresses") for pool in pools)
    return _made(item, at, "load_balancer", "attached" if used else "unattached", item["sku"]["name"])


def _nat_gateway(item: Item, at: datetime) -> Resource:
    subnets = item["properties"].get("subnets") or ()
    state, first = ("attached", subnets[0]["id"]) if subnets else ("unattached", None)
    return _made(item, at, "nat_gateway", state, item["sku"]["name"], attached_to=first)


def _sql(item: Item, at: datetime) -> Resource | None:
    if item["name"] == "master":  # every server has one, and it costs nothing
        return None
    about = item["properties"]
    size, server = (
        about.get("currentServiceObjectiveName") or item["sku"]["name"],
        item["id"].rpartition("/databases/")[0],
    )
    return _made(item, at, "database", _state(about["status"]), size, attached_to=server, engine="sqlserver")


def _server(engine: str) -> Callable[[Item, datetime], Resource]:
    def read(item: Item, at: datetime) -> Resource:
        about = item["properties"]
        return _made(item, at, "database", _state(about["state"]), item["sku"]["name"], engine=engine)

    return read


def _storage(item: Item, at: datetime) -> Resource:
    tier = item["properties"].get("accessTier")
    return _made(item, at, "bucket", "available", f"{item['kind']} {item['sku']['name']}", tier=tier)


def _function(item: Item, at: datetime) -> Resource | None:
    if "functionapp" not in str(item.get("kind") or ""):  # a web site costs nothing beyond its plan
        return None
    about = item["properties"]
    return _made(
        item, at, "function", _state(about["state"]), about.get("sku") or "?", attached_to=about.get("serverFarmId")
    )


def _cache(item: Item, at: datetime) -> Resource:
    about = item["properties"]
    size = f"{about['sku']['name']} {about['sku']['family']}{about['sku']['capacity']}"
    return _made(item, at, "cache", _state(about["provisioningState"]), size, engine="redis")


def _cluster(item: Item, at: datetime) -> Resource:
    about = item["properties"]
    pools = [_many(pool["count"], pool["vmSize"]) for pool in about.get("agentPoolProfiles") or ()]
    state = _state((about.get("powerState") or {}).get("code") or "unknown")
    return _made(item, at, "cluster", state, ", ".join(pools), version=about.get("kubernetesVersion"))


def _state(word: str) -> str:
    return STATES.get(word.lower(), word.lower())


def _many(count: int, size: str) -> str:
    return f"{count} x {size}"


READERS: dict[str, Callable[[Item, datetime], Resource | None]] = {
    "Microsoft.Compute/virtualMachines": _machine,
    "Microsoft.Compute/virtualMachineScaleSets": _scale_set,
    "Microsoft.Compute/disks": _disk,
    "Microsoft.Compute/snapshots": _snapshot,
    "Microsoft.Compute/images": _image,
    "Microsoft.Network/publicIPAddresses": _address,
    "Microsoft.Network/loadBalancers": _load_balancer,
    "Microsoft.Network/natGateways": _nat_gateway,
    "Microsoft.Sql/servers/databases": _sql,
    "Microsoft.DBforPostgreSQL/flexibleServers": _server("postgresql"),
    "Microsoft.DBforMySQL/flexibleServers": _server("mysql"),
    "Microsoft.Storage/storageAccounts": _storage,
    "Microsoft.Web/sites": _function,
    "Microsoft.Cache/redis": _cache,
    "Microsoft.ContainerService/managedClusters": _cluster,
}
"""By type, in the spelling of permissions: reading one takes the action of that name and `/read`."""
KINDS = {
    "Microsoft.Compute/virtualMachines": "machine",
    "Microsoft.Compute/virtualMachineScaleSets": "machine_group",
    "Microsoft.Compute/disks": "disk",
    "Microsoft.Compute/snapshots": "snapshot",
    "Microsoft.Compute/images": "image",
    "Microsoft.Network/publicIPAddresses": "address",
    "Microsoft.Network/loadBalancers": "load_balancer",
    "Microsoft.Network/natGateways": "nat_gateway",
    "Microsoft.Sql/servers/databases": "database",
    "Microsoft.DBforPostgreSQL/flexibleServers": "database",
    "Microsoft.DBforMySQL/flexibleServers": "database",
    "Microsoft.Storage/storageAccounts": "bucket",
    "Microsoft.Web/sites": "function",
    "Microsoft.Cache/redis": "cache",
    "Microsoft.ContainerService/managedClusters": "cluster",
}
"""The kind of resource that each of these types is with us."""
_BY_KIND = {name.lower(): reader for name, reader in READERS.items()}
