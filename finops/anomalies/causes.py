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
from decimal import Decimal
from itertools import combinations

from finops.money import EXACT, Money, total

Values = tuple[tuple[str, str], ...]
"""Dimension and value, as (("region", "eu-west-1"), ("sku", "c5.large"))."""

ENOUGH = 0.8
"""Of the excess: explained, it is."""
FEW = 5
"""Causes at most: more explain nothing to a person."""
WORTH = 0.05
"""Of the excess: a cause of less is none."""
MOVED = 0.1
"""Of what is larger, before or now: less is as it was."""
ALIKE = 2
"""Digits after the point: what scores the same to them is equally good, and the simpler wins."""
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """One combination of dimensions, a day: what it was expected to cost and what it did, and how much was used."""

    values: Values
    expected: Decimal
    actual: Decimal
    expected_quantity: Decimal | None = None
    quantity: Decimal | None = None

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
    """Find the fewest causes that explain four fifths of the excess of all parts, or what of it can be explained."""
    excess = total(part.excess for part in parts)
    rest, explained = list(parts), 0.0
    causes: list[Cause] = []
    while excess and explained < ENOUGH and len(causes) < FEW:
        best = _best(rest, float(excess))
        if best is None:
            break
        inside = [part for part in rest if set(best) <= set(part.values)]
        rest = [part for part in rest if not set(best) <= set(part.values)]
        causes.append(_cause(best, inside, excess))
        explained += float(causes[-1].share)
    return Explanation(excess, tuple(sorted(causes, key=lambda one: -one.share)))


def _best(parts: Sequence[Part], whole: float) -> Values | None:
    """Return the values that hold most of the excess and least else."""
    inside: dict[Values, float] = defaultdict(float)
    moved: dict[Values, float] = defaultdict(float)
    cost: dict[Values, float] = defaultdict(float)
    names: dict[str, set[str]] = defaultdict(set)
    promising = _promising(parts, whole)
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
    )


def sentence(found: Explanation, currency: str) -> str:
    """Tell it in one sentence, in money a day."""
    way = "more" if found.excess > 0 else "less"
    start = f"{Money(abs(found.excess), currency)} a day {way} than expected"
    if not found.causes:
        return f"{start}: no part of it stands out."
    told = "; ".join(_told(one, currency) for one in found.causes)
    rest = "" if found.explained >= Decimal(str(ENOUGH)) else f"; the other {1 - found.explained:.0%} is spread out"
    return f"{start}: {told}{rest}."


def _told(one: Cause, currency: str) -> str:
    where = f" ({_named(one.shared)})" if one.shared else ""
    sign = "+" if one.excess > 0 else "-"
    amount = f"{sign}{Money(abs(one.excess), currency)}"
    return f"{_named(one.values)}{where} {amount}, {one.share:.0%} of it, {_why(one, currency)}"


def _named(values: Values) -> str:
    return ", ".join(f"{name} {value}" for name, value in values)


def _why(one: Cause, currency: str) -> str:
    if not one.expected:
        return "new"
    if not one.actual:
        return "gone"
    if one.usage is None or one.price is None:
        return f"{Money(one.expected, currency)} before, {Money(one.actual, currency)} now"
    most = Decimal(str(ENOUGH)) * abs(one.excess)
    if abs(one.price) <= abs(one.excess) - most:
        return "more used" if one.usage > 0 else "less used"
    if abs(one.usage) <= abs(one.excess) - most:
        return "dearer" if one.price > 0 else "cheaper"
    return f"{_signed(one.usage, currency)} by usage and {_signed(one.price, currency)} by price"


def _signed(amount: Decimal, currency: str) -> str:
    return f"{'+' if amount >= 0 else '-'}{Money(abs(amount), currency)}"
