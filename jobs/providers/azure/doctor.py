"""What this machine's identity may read of Azure, tried with the very calls that collecting makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from finops.errors import CostsError
from finops.periods import Period
from jobs.doctor import Check
from jobs.providers.answers import BadAnswerError
from jobs.providers.azure import budgets, clients, exports, inventory, live, metrics, seen, totals, usage
from jobs.providers.azure.items import PROVIDER, Item, kind
from jobs.providers.azure.measures import MEASURES
from jobs.sources import SourceEntry

ROLE = "add it to the role that this identity has there; jobs/providers/azure/role.json is the whole of it"
BILLING = "the readers of a billing account are named in the portal under Cost Management + Billing, Access control"


def checks(entries: Sequence[SourceEntry]) -> Iterator[Check]:
    """Try what each entry needs; what Azure refuses is reported, never raised."""
    for entry in entries:
        tried = {"azure-usage": _usage, "azure-blob": _blobs}.get(entry.scheme or "", _live)
        try:
            yield from tried(entry)
        except CostsError as error:  # the address itself is wrong
            yield Check(PROVIDER, f"read {entry.name}", well=False, lost="all of it", advice=str(error))


def _usage(entry: SourceEntry) -> Iterator[Check]:
    where, month = usage.address(entry), Period.month_of(datetime.now(UTC).date())
    advice = BILLING if "billingaccounts" in where.scope.lower() else ROLE
    for metric in ("actualcost", "amortizedcost") if where.amortized else ("actualcost",):
        what = f"read usage details of {where.scope} ({metric})"
        yield _tried(what, f"the bills of {entry.name}", partial(usage.glance, where, month, metric), advice)
    what, lost = f"read Azure's own sums of {where.scope}", "the figure that our total is held against"
    yield _tried(what, lost, lambda: totals.monthly_totals(where.scope, month), advice)
    what = f"list the budgets of {where.scope}"
    yield _tried(what, "budgets", lambda: next(budgets.budgets(where.scope), None), advice)


def _blobs(entry: SourceEntry) -> Iterator[Check]:
    account, container, folder = exports.address(entry)
    client = clients.blobs(account).get_container_client(container)
    what = f"read the exports in {account}/{container}/{folder}"
    yield _tried(what, f"the bills of {entry.name}", lambda: exports.glance(client, folder), ROLE)


def _live(entry: SourceEntry) -> Iterator[Check]:
    names: dict[str, str] = {}
    resources = f"the resources of {entry.name}"
    yield _tried("list subscriptions", resources, lambda: names.update(live.subscriptions(entry.accounts)), ROLE)
    for one in entry.accounts if names else ():
        if one not in names:
            lost = f"the resources of {one}; those that are known are left as they were"
            yield Check(PROVIDER, f"see the subscription {one}", well=False, lost=lost, advice=seen.absent([one]))
    for subscription, name in names.items():
        yield from _permitted(subscription, name, entry.wanted)
    if not names:
        return
    items: list[Item] = []
    page = islice(live.graph(list(names), entry.regions), live.AT_ONCE)
    yield _tried("ask Azure Resource Graph", resources, lambda: items.extend(page), ROLE)
    first = next((one for one in items if kind(one) in MEASURES), None)
    if first:
        now = datetime.now(UTC)
        found = list(inventory.resources([first], now, what=live.GRAPH))
        what = f"read metrics in {first['location']}"
        yield _tried(what, "how much resources are used", lambda: list(metrics.utilization(found, now)), ROLE)


def _permitted(subscription: str, name: str, wanted: frozenset[str]) -> Iterator[Check]:
    """Check that nothing is left out of the list of a subscription's resources."""
    lacking: list[str] = []
    what = f"see {len(seen.types(wanted))} types of resources in {name} ({subscription})"
    lost = "what is gone: without knowing that Azure leaves nothing out, nothing is closed"
    check = _tried(what, lost, lambda: lacking.extend(seen.lacking(subscription, wanted)), ROLE)
    if not lacking:
        yield check
    for one in lacking:
        listed = f"list {one} in {name} ({subscription})"
        lost = "all of these; those that are known are left as they were"
        yield Check(PROVIDER, listed, well=False, missing=f"{one}/read", lost=lost, advice=_advice(ROLE))


def _tried(what: str, lost: str, call: Callable[[], object], advice: str) -> Check:
    try:
        call()
    except clients.RefusedError as error:
        return Check(PROVIDER, what, well=False, missing=error.action, lost=lost, advice=_advice(advice))
    except BadAnswerError as error:
        return Check(PROVIDER, what, well=False, lost=lost, advice=str(error))
    return Check(PROVIDER, what, well=True)


def _advice(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
