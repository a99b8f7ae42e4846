"""Whose an event is: of the costs that its series is made of, and of those that most of its found causes lie in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from finops.anomalies.scopes import TEAM, Scope
from finops.focus import DIMENSIONS
from finops.money import total
from finops.tables import PROVIDERS

MOST = Decimal("0.5")
"""Of the excess of an event: causes of more than that say whose it is."""
Known = dict[str, set[str]]


def belongs(
    scope: Scope, causes: Iterable[Mapping[str, Any]], where: Mapping[str, Sequence[str]], called: Mapping[str, str]
) -> bool:
    """Whether an event is of the costs that filters name, all of them.

    A series is seldom one team's: that the NAT gateway behind it is the team's, only its causes say. `causes` are as
    `finops.anomalies.results.CauseResult` has them, `called` has the names of sub accounts by their ids.
    """
    if scope.fits(where):
        return True
    wanted = {name: _folded(two for one in values for two in _said(one, called)) for name, values in where.items()}
    inside = (one for one in causes if _is_within(_known(scope, one, called), wanted))
    return total(Decimal(str(one.get("share", 0))) for one in inside) > MOST


def _is_within(known: Known, wanted: Known) -> bool:
    return all(known.get(name, set()) & values for name, values in wanted.items())


def _known(scope: Scope, cause: Mapping[str, Any], called: Mapping[str, str]) -> Known:
    """Return what is known of a cause by the ledger's words, in all the ways that people say it."""
    told = {**cause.get("shared", {}), **cause.get("values", {})}
    found = {DIMENSIONS.get(name, name): _folded(_said(value, called)) for name, value in told.items()}
    found |= {name: _folded(_said(value, called)) for name, (value,) in scope.where.items()}
    return found | ({TEAM: _folded([scope.team])} if scope.team else {})


def _said(value: str, called: Mapping[str, str]) -> set[str]:
    return {value, called.get(value, value), PROVIDERS.get(value, value)}


def _folded(values: Iterable[str]) -> set[str]:
    return {value.casefold() for value in values if value}
