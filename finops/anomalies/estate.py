"""How rare and how large an event has to be where many series are watched at once.

False alarms add up: of a hundred series that each raise one in four months, twenty-five come a month. So one promise is
made for the whole estate, one false alarm a month, and its series share it. What shares it are those that could raise a
false alarm by chance: services that usually cost as much a day as an alarm has to be about. Of a smaller one the cost
had to more than double, which is no chance. Teams are sums of the same costs, so what surprises by chance in a team
surprises in its service, and is the same event.

From a hundred such series on the promise does not hold: `Sensitivity` knows nothing rarer than once in a hundred
months, so that a thousand may raise ten. The floor of money bounds that: two hundred services at most cost each 0.5 %
of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

import numpy as np

from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import Sensitivity, Series
from finops.results import cents

ALARMS = Decimal(1)
"""A month, over the whole estate, that nothing happened for."""
SHARE = Decimal("0.005")
"""Of the daily spend of the whole: less is not told to people by itself."""
EARLIER = 4
"""A so-manieth of that is found and listed: so a ramp is known by the day on which it has grown large."""
USUAL = 28
"""Days that tell what a service costs a day."""
RAREST, OFTENEST = Decimal("0.01"), Decimal(10)
"""What `Sensitivity` takes."""

Known = Sequence[tuple[Scope, Series]]


@dataclass(frozen=True, slots=True)
class Floors:
    """What is too little a day, in the currency of the series."""

    told: Decimal
    """Less is not posted by itself."""
    found: Decimal
    """Less is not even listed."""


def floors(known: Known, least: Decimal) -> Floors:
    """Return the floors of an estate: a setting, or a share of what all of it costs a day."""
    told = max(least, cents(SHARE * _spend(known)))
    return Floors(told, cents(told / EARLIER))


def _spend(known: Known) -> Decimal:
    """Return what all services together cost a day, of late; nothing where credits outweigh them."""
    costs = sum(_usual(one) for scope, one in known if scope.of is Of.SERVICE)
    return max(Decimal(repr(float(costs))), Decimal(0))


def _usual(one: Series) -> float:
    days = one.amounts[-USUAL:]
    return float(np.nanmean(days)) if np.isfinite(days).any() else 0.0


def sensitivity(known: Known, least: Floors) -> Sensitivity:
    """Return how many false alarms each series may raise, so that all of them together keep the promise."""
    sharing = sum(abs(_usual(one)) >= least.told for scope, one in known if scope.of is Of.SERVICE)
    rate = (ALARMS / max(sharing, 1)).quantize(Decimal("0.0001"), ROUND_DOWN)
    return Sensitivity(rate=min(max(rate, RAREST), OFTENEST), amount=least.found)


def moving(known: Known, least: Floors) -> Iterable[tuple[Scope, Series]]:
    """Return the series that ever moved by as much as the floor: in no other can anything be found."""
    for scope, one in known:
        if np.nanmax(one.amounts) - np.nanmin(one.amounts) >= least.found:
            yield scope, one
