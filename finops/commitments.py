"""What reservations, savings plans and committed use discounts are used for, what of them is wasted, what they save.

    utilization            used / (used + unused), by effective cost
    coverage               on-demand worth of what was covered / of all use that could have been
    effective savings rate 1 - what was paid / on-demand worth, over covered and uncovered use and waste

as the FinOps Foundation's “Rate Optimization” measures them. What use costs on demand is its contracted cost. Use that
could have been covered is taken to be all use at standard prices of those services that commitments cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from finops.anomalies.scopes import committed
from finops.money import EXACT, Money, share, total
from finops.results import Amount, Evidence, Result, ratio
from finops.tables import PROVIDERS, Cell, Percent, Table, Titled, percent


class Kind(StrEnum):
    """What a charge has to do with commitments."""

    USED = "Used"
    UNUSED = "Unused"
    OPEN = "Open"
    """At standard prices, covered by nothing."""


NAMES = {Kind.USED: "covered", Kind.UNUSED: "paid and not used", Kind.OPEN: "on demand"}
"""What people call them."""


@dataclass(frozen=True, slots=True)
class Use:
    """Charges of one kind, service and commitment, summed."""

    provider: str
    service: str
    kind: Kind
    commitment: str | None
    effective: Decimal
    on_demand: Decimal
    """What it costs, or would cost, without a commitment."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment: what of it was used and what was not."""

    id: str
    provider: str
    used: Decimal
    unused: Decimal
    on_demand: Decimal

    @property
    def utilization(self) -> Decimal | None:
        """Return the share that was used, as a ratio."""
        return share(self.used, EXACT.add(self.used, self.unused))

    @property
    def saved(self) -> Decimal:
        """Return what it saved against on-demand prices; below nothing if its waste took more."""
        return EXACT.subtract(self.on_demand, EXACT.add(self.used, self.unused))


@dataclass(frozen=True, slots=True)
class Service:
    """A service that commitments cover: the on-demand worth of its use, covered and not."""

    name: str
    provider: str
    covered: Decimal
    uncovered: Decimal

    @property
    def coverage(self) -> Decimal | None:
        """Return the covered share, as a ratio."""
        return share(self.covered, EXACT.add(self.covered, self.uncovered))


@dataclass(frozen=True, slots=True)
class Coverage:
    """All commitments and the services they cover, the largest first."""

    commitments: tuple[Commitment, ...]
    services: tuple[Service, ...]

    @property
    def waste(self) -> Decimal:
        """Return what was paid and not used."""
        return total(one.unused for one in self.commitments)

    @property
    def saved(self) -> Decimal:
        """Return what all commitments saved together."""
        return total(one.saved for one in self.commitments)

    @property
    def utilization(self) -> Decimal | None:
        """Return the share of all commitments that was used."""
        used = total(one.used for one in self.commitments)
        return share(used, EXACT.add(used, self.waste))

    @property
    def coverage(self) -> Decimal | None:
        """Return the share of all use in covered services that was covered."""
        covered = total(one.covered for one in self.services)
        return share(covered, EXACT.add(covered, total(one.uncovered for one in self.services)))

    @property
    def savings_rate(self) -> Decimal | None:
        """Return what was saved against paying on-demand prices for everything."""
        worth = total([*(one.covered for one in self.services), *(one.uncovered for one in self.services)])
        return share(self.saved, worth)


def coverage(uses: Iterable[Use]) -> Coverage:
    """Sum up how commitments were used. Amounts are of one currency."""
    known = list(uses)
    ids = dict.fromkeys((one.provider, one.commitment) for one in known if one.commitment and one.kind is not Kind.OPEN)
    services = dict.fromkeys((one.provider, one.service) for one in known if one.kind is Kind.USED)
    found = [_commitment(provider, str(name), known) for provider, name in ids]
    covered = [_service(provider, name, known) for provider, name in services]
    return Coverage(
        tuple(sorted(found, key=lambda one: (-EXACT.add(one.used, one.unused), one.id))),
        tuple(sorted(covered, key=lambda one: (-one.covered, one.name))),
    )


def _commitment(provider: str, name: str, uses: Sequence[Use]) -> Commitment:
    mine = [one for one in uses if (one.provider, one.commitment) == (provider, name)]
    used = [one for one in mine if one.kind is Kind.USED]
    return Commitment(
        name,
        provider,
        total(one.effective for one in used),
        total(one.effective for one in mine if one.kind is Kind.UNUSED),
        total(one.on_demand for one in used),
    )


