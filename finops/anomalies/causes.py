"""Why an event costs what it does: the fewest values of region, resource, SKU, tag and the like that explain it.

Of every value of one dimension, and of every two values of two, it is asked what share of the excess lies in it, and
what share of its own cost has moved at all: the product is high where the excess is and nothing else. The best is
taken, its parts are set aside, and the rest is asked again, until four fifths of the excess are explained. The search
is in floats; every amount that is told is an exact sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from finops.money import EXACT, total

Values = tuple[tuple[str, str], ...]
"""Dimension and value, as (("region", "eu-west-1"), ("sku", "c5.large"))."""

ENOUGH = 0.8
"""Of the excess: explained, it is."""
FEW = 5
"""Causes at most: more explain nothing to a person."""
CLOSER = 2
"""Causes at most that are told in place of the one thing that everything has in common."""
WORTH = 0.05
"""Of the excess: a cause of less is none."""
MOVED = 0.1
"""Of what is larger, before or now: less is as it was."""
ALIKE = 2
"""Digits after the point: what scores the same to them is equally good, and the simpler wins."""
NOTHING = Decimal(0)
COMMITMENT = "commitment"
"""The dimension of what a commitment costs that nobody used."""


@dataclass(frozen=True, slots=True)
class Part:
    """One combination of dimensions, a day: what it was expected to cost and what it did, and how much was used."""

    values: Values
    expected: Decimal
    actual: Decimal
    expected_quantity: Decimal | None = None
    quantity: Decimal | None = None
    committed: tuple[Decimal, Decimal] = (NOTHING, NOTHING)
    """Of what was expected and of what it cost: used of a commitment, at its price."""
    since: date | None = None
    """The first day on which it cost anything, of those that were looked at."""

    @property
    def excess(self) -> Decimal:
        """What it cost more; negative where it cost less."""
        return EXACT.subtract(self.actual, self.expected)

    def usage(self) -> Decimal | None:
        """Return how much of the excess is another quantity at the price before; None where that is not known."""
        if self.quantity is None or self.expected_quantity is None:
            return None
        if not self.expected_quantity or not self.quantity:  # new or gone: it had no price before, or has none now
            return self.excess
        more = EXACT.subtract(self.quantity, self.expected_quantity)
        return EXACT.divide(EXACT.multiply(more, self.expected), self.expected_quantity)


@dataclass(frozen=True, slots=True)
class Cause:
    """What explains some of the excess; amounts a day."""

    values: Values
    shared: Values
    """What else everything in it has in common."""
    expected: Decimal
    actual: Decimal
    share: Decimal
    """Of the excess of the event."""
    usage: Decimal | None
    """Of its excess: another quantity at the price before; None where quantities are not known. The rest is price."""
    committed: tuple[Decimal, Decimal] = (NOTHING, NOTHING)
    """Of what was expected and of what it cost: used of commitments."""
    since: date | None = None
    """The first day on which any of it cost something, of those that were looked at."""

    @property
    def excess(self) -> Decimal:
        """What it cost more; negative where it cost less."""
        return EXACT.subtract(self.actual, self.expected)

    @property
    def price(self) -> Decimal | None:
        """Of its excess: the quantity now at another price."""
        return None if self.usage is None else EXACT.subtract(self.excess, self.usage)


@dataclass(frozen=True, slots=True)
class Explanation:
    """An event's excess a day and its causes, the greatest first."""

    excess: Decimal
    causes: tuple[Cause, ...]

    @property
    def explained(self) -> Decimal:
        """The share of the excess that the causes explain: more than 1 where something else cost less meanwhile."""
        return total(one.share for one in self.causes)


def explain(parts: Sequence[Part]) -> Explanation:
    """Find the fewest causes that explain four fifths of the excess of all parts, or what of it can be explained.

    What all parts have in common says nothing, if one or two things within it explain as much.
    """
    told = [set(part.values) for part in parts if part.values]
    closer = _explained(parts, set.intersection(*told) if len(told) > 1 else set())
    return closer if len(closer.causes) <= CLOSER and closer.explained >= ENOUGH else _explained(parts, set())


def _explained(parts: Sequence[Part], left_out: set[tuple[str, str]]) -> Explanation:
    excess = total(part.excess for part in parts)
    rest, explained = list(parts), 0.0
    causes: list[Cause] = []
    while excess and explained < ENOUGH and len(causes) < FEW:
        best = _best(rest, float(excess), left_out)
        if best is None:
            break
        inside = [part for part in rest if set(best) <= set(part.values)]
        rest = [part for part in rest if not set(best) <= set(part.values)]
        causes.append(_cause(best, inside, excess))
        explained += float(causes[-1].share)
    return Explanation(excess, tuple(sorted(causes, key=lambda one: -one.share)))


def _best(parts: Sequence[Part], whole: float, left_out: set[tuple[str, str]]) -> Values | None:
    """Return the values that hold most of the excess and least else."""
    inside: dict[Values, float] = defaultdict(float)
    moved: dict[Values, float] = defaultdict(float)
    cost: dict[Values, float] = defaultdict(float)
    names: dict[str, set[str]] = defaultdict(set)
    promising = _promising(parts, whole) - left_out
    for part in parts:
        share = float(part.excess) / whole
        size = max(abs(float(part.expected)), abs(float(part.actual)))
        alike = share > 0 and abs(float(part.excess)) >= MOVED * size
        for values in _candidates([value for value in part.values if value in promising]):
            inside[values] += share
            cost[values] += size
            moved[values] += size if alike else 0.0
        for name, value in part.values:
            names[name].add(value)

    def good(values: Values) -> tuple[float, float, int, int]:
        score = min(inside[values], 1.0) * moved[values] / cost[values]
        return (
            round(score, ALIKE),
            -round(cost[values], ALIKE),
            -len(values),
            max(len(names[name]) for name, _ in values),
        )

    worth = [values for values, share in inside.items() if share >= WORTH and cost[values]]
    return max(worth, key=good, default=None)


def _promising(parts: Sequence[Part], whole: float) -> set[tuple[str, str]]:
    """Return the values in which enough lies, before what offsets it: none else can be part of a cause."""
    inside: dict[tuple[str, str], float] = defaultdict(float)
    for part in parts:
        share = float(part.excess) / whole
        for value in part.values if share > 0 else ():
            inside[value] += share
    return {value for value, share in inside.items() if share >= WORTH}


def _candidates(values: Sequence[tuple[str, str]]) -> Iterator[Values]:
    for one in values:
        yield (one,)
    yield from combinations(values, 2)


def _cause(best: Values, inside: Sequence[Part], whole: Decimal) -> Cause:
    common = set.intersection(*(set(part.values) for part in inside)) - set(best)
    usages = [usage for part in inside if (usage := part.usage()) is not None]
    return Cause(
        values=best,
        shared=tuple(value for value in inside[0].values if value in common),
        expected=total(part.expected for part in inside),
        actual=total(part.actual for part in inside),
        share=EXACT.divide(total(part.excess for part in inside), whole),
        usage=total(usages) if len(usages) == len(inside) else None,
        committed=(total(part.committed[0] for part in inside), total(part.committed[1] for part in inside)),
        since=min((part.since for part in inside if part.since), default=None),
    )
