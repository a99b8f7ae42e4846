"""The same charges, counted at every place they passed: files, control total, lake, ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from finops.money import EXACT, total
from finops.reconcile.parts import EQUAL, Cause


@dataclass(frozen=True, slots=True)
class Held:
    """What one place holds of a source, billing period and currency."""

    place: str
    """As a person calls it: `the lake`."""
    billed: Decimal
    effective: Decimal
    charges: int | None
    """Nothing where a place does not count them."""


Amounts = Mapping[tuple[date, str], tuple[Decimal, Decimal]]
"""Billed and effective cost by day and service."""


def hidden(before: Amounts, after: Amounts, *, top: int = 3) -> tuple[Cause, ...]:
    """Name the days and services in which most was lost or won between two places, and sum up the others."""
    nothing = (Decimal(0), Decimal(0))
    changes = {}
    for key in before.keys() | after.keys():
        one, other = before.get(key, nothing), after.get(key, nothing)
        billed, effective = (EXACT.subtract(new, old) for old, new in zip(one, other, strict=True))
        if abs(change := billed or effective) > EQUAL:
            changes[key] = change
    largest = sorted(changes, key=lambda key: (-abs(changes[key]), key))
    named = [
        Cause(f"{day}, {service or 'no service'}", changes[day, service], explained=False)
        for day, service in largest[:top]
    ]
    rest = total(changes[key] for key in largest[top:])
    return (
        (*named, Cause(f"{len(largest) - top} other days and services", rest, explained=False))
        if len(largest) > top
        else tuple(named)
    )


def breaks(held: Sequence[Held]) -> Iterator[Cause]:
    """Name every step on which an amount or a charge was lost or won; none if all places agree to 1e-12."""
    for before, after in pairwise(held):
        for what, one, other in (
            ("billed", before.billed, after.billed),
            ("effective", before.effective, after.effective),
        ):
            change = EXACT.subtract(other, one)
            if abs(change) > EQUAL:
                yield Cause(f"{after.place} and {before.place} differ in what is {what}", change, explained=False)
        if None not in (before.charges, after.charges) and before.charges != after.charges:
            name = f"{after.place} counts {after.charges:,} charges, {before.place} {before.charges:,}"
            yield Cause(name, Decimal(0), explained=False)