def _service(provider: str, name: str, uses: Sequence[Use]) -> Service:
    mine = [one for one in uses if (one.provider, one.service) == (provider, name)]
    covered, uncovered = (total(one.on_demand for one in mine if one.kind is kind) for kind in (Kind.USED, Kind.OPEN))
    return Service(name, provider, covered, uncovered)


def by_day(uses: Iterable[tuple[date, Use]], found: Coverage) -> dict[str, dict[date, Decimal]]:
    """Return what the services that commitments cover cost a day: covered, paid and not used, and on demand."""
    covered = {(one.provider, one.name) for one in found.services}
    series: dict[str, dict[date, Decimal]] = {name: {} for name in NAMES.values()}
    for day, use in uses:
        if use.kind is Kind.UNUSED or (use.provider, use.service) in covered:
            costs = series[NAMES[use.kind]]
            costs[day] = EXACT.add(costs.get(day, Decimal(0)), use.effective)
    return {name: costs for name, costs in series.items() if costs}


def said(found: Coverage, *, currency: str, when: str, untold: Sequence[str]) -> str:
    """Say in a sentence or two how commitments were used."""
    names = " and ".join(PROVIDERS.get(name, name) for name in untold)
    silent = f" The bills of {names} do not say what of their commitments was used." if untold else ""
    if found.utilization is None:
        return f"No commitment covers anything in {when}.{silent}"
    waste = f"{Money(found.waste, currency)} was paid and not used" if found.waste else "nothing was wasted"
    covered = f"they cover {percent(found.coverage)} of the use in their services" if found.coverage is not None else ""
    saved = (
        f"they saved {Money(found.saved, currency)}"
        if found.saved >= 0
        else (f"they cost {Money(-found.saved, currency)} more than on-demand prices")
    )
    if found.savings_rate is not None:
        saved += f", an effective savings rate of {percent(found.savings_rate, 1)}"
    used = f"{percent(found.utilization, 1)} of what commitments cost in {when} was used, and {waste}"
    return f"{used}; {', and '.join(part for part in (covered, saved) if part)}.{silent}"


def commitments_table(found: Coverage, currency: str) -> Table:
    """Show each commitment: what it is, how much of it was used, and what it saved."""
    rows: list[tuple[Cell, ...]] = [
        (Titled(committed(one.id), f"{one.id}, {Percent(one.utilization)} used"),
         *(Money(each, currency) for each in (one.used, one.unused, one.saved)))
        for one in found.commitments
    ]  # fmt: skip
    return Table(("Commitment", "Used", "Not used", "Saved"), rows)


def services_table(found: Coverage, currency: str) -> Table:
    """Show what of each service commitments cover, at on-demand prices."""
    rows: list[tuple[Cell, ...]] = [
        (one.name, *(Money(each, currency) for each in (one.covered, one.uncovered)), Percent(one.coverage))
        for one in found.services
    ]
    return Table(("Service, at on-demand prices", "Covered", "Not covered", "Coverage"), rows)


class CommitmentResult(Result):
    """One commitment, as a result."""

    id: str
    provider: str
    used: Amount
    unused: Amount
    utilization: Amount | None
    saved: Amount


class CoverageResult(Evidence):
    """What the notebook `commitment_coverage` hands back. Ratios: 0.25 is a quarter."""

    utilization: Amount | None
    coverage: Amount | None
    savings_rate: Amount | None
    waste: Amount
    saved: Amount
    commitments: list[CommitmentResult]
    untold: list[str]
    """Providers whose bills do not say what of their commitments was used."""

    @classmethod
    def of(cls, found: Coverage, *, untold: Sequence[str], **scope: object) -> Self:
        """Take it from a coverage; `scope` is what every evidence says of itself."""
        rows = [
            {
                "id": one.id,
                "provider": one.provider,
                "used": one.used,
                "unused": one.unused,
                "utilization": ratio(one.utilization),
                "saved": one.saved,
            }
            for one in found.commitments
        ]
        rates = ("utilization", "coverage", "savings_rate")
        values = {name: ratio(getattr(found, name)) for name in rates} | {"waste": found.waste, "saved": found.saved}
        return cls.model_validate({**scope, **values, "commitments": rows, "untold": list(untold)})
