"""What the notebook `allocation` tells and hands back: who costs belong to, and how that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from finops.allocation import Allocation, Rule, needed
from finops.focus import Dimension
from finops.money import EXACT, Money
from finops.results import Amount, Evidence, Result, ratio
from finops.tables import Change, Percent, Table, Titled, heading, percent

ABOUT = (Dimension.SERVICE.value, Dimension.SUB_ACCOUNT.value)
"""What is said of a cost that nobody claims."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one name is charged, and how much more that is than before."""

    name: str
    direct: Decimal
    shared: Decimal
    cost: Decimal
    share: Decimal | None
    """Of the whole, as a ratio."""
    change: Decimal


def grouping(rules: Sequence[Rule]) -> list[str]:
    """Return by what charges have to be summed for the rules, and to name what they do not fit."""
    return list(dict.fromkeys((*needed(rules), *ABOUT)))


def rows(now: Allocation, before: Allocation) -> list[Row]:
    """Return a row a name, the largest first; those that only cost before with nothing, and unallocated last."""
    earlier = {part.name: part.cost for part in (*before.parts, before.unallocated)}
    here = {part.name for part in now.parts}
    found = [
        Row(part.name, part.direct, part.shared, part.cost, part.share, _change(part.cost, earlier.get(part.name)))
        for part in (*now.parts, now.unallocated)
    ]
    gone = [part for part in before.parts if part.name not in here and part.cost]
    nothing = Decimal(0)
    return [*found[:-1], *(Row(one.name, nothing, nothing, nothing, nothing, -one.cost) for one in gone), found[-1]]


def _change(now: Decimal, before: Decimal | None) -> Decimal:
    return EXACT.subtract(now, before or Decimal(0))


def said(found: Allocation, *, by: str, currency: str, when: str) -> str:
    """Say in a sentence how much of a cost has an owner."""
    whole, open_ = Money(found.total, currency), found.unallocated
    if not found.parts:
        return f"No rule fits any of the {whole} of {when}: tag it by {by}, or write rules."
    names = "one name" if len(found.parts) == 1 else f"{len(found.parts)} names"
    if not open_.cost:
        return f"All of the {whole} of {when} belongs to someone, to {names} in all."
    part = f" ({percent(open_.share, 1)})" if open_.share is not None else ""
    return f"{Money(open_.cost, currency)}{part} of the {whole} of {when} belongs to nobody; the rest to {names}."


def table(found: Sequence[Row], *, by: str, currency: str) -> Table:
    """Show who costs belong to, in few enough columns for a phone; what is shared stands beneath a name."""
    lines = [
        (Titled(row.name, _shared(row, currency)), Money(row.cost, currency), Percent(row.share),
         Change(Money(row.change, currency)))
        for row in found
    ]  # fmt: skip
    return Table((heading(by), "Cost", "Share", "Change"), lines)


def _shared(row: Row, currency: str) -> str:
    return f"of which shared {Money(row.shared, currency)}" if row.shared else ""


class AllocatedResult(Result):
    """One name, as a result."""

    name: str
    direct: Amount
    shared: Amount
    cost: Amount
    share: Amount | None
    change: Amount


class AllocationResult(Evidence):
    """What the notebook `allocation` hands back: rows that add up to the total."""

    by: str
    total: Amount
    rows: list[AllocatedResult]
    unallocated: Amount
    pools: dict[str, Amount]
    """What was shared, by its name, before it was split."""

    @classmethod
    def of(cls, found: Allocation, shown: Sequence[Row], *, by: str, **scope: object) -> Self:
        """Take it from an allocation; `scope` is what every evidence says of itself."""
        names = ("name", "direct", "shared", "cost", "change")
        told = [{name: getattr(row, name) for name in names} | {"share": ratio(row.share)} for row in shown]
        values = {"total": found.total, "unallocated": found.unallocated.cost, "pools": found.pools}
        return cls.model_validate({**scope, **values, "by": by, "rows": told})
