"""Events that are sides of one: a region's and a team's of a service's, and one service's in several accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from finops.anomalies.scopes import Of, Scope
from finops.money import EXACT, total
from finops.periods import Period

TOGETHER = timedelta(days=7)
"""Between their first days at most: what comes slowly is seen in a small series first."""
AT_ONCE = timedelta(days=1)
"""The same for a service in several accounts, which are alike only in what was done to all of them."""
MORE = Decimal("1.5")
"""So many times as much, and there is more to it than the services' events beneath it."""
LESS = Decimal("0.5")
"""So many times a commitment's, and it is something else."""
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a commitment covered, which tells whose events it explains."""

    places: frozenset[tuple[str, ...]]
    """Accounts, services and regions."""
    fee: Decimal = NOTHING
    """A day, if it is billed beside the use, of which services know nothing."""


@dataclass(frozen=True, slots=True)
class Side:
    """What tells whether an event is a side of another one."""

    scope: Scope
    days: Period
    excess: Decimal
    """A day."""
    reach: Reach | None = None
    """Of a commitment's."""

    def covers(self, scope: Scope) -> bool:
        """Whether a commitment's reaches costs of a scope; of a team the days and the money alone tell."""
        told = (scope.sub_account_id, scope.service_name, scope.region_id)
        places = self.reach.places if self.reach and scope.provider in {None, self.scope.provider} else ()
        return any(all(mine in {None, its} for mine, its in zip(told, each, strict=True)) for each in places)

    def alike(self, other: Side, within: timedelta) -> bool:
        """Whether both cost more, or both less, began about together, and share most days of this one."""
        shared = min(self.days.end, other.days.end) - max(self.days.start, other.days.start)
        same_way = (self.excess > 0) == (other.excess > 0)
        return 2 * shared.days >= self.days.days and same_way and abs(self.days.start - other.days.start) <= within


def parents(found: Sequence[Side]) -> dict[int, int]:
    """Return for every event that is a side of another one, by its place, the place of that: it has no parent itself.

    A commitment's, which is a fact, is the parent of all that it explains. Else the largest is: of a service's events
    in several accounts, and of those that a region's or a team's event is made of. A region's or team's that is far
    more than those stands for itself.
    """
    merged = _explained(found)
    services = [one for one in _places(found, Of.SERVICE) if one not in merged]
    services.sort(key=lambda place: -abs(found[place].excess))
    for rank, place in enumerate(services):
        larger = (one for one in services[:rank] if one not in merged and _same_service(found[place], found[one]))
        if (parent := next(larger, None)) is not None:
            merged[place] = parent
    for place in _places(found, Of.REGION, Of.TEAM):
        if place in merged:
            continue
        beneath = [one for one in services if _beneath(found[one], found[place])]
        together = total(abs(found[one].excess) for one in beneath)
        if beneath and abs(found[place].excess) <= EXACT.multiply(MORE, together):
            merged[place] = merged.get(beneath[0], beneath[0])
    return merged


def _explained(found: Sequence[Side]) -> dict[int, int]:
    """Return the events of services, regions and teams that a commitment's explains, by their places."""
    turns = sorted(_places(found, Of.COMMITMENT), key=lambda place: -abs(found[place].excess))
    merged: dict[int, int] = {}
    for place in _places(found, Of.SERVICE, Of.REGION, Of.TEAM):
        cause = next((turn for turn in turns if _explains(found[turn], found[place])), None)
        if cause is not None:
            merged[place] = cause
    return merged


def _explains(turn: Side, one: Side) -> bool:
    """Whether a commitment's event is about as large, and of the same costs and days, as another one."""
    size, cause = abs(one.excess), abs(turn.excess)
    most = EXACT.add(cause, turn.reach.fee if turn.reach else NOTHING)
    about = EXACT.multiply(LESS, cause) <= size <= EXACT.multiply(MORE, most)
    return about and turn.covers(one.scope) and one.alike(turn, TOGETHER)


def _places(found: Sequence[Side], *of: Of) -> list[int]:
    return [place for place, one in enumerate(found) if one.scope.of in of]


def _same_service(one: Side, other: Side) -> bool:
    mine, theirs = one.scope, other.scope
    same = (mine.provider, mine.service_name) == (theirs.provider, theirs.service_name)
    return same and one.alike(other, AT_ONCE)


def _beneath(service: Side, whole: Side) -> bool:
    """Whether a service's costs can be among those of a region or a team; of a team the days alone tell."""
    mine, theirs = service.scope, whole.scope
    same = (mine.provider, mine.sub_account_id) == (theirs.provider, theirs.sub_account_id)
    return (theirs.of is Of.TEAM or same) and whole.alike(service, TOGETHER)
