"""Why a total grew: more was used, it got dearer, something else was used instead, or it is new.

Within one service and unit, of items (SKUs) with quantities q and costs c before (0) and now (1), Q the sum of q, and
C the sum of c over items that both periods have:

    usage = (Q1 - Q0) * C0 / Q0         the same basket, more or less of it
    price = sum(c1 - q1 * c0 / q0)      the same items at another price
    mix   = the rest                    dearer or cheaper items for the same work

the three effects of price-volume-mix analysis. Items that only one period has are new or gone. Everything adds up to
the change exactly; what has no quantity that can be compared is `other`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_EVEN, Decimal

from finops.money import EXACT, total

SMALLEST = Decimal("1e-18")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """What is compared: one SKU of one service, in one unit."""

    service: str
    sku: str
    unit: str


@dataclass(frozen=True, slots=True)
class Used:
    """How much of an item was used, if that is known, and what it cost."""

    quantity: Decimal | None
    cost: Decimal


WORDS = {
    "usage": "more used (or less)",
    "price": "at another price",
    "mix": "dearer items instead of cheaper ones (or the reverse)",
    "new": "new",
    "gone": "gone",
    "other": "no quantity to compare",
}


@dataclass(frozen=True, slots=True)
class Growth:
    """A change in cost by its reasons, which add up to it exactly."""

    usage: Decimal = NOTHING
    price: Decimal = NOTHING
    mix: Decimal = NOTHING
    new: Decimal = NOTHING
    gone: Decimal = NOTHING
    other: Decimal = NOTHING

    @property
    def change(self) -> Decimal:
        """Return all of it."""
        return total(self.parts().values())

    def parts(self) -> dict[str, Decimal]:
        """Return the reasons by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def words(self) -> dict[str, Decimal]:
        """Return the reasons that count, in people's words."""
        return {WORDS[name]: value for name, value in self.parts().items() if value}

    def __add__(self, more: Growth) -> Growth:
        """Add reason by reason."""
        return Growth(**{name: EXACT.add(value, getattr(more, name)) for name, value in self.parts().items()})


Use = Mapping[Item, Used]


def by_service(before: Use, now: Use) -> dict[str, Growth]:
    """Decompose each service's change in cost."""
    alike: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in sorted({*before, *now}):
        alike[item.service, item.unit].append(item)
    found: dict[str, Growth] = defaultdict(Growth)
    for (service, _), items in alike.items():
        found[service] += _decomposed(items, before, now)
    return dict(found)


def overall(before: Use, now: Use) -> Growth:
    """Decompose the change of the whole."""
    return sum(by_service(before, now).values(), Growth())


def services(before: Use, now: Use) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return services that only one of the periods has: new ones and gone ones, with their cost, the dearest first."""
    then, since = (_costs(used) for used in (before, now))
    new = {name: cost for name, cost in since.items() if name not in then}
    gone = {name: cost for name, cost in then.items() if name not in since}
    return _ranked(new), _ranked(gone)


def _costs(used: Use) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for item, one in used.items():
        found[item.service] = EXACT.add(found.get(item.service, NOTHING), one.cost)
    return {name: cost for name, cost in found.items() if cost}


def _ranked(costs: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return dict(sorted(costs.items(), key=lambda one: (-one[1], one[0])))


def _decomposed(items: Iterable[Item], before: Use, now: Use) -> Growth:
    new = gone = other = NOTHING
    both: list[tuple[Used, Used]] = []
    for item in items:
        then, since = before.get(item), now.get(item)
        if then is None and since is not None:
            new = EXACT.add(new, since.cost)
        elif since is None and then is not None:
            gone = EXACT.subtract(gone, then.cost)
        elif then and since and then.quantity and since.quantity and then.quantity > 0 and since.quantity > 0:
            both.append((then, since))
        elif then and since:
            other = EXACT.add(other, EXACT.subtract(since.cost, then.cost))
    return Growth(new=new, gone=gone, other=other) + _effects(both)


def _effects(both: list[tuple[Used, Used]]) -> Growth:
    if not both:
        return Growth()
    q0, q1 = (total(pair[n].quantity or NOTHING for pair in both) for n in (0, 1))
    c0, c1 = (total(pair[n].cost for pair in both) for n in (0, 1))
    usage = _rounded(EXACT.divide(EXACT.multiply(EXACT.subtract(q1, q0), c0), q0))
    price = _rounded(total(EXACT.subtract(since.cost, _at_old_price(then, since)) for then, since in both))
    mix = EXACT.subtract(EXACT.subtract(EXACT.subtract(c1, c0), usage), price)
    return Growth(usage=usage, price=price, mix=mix)


def _at_old_price(then: Used, since: Used) -> Decimal:
    return EXACT.divide(EXACT.multiply(since.quantity or NOTHING, then.cost), then.quantity or Decimal(1))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, ROUND_HALF_EVEN, context=EXACT)
