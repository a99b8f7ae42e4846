"""Azure asked live: subscriptions, everything in them by one query of Azure Resource Graph, and metrics in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from finops.resources import Resource
from jobs.providers.answers import BadAnswerError, Inventory, reading
from jobs.providers.azure import clients, inventory, metrics, seen
from jobs.providers.azure.items import PROVIDER, READERS, Item
from jobs.sources import SourceEntry

GRAPH = "Azure Resource Graph"
NEEDS = "Microsoft.ResourceGraph/resources/read"
AT_ONCE = 1000
"""Rows a page, which is the most that the graph gives."""


def live(entry: SourceEntry, *, at: datetime) -> Inventory:
    """Ask the subscriptions of the entry, or all that the credentials see. Raises BadAnswerError, RefusedError.

    What Azure does not show is told, and not taken for gone.
    """
    names = subscriptions(entry.accounts)
    asked, failed = seen.whole(names, entry.regions, entry.wanted)
    if missing := [one for one in entry.accounts if one not in names]:
        failed = (seen.absent(missing), *failed)
    items = list(graph(list(names), entry.regions))
    found = tuple(_named(one, names) for one in inventory.resources(items, at, what=GRAPH))
    used = tuple(metrics.utilization(found, at))
    regions: Sequence[str | None] = entry.regions or (None,)
    scopes = tuple((name, region) for name in names for region in regions)
    return Inventory(PROVIDER, scopes, found, used, asked, failed)


def _named(one: Resource, names: dict[str, str]) -> Resource:
    return replace(one, metadata={"subscription": names.get(one.sub_account_id)} | one.metadata)


def subscriptions(wanted: Sequence[str]) -> dict[str, str]:
    """Return names by id of the wanted subscriptions that are shown, or of all that are enabled.

    Raises BadAnswerError, RefusedError; if none of them is shown, too.
    """
    with clients.asking("the list of subscriptions", needs="Microsoft.Resources/subscriptions/read"):
        shown = {str(one.subscription_id): one for one in clients.subscriptions().subscriptions.list()}
    chosen = [one for one in wanted or shown if one in shown and (wanted or shown[one].state == "Enabled")]
    if not chosen and (wanted or not shown):
        raise BadAnswerError(seen.absent(wanted))
    return {key: str(shown[key].display_name) for key in chosen}


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
