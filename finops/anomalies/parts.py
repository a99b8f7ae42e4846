"""The combinations that an event is made of, in words that people know: few tags, short names, the tail as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.anomalies.causes import COMMITMENT, NOTHING, Part, Values
from finops.anomalies.compared import Compared
from finops.anomalies.on_demand import FEE, UNUSED, Costs, Group
from finops.money import EXACT, total
from finops.periods import Period
from finops.tables import PROVIDERS

MOST = 2000
"""Combinations: what moved less is one part that has no value, so it can be no cause and is not lost."""
FEW_KEYS, FEW_VALUES = 5, 50
"""Tags that can be a cause: those that tell most of what moved apart, of so many values at most."""
WHOLE = ("account", "service", "region", "SKU")
TAG = "tag:"


@dataclass(frozen=True, slots=True)
class Kept:
    """One combination as the ledger keeps it; what has none is None."""

    provider: str
    account: str | None
    service: str | None
    region: str | None
    sku: str | None
    """Its name where that is known."""
    resource: str | None
    """The provider's own id."""
    resource_name: str | None
    unused: bool
    """The part of a commitment that nobody used."""
    tags: Mapping[str, object]
    part: Part
    """Still without values."""


def told(found: Sequence[Kept], called: Mapping[str, str], *, whole: bool) -> list[Part]:
    """Return them as parts, those that moved most first; `whole` tells of which provider, account and service, too.

    `called` has the names of accounts by their ids.
    """
    keys, resources = _keys(found), _resources(found)
    named = [_named(one, called if whole else None, keys, resources) for one in found[:MOST]]
    return [*named, *_tail([one.part for one in found[MOST:]])]


@dataclass(frozen=True, slots=True)
class Names:
    """What SKUs and accounts are called, by their ids; and the tags of what a commitment covers, by where it is."""

    skus: Mapping[str, str]
    accounts: Mapping[str, str]
    tags: Mapping[Group, Mapping[str, str]]


def covering(costs: Costs, days: Compared, names: Names, inside: Period) -> list[Part]:
    """Return what a commitment covers, by account, service, region and SKU; and its own part, used by nobody.

    `inside` are the days that it covered.
    """
    found = []
    for group, each in sorted(costs.items()):
        covered = {day: cost for day, cost in each.items() if day in inside}
        expected, actual = (_a_day(each, days, side) for side in (days.expected, days.actual))
        used = (_a_day(covered, days, days.expected), _a_day(covered, days, days.actual))
        found.append(Part(_of(group, names), expected, actual, committed=used))
    return found


def _of(group: Group, names: Names) -> Values:
    if group in {UNUSED, FEE}:
        return ((COMMITMENT, " ".join(group)),)
    account, service, region, sku = group
    told = (names.accounts.get(account, account), service, region, names.skus.get(sku, sku))
    tags = ((f"{TAG}{key}", value) for key, value in names.tags.get(group, {}).items() if value)
    return tuple((name, one) for name, one in (*zip(WHOLE, told, strict=True), *tags) if one)


def _a_day(costs: Mapping[date, Decimal], days: Compared, counted: Mapping[date, int]) -> Decimal:
    return days.a_day(total(EXACT.multiply(costs.get(day, NOTHING), Decimal(often)) for day, often in counted.items()))


def _named(one: Kept, called: Mapping[str, str] | None, keys: Iterable[str], resources: Mapping[str, str]) -> Part:
    whole = () if called is None else (
        ("provider", PROVIDERS.get(one.provider, one.provider)),
        ("account", called.get(one.account or "", one.account)),
        ("service", one.service),
    )  # fmt: skip
    deep = (
        ("region", one.region),
        ("resource", resources.get(one.resource or "")),
        ("SKU", one.sku),
        (COMMITMENT, UNUSED[0] if one.unused else None),
        *((f"{TAG}{key}", str(one.tags[key])) for key in keys if key in one.tags),
    )
    values: Values = tuple((name, value) for name, value in (*whole, *deep) if value)
    part = one.part
    return Part(values, part.expected, part.actual, part.expected_quantity, part.quantity, part.committed, part.since)


def _resources(found: Iterable[Kept]) -> dict[str, str]:
    """Return what each resource is called: in short, and by its whole id where another one would be called so, too."""
    short = {one.resource: one.resource_name or _end(one.resource) for one in found if one.resource}
    often = Counter(short.values())
    return {key: name if often[name] == 1 else key for key, name in short.items()}


def _end(resource: str) -> str:
    """Return the end of a long id: natgateway/nat-0778fde181754fb9c."""
    return "/".join(resource.rpartition(":")[2].rsplit("/", 2)[-2:])


def _keys(found: Iterable[Kept]) -> list[str]:
    """Return the keys of tags that are worth asking about."""
    moved: dict[str, Decimal] = {}
    values: dict[str, set[str]] = {}
    for one in found:
        for key, value in one.tags.items():
            if isinstance(value, str) and value:
                moved[key] = EXACT.add(moved.get(key, NOTHING), abs(one.part.excess))
                values.setdefault(key, set()).add(value)
    few = [key for key in moved if len(values[key]) <= FEW_VALUES and moved[key]]
    return sorted(few, key=lambda key: (-moved[key], key))[:FEW_KEYS]


def _tail(rest: Sequence[Part]) -> list[Part]:
    if not rest:
        return []
    return [Part((), total(one.expected for one in rest), total(one.actual for one in rest))]
