"""What this machine's identity may read of Google Cloud, tried with the very calls that collecting makes.

Queries are tried dry, which is free; of everything else a page at most is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from finops.errors import CostsError
from jobs.doctor import Check
from jobs.providers.answers import BadAnswerError
from jobs.providers.gcp import bigquery, catalog, clients, live, metrics
from jobs.providers.gcp.export import Export, parse
from jobs.providers.gcp.items import PROVIDER, Place
from jobs.sources import SourceEntry


def checks(entries: Sequence[SourceEntry]) -> Iterator[Check]:
    """Try what each entry needs; what Google refuses is reported, never raised."""
    yield from _twice(entries)
    for entry in entries:
        try:
            yield from _bill(entry) if entry.bills else _live(entry)
        except CostsError as error:  # the address is wrong, or there are no credentials at all
            yield Check(PROVIDER, f"read {entry.name}", well=False, lost="all of it", advice=str(error))


def _twice(entries: Sequence[SourceEntry]) -> Iterator[Check]:
    """Warn of a billing account whose costs would be collected twice: by both exports, or by one under two names."""
    seen: dict[str, str] = {}
    for entry in entries:
        try:
            account = parse(str(entry.bills)).account if entry.bills else None
        except CostsError:
            continue  # told of below
        if account in seen:
            what = f"collect {account.replace('_', '-')} once"
            advice = f"Remove {seen[account]} or {entry.name} from the list: both hold all costs of that account."
            yield Check(PROVIDER, what, well=False, lost="nothing, but its costs would count twice", advice=advice)
        elif account:
            seen[account] = entry.name


def _bill(entry: SourceEntry) -> Iterator[Check]:
    lost = f"the bills of {entry.name}"
    queries = bigquery.opened(str(entry.bills))
    found: list[str] = []
    what = f"see how {queries.export.path} ({queries.export.kind}) is partitioned"
    yield _tried(what, lost, lambda: found.append(queries.partition()))
    sizes: list[int] = []
    by = found[0] if found else "export_time"
    check = _tried("query it", lost, lambda: sizes.append(bigquery.listing_bytes(queries, by)))
    yield Check(PROVIDER, _costing(queries.export, sizes[0]), well=True) if sizes else check
    account = queries.export.account.replace("_", "-")
    listed: dict[str, Callable[[], object]] = {
        f"list the budgets of {account}": lambda: next(catalog.budgets(account), None),
        f"list the projects that {account} pays for": lambda: catalog.projects(account),
        "list billing accounts": catalog.accounts,
    }
    for what, call in listed.items():
        yield _tried(what, f"{what.removeprefix('list ')}; bills are collected without", call)


def _costing(export: Export, size: int) -> str:
    """Say what looking for new rows reads, and what that costs at most."""
    amount = f"{bigquery.size(size)}, about USD {bigquery.price(size)}"
    return f"query {export.path}: looking for new rows reads {amount}, and nothing while nothing changes"


def _live(entry: SourceEntry) -> Iterator[Check]:
    known: list[Place] = []

    def list_projects() -> None:
        now = datetime.now(UTC)
        shown = live.projects(entry.accounts)
        known.extend(Place(one.project_id, one.name.removeprefix("projects/"), now) for one in shown)

    yield _tried("list projects", f"the resources of {entry.name}", list_projects)
    for place in known:
        lost = f"the resources of {place.project}; it fails the whole inventory, so that none looks gone"
        yield _tried(f"list what is in {place.project}", lost, partial(_glance_at_assets, place))
        yield _tried(
            f"read metrics of {place.project}", "how much resources are used", partial(_glance_at_metrics, place)
        )


def _glance_at_assets(place: Place) -> None:
    with clients.asking("a client of assets"):
        client = clients.assets()
    next(live.listed(client, place), None)


def _glance_at_metrics(place: Place) -> None:
    with clients.asking("a client of metrics"):
        client = clients.metrics()
    answers = live.Series(
        client, place.project, metrics.GROUPS["machine"], ["0"], place.at
    )  # a number that no machine has
    next(answers.pages(f"timeSeries.list.{metrics.MEAN}"), None)


def _tried(what: str, lost: str, call: Callable[[], object]) -> Check:
    try:
        call()
    except clients.RefusedError as error:
        advice = f"Grant this identity {clients.ROLE}, which holds it."
        if error.disabled:
            advice = f"Switch the interface on: gcloud services enable {error.disabled}."
        missing = None if error.disabled else error.permission
        return Check(PROVIDER, what, well=False, missing=missing, lost=lost, advice=advice)
    except BadAnswerError as error:
        return Check(PROVIDER, what, well=False, lost=lost, advice=str(error))
    return Check(PROVIDER, what, well=True)
