"""Where the money goes: the largest parts of a total, their shares, and one line for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from finops.money import EXACT, share, total
from finops.periods import Period
from finops.results import Amount, Evidence, Result, ratio
from finops.tables import missing
from finops.unit_costs import UnitCost, UnitCostResult


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a total. The share is a ratio: 0.25 is a quarter; None where the total is nothing."""

    label: str
    cost: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A total and its parts: `rows` and `rest` add up to it exactly."""

    total: Decimal
    rows: tuple[Row, ...]
    rest: Row | None
    """What the rows leave out, added up, or None if they leave nothing out."""


def by_label(sums: Iterable[tuple[str | None, Decimal]], by: str = "") -> dict[str, Decimal]:
    """Add up the parts of one label. Charges without one, whether empty or unknown, are one part.

    `by` says what the labels are, as FOCUS's word or `tag:KEY`: what lacks one is named after it.
    """
    parts: dict[str, Decimal] = {}
    for label, cost in sums:
        name = label or missing(by)
        parts[name] = EXACT.add(parts.get(name, Decimal(0)), cost)
    return parts


def name(key: Mapping[str, str | None]) -> str:
    """Return what a row is called that is grouped by one word or by several: Amazon S3 · eu-west-1."""
    return " · ".join(value or missing(word) for word, value in key.items())


def by_day(sums: Iterable[tuple[str | None, date, Decimal]], by: str = "") -> dict[str, dict[date, Decimal]]:
    """Add up the parts of one label day by day: what a chart of days draws. For `by` see `by_label`."""
    series: dict[str, dict[date, Decimal]] = {}
    for label, day, cost in sums:
        days = series.setdefault(label or missing(by), {})
        days[day] = EXACT.add(days.get(day, Decimal(0)), cost)
    return series


def build(sums: Iterable[tuple[str | None, Decimal]], *, top: int = 10) -> Breakdown:
    """Return the `top` largest parts and the rest, whatever their order. Parts of one label are added up."""
    parts = by_label(sums)
    whole = total(parts.values())
    ranked = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
    # One part too many is shown by its name: "1 other" would take the same line and say less.
    kept = ranked if len(ranked) == top + 1 else ranked[:top]
    left = [cost for _, cost in ranked[len(kept) :]]
    rest = Row(f"{len(left)} others", total(left), share(total(left), whole)) if left else None
    return Breakdown(whole, tuple(Row(label, cost, share(cost, whole)) for label, cost in kept), rest)


class BreakdownRow(Result):
    """One part of the total, as a result."""

    label: str
    cost: Amount
    share: Amount | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Take it from a breakdown."""
        return cls(label=row.label, cost=row.cost, share=ratio(row.share))


class BreakdownResult(Evidence):
    """What the notebook `cost_breakdown` hands back."""

    group_by: str
    then_by: str | None = None
    """What each of its parts is divided by in turn."""
    total: Amount
    previous: Amount
    """The total of the same days before."""
    rows: list[BreakdownRow]
    rest: BreakdownRow | None
    unit_costs: list[UnitCostResult] = Field(default_factory=list)
    """Of the dearest SKUs whose quantity is known."""

    @classmethod
    def of(
        cls,
        parts: Breakdown,
        *,
        period: Period,
        previous: Decimal,
        currency: str,
        metric: str,
        group_by: str,
        settled_through: Mapping[str, date],
        then_by: str | None = None,
        units: Sequence[UnitCost] = (),
    ) -> Self:
        """Take it from a breakdown and say what was asked."""
        return cls(
            start=period.start,
            end=period.end,
            currency=currency,
            metric=metric,
            settled_through=dict(settled_through),
            group_by=group_by,
            then_by=then_by,
            unit_costs=[UnitCostResult.of(one) for one in units],
            total=parts.total,
            previous=previous,
            rows=[BreakdownRow.of(row) for row in parts.rows],
            rest=BreakdownRow.of(parts.rest) if parts.rest else None,
        )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        parts = [row.cost for row in [*self.rows, *([self.rest] if self.rest else [])]]
        if total(parts) != self.total:
            message = f"the parts add up to {total(parts)}, not to the total of {self.total}"
            raise ValueError(message)
        return self
