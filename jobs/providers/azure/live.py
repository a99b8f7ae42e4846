"""Azure asked live: subscriptions, everything in them by one query of Azure Resource Graph, and metrics in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from finops.resources import Resource
from jobs.providers.answers import BadAnswerError, Inventory, reading
from jobs.providers.azure import clients, inventory, metrics
from jobs.providers.azure.items import PROVIDER, READERS, Item
from jobs.sources import SourceEntry

GRAPH = "Azure Resource Graph"
NEEDS = "Microsoft.ResourceGraph/resources/read"
AT_ONCE = 1000
"""Rows a page, which is the most that the graph gives."""


def live(entry: SourceEntry, *, at: datetime) -> Inventory:
    """Ask the subscriptions of the entry, or all that the credentials see. Raises BadAnswerError, RefusedError."""
    names = subscriptions(entry.accounts)
    items = list(graph(list(names), entry.regions))
    found = tuple(_named(one, names) for one in inventory.resources(items, at, what=GRAPH))
    used = tuple(metrics.utilization(found, at))
    regions: Sequence[str | None] = entry.regions or (None,)
    return Inventory(PROVIDER, tuple((name, region) for name in names for region in regions), found, used)


def _named(one: Resource, names: dict[str, str]) -> Resource:
    return replace(one, metadata={"subscription": names.get(one.sub_account_id)} | one.metadata)


def subscriptions(wanted: Sequence[str]) -> dict[str, str]:
    """Return names by id: of the wanted ones, or all that are enabled. Raises BadAnswerError, RefusedError."""
    with clients.asking("the list of subscriptions", needs="Microsoft.Resources/subscriptions/read"):
        seen = {str(one.subscription_id): one for one in clients.subscriptions().subscriptions.list()}
    missing = [one for one in wanted if one not in seen]
    if missing or not seen:
        what = f"the subscription {missing[0]}" if missing else "any subscription"
        message = f"Azure does not show {what} to this identity: give it the role Reader there."
        raise BadAnswerError(message)
    chosen = wanted or [key for key, one in seen.items() if one.state == "Enabled"]
    return {key: str(seen[key].display_name) for key in chosen}


def graph(subscriptions: list[str], regions: Sequence[str] = ()) -> Iterator[Item]:
    """Return everything that we know how to read, each thing once. Raises BadAnswerError, RefusedError."""
    from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions  # noqa: PLC0415  slow

    client, seen, token = clients.graph(), set[str](), None
    while True:
        options = QueryRequestOptions(top=AT_ONCE, skip_token=token, result_format="objectArray")
        with clients.asking(GRAPH, needs=NEEDS):
            page = client.resources(QueryRequest(subscriptions=subscriptions, query=query(regions), options=options))
        with reading(GRAPH):
            rows = cast("list[Item]", page.data)  # the SDK knows the type of another format only
            twice = next((one["id"] for one in rows if one["id"] in seen), None)
            seen.update(one["id"] for one in rows)
            less = page.skip_token is None and len(seen) < page.total_records
        if twice or less:
            problem = f"named {twice} twice" if twice else f"told {len(seen)} of {page.total_records} resources"
            message = f"{GRAPH} {problem}: nothing of it is kept; try again."
            raise BadAnswerError(message)
        yield from rows
        if page.skip_token is None:
            return
        token = page.skip_token


def query(regions: Sequence[str]) -> str:
    """Return what the graph is asked."""
    where = f"type in~ ({_quoted(READERS)})" + (f" and location in~ ({_quoted(regions)})" if regions else "")
    columns = "id, name, type, kind, location, sku, tags, managedBy, systemData, properties"
    return f"Resources | where {where} | project {columns} | order by id asc"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join("'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'" for word in words)
