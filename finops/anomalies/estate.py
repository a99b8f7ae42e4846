"""How rare and how large an event has to be where many series are watched at once.

False alarms add up: of a hundred series that each raise one in four months, twenty-five come a month. So one promise is
made for the whole estate, one false alarm a month, and its series share it. What shares it are those that could raise a
false alarm by chance: services so restless that a day of theirs may miss by as much as an alarm has to be about. A calm
one raises none unless something has changed. Teams are sums of the same costs, so what surprises by chance in a team
surprises in its service, and is the same event.

How rare something is beyond all that a series has seen is what `tails` says; ten thousand restless services still share
the promise. The floor of money keeps them far fewer: not many services can miss by 0.125 % of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

import numpy as np

from finops.anomalies.detectors import FARTHEST
from finops.anomalies.expected import TO_SIGMA
from finops.anomalies.scopes import Of, Scope
from finops.anomalies.series import RAREST, Sensitivity, Series
from finops.anomalies.windows import WEEK
from finops.results import cents

ALARMS = Decimal(1)
"""A month, over the whole estate, that nothing happened for."""
MARGIN = Decimal(2)
"""So many times as many come of pure chance, at once in a hundred months, where single days stray far: see `tails`."""
SHARE = Decimal("0.005")
"""Of the daily spend of the whole: less is not told to people by itself."""
EARLIER = 4
"""A so-manieth of that is found and listed: so a ramp is known by the day on which it has grown large."""
USUAL = 28
"""Days that tell what a service costs a day."""
WEEKS = 8
"""Of late, that tell how restless a service is."""
OFTENEST = Sensitivity().rate
"""What is put up with of a series that stands alone."""

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
    sharing = sum(_restless(one, least) for scope, one in known if scope.of is Of.SERVICE)
    rate = (ALARMS / (MARGIN * max(sharing, 1))).quantize(RAREST, ROUND_DOWN)
    return Sensitivity(rate=min(max(rate, RAREST), OFTENEST), amount=least.found)


def _restless(one: Series, least: Floors) -> bool:
    """Whether a day may by chance be as far from the same day of the week before as an alarm has to be about."""
    days = one.amounts[-(WEEKS + 1) * WEEK :]
    apart = np.abs(days[WEEK:] - days[:-WEEK])
    apart = apart[np.isfinite(apart)]
    sigma = TO_SIGMA * float(np.median(apart)) / np.sqrt(2) if len(apart) else 0.0
    return bool(FARTHEST * sigma >= max(float(Sensitivity().share) * abs(_usual(one)), float(least.found)))


def moved(one: Series, wanted: Sensitivity) -> bool:
    """Whether a series ever moved by as much as the floor: in no other can anything be found."""
    days = one.amounts[np.isfinite(one.amounts)]
    return bool(len(days)) and float(np.ptp(days)) >= float(wanted.amount)
