"""Sums of charges by who they belong to, beside whatever else they are summed by: allocation within a question.

The same rules as `finops.allocation`, for rows that also have a service, a day or a region: each charge of a pool is
split by the weights that its whole pool is split by, so that rows add up whatever they are narrowed down to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from finops.allocation import UNALLOCATED, Key, Rule, assigned, direct_costs, split, weights
from finops.money import EXACT

Rules = Mapping[str, Sequence[Rule]]
"""By the word that is asked for, as `tag:team`."""
Weights = Mapping[str, Mapping[str, Decimal]]
"""Of each pool: who shares it, and how much."""
NONE: Rules = {}
ANY: Mapping[str, Collection[str]] = {}


def pooled(rules: Sequence[Rule]) -> bool:
    """Whether the rules share anything."""
    return any(rule.split for rule in rules)


def shared(rules: Sequence[Rule], sums: Iterable[tuple[Key, Decimal]]) -> dict[str, dict[str, Decimal]]:
    """Return the weights of each pool, from all charges of the days and the currency."""
    direct, pools, splits = direct_costs(rules, sums)
    return {pool: weights(splits[pool], direct) or {pool: Decimal(1)} for pool in pools}


def parted(rules: Sequence[Rule], key: Key, cost: Decimal, shares: Weights) -> dict[str, Decimal]:
    """Return the names that a charge goes to, with the part of each; they add up to it exactly."""
    name, rule = assigned(rules, key)
    if rule is None or not rule.split:
        return {name: cost}
    return split(cost, shares.get(name) or {name: Decimal(1)})


def allotted(
    rules: Rules,
    sums: Iterable[tuple[Key, Decimal]],
    shares: Mapping[str, Weights],
    *,
    by: Sequence[str],
    where: Mapping[str, Collection[str]] = ANY,
) -> dict[tuple[str | None, ...], Decimal]:
    """Sum charges `by` words, some of which have `rules`, narrowed down `where` those words have one of the values.

    What no rule fits is `UNALLOCATED`; an empty text, and that word, ask for it.
    """
    wanted = {word: {value.casefold() or UNALLOCATED for value in values} for word, values in where.items()}
    found: dict[tuple[str | None, ...], Decimal] = {}
    for key, cost in sums:
        for owners, part in _parts(list(rules.items()), key, cost, shares):
            if all(owners[word].casefold() in values for word, values in wanted.items()):
                row = tuple(owners.get(word, key.get(word)) for word in by)
                found[row] = EXACT.add(found.get(row, Decimal(0)), part)
    return found


def _parts(
    rules: Sequence[tuple[str, Sequence[Rule]]], key: Key, cost: Decimal, shares: Mapping[str, Weights]
) -> Iterator[tuple[dict[str, str], Decimal]]:
    """Split a charge by the first rules, and each part of it by the others: nothing is lost, nothing counted twice."""
    if not rules:
        yield {}, cost
        return
    (word, told), *others = rules
    for name, part in parted(told, key, cost, shares.get(word, {})).items():
        for owners, smaller in _parts(others, key, part, shares):
            yield {word: name, **owners}, smaller


def daily(rules: Sequence[Rule], sums: Iterable[tuple[Key, date, Decimal]]) -> dict[date, dict[str, Decimal]]:
    """Give each day's sums to names; what is shared is split by the spending of its month. The parts add up to the day.

    So a month's days add up to what `allocate` says of the month.
    """
    months: dict[date, list[tuple[Key, date, Decimal]]] = defaultdict(list)
    for key, day, cost in sums:
        months[day.replace(day=1)].append((key, day, cost))
    found: dict[date, dict[str, Decimal]] = defaultdict(dict)
    for month in months.values():
        shares = shared(rules, ((key, cost) for key, _, cost in month))
        for key, day, cost in month:
            for name, part in parted(rules, key, cost, shares).items():
                found[day][name] = EXACT.add(found[day].get(name, Decimal(0)), part)
    return dict(found)
