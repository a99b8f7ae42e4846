"""The provider's own figure beside ours: the residual, and which of our charges explain it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from finops.errors import CostsError
from finops.focus import Metric
from finops.money import CENT, EXACT, total
from finops.reconcile.parts import EQUAL, Cause, Part

HALF_A_CENT = CENT / 2
TYPED = "typed from the invoice"
AMOUNT = re.compile(r"(?P<amount>[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?) *(?P<currency>[A-Z]{3})?")


@dataclass(frozen=True, slots=True)
class Figure:
    """What the provider says that a source cost in a billing period."""

    source: str
    amount: Decimal
    currency: str | None
    """Nothing if the source has only one."""
    metric: Metric = Metric.BILLED
    origin: str = TYPED
    """Where it is from: typed, or the name of the provider's own metric."""
    invoice: str | None = None
    """If it is the sum of one invoice."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our amount beside the provider's; the causes add up to the residual."""

    figure: Figure
    ours: Decimal
    causes: tuple[Cause, ...]

    @property
    def residual(self) -> Decimal:
        """Return ours minus theirs."""
        return EXACT.subtract(self.ours, self.figure.amount)

    @property
    def explained(self) -> bool:
        """Whether nothing needs a person."""
        return all(one.explained for one in self.causes)


def parse(text: str) -> Figure:
    """Read `payer=1,234.56USD` or, of one invoice, `payer/INV-7=1234.56`. Raises CostsError."""
    where, found, given = text.partition("=")
    source, _, invoice = where.strip().partition("/")
    match = AMOUNT.fullmatch(given.strip())
    if not found or not source or match is None:
        message = f"“{text}” is no figure: write SOURCE=AMOUNT and the currency, for example payer=1234.56USD."
        raise CostsError(message)
    amount = Decimal(match["amount"].replace(",", ""))
    return Figure(source, amount, match["currency"], invoice=invoice or None)


def compare(
    figure: Figure, parts: Sequence[Part], *, open_since: date | None = None, last_use: date | None = None
) -> Comparison:
    """Hold a figure against our charges of its source and currency.

    `open_since` is the first day that was not complete yet when we read the bill, `last_use` the last day of which we
    hold any usage if that is not the billing period's last; each only where there is one.
    """
    mine = [one for one in parts if figure.invoice in {None, one.invoice}]
    ours = total(_amount(one, figure.metric) for one in mine)
    residual = EXACT.subtract(ours, figure.amount)
    if abs(residual) <= EQUAL:
        return Comparison(figure, ours, ())
    return Comparison(
        figure, ours, tuple(_causes(residual, figure, mine) or [_unnamed(residual, open_since, last_use)])
    )


def _amount(one: Part, metric: Metric) -> Decimal:
    return one.sums.effective if metric is Metric.EFFECTIVE else one.sums.billed


def _unnamed(residual: Decimal, open_since: date | None, last_use: date | None) -> Cause:
    if open_since is not None:
        return Cause(f"the month was still open: days from {open_since} on were not complete", residual, explained=True)
    hint = f": we hold no usage after {last_use}, is the bill whole?" if last_use else ""
    return Cause(f"unexplained{hint}", residual, explained=False)


def _causes(residual: Decimal, figure: Figure, parts: Sequence[Part]) -> list[Cause]:
    """Return the fewest kinds of charges that make up the residual; nothing if none do."""
    if figure.metric is Metric.EFFECTIVE and any(one.assumed for one in parts):
        return [Cause("our source gives no EffectiveCost: ours is what was billed", residual, explained=True)]
    kinds = _kinds(parts, figure.metric)
    for count in range(len(kinds) + 1):
        for names in combinations(kinds, count):
            found = [Cause(f"the figure has no {name}", kinds[name], explained=True) for name in names]
            if (rest := _rounded(residual, found)) is not None:
                return [*found, *rest]
    for name, amount in _wholes(parts, figure).items():
        found = [Cause(name, amount, explained=True)]
        if (rest := _rounded(residual, found)) is not None:
            return [*found, *rest]
    return []


def _rounded(residual: Decimal, found: Sequence[Cause]) -> list[Cause] | None:
    """Return what is left as rounding to the cent, if it is no more than that."""
    rest = EXACT.subtract(residual, total(one.amount for one in found))
    if abs(rest) > HALF_A_CENT:
        return None
    return [Cause("rounding to the cent", rest, explained=True)] if rest else []


def _kinds(parts: Sequence[Part], metric: Metric) -> dict[str, Decimal]:
    """Return what a figure may leave out, by name: no charge is in two of them."""
    sums: dict[str, list[Decimal]] = {}
    for one in parts:
        if name := _kind(one):
            sums.setdefault(name, []).append(_amount(one, metric))
    return {name: amount for name, each in sums.items() if (amount := total(each))}


def _kind(one: Part) -> str | None:
    if one.correction:
        return "corrections"
    if one.category in ("Tax", "Credit", "Adjustment"):
        return {"Tax": "tax", "Credit": "credits", "Adjustment": "adjustments"}[one.category]
    if one.category == "Purchase":
        return "purchases of commitments" if one.commitment else "other purchases"
    return None


def _wholes(parts: Sequence[Part], figure: Figure) -> dict[str, Decimal]:
    """Return other reasons why a figure may be another: the wrong metric, or one of several invoices."""
    billed, effective = (total(_amount(one, metric) for one in parts) for metric in (Metric.BILLED, Metric.EFFECTIVE))
    if figure.metric is Metric.EFFECTIVE:
        refunded = total(one.sums.effective for one in parts if one.refund)
        refunded = EXACT.subtract(refunded, total(one.sums.billed for one in parts if one.refund))
        return {
            "the figure is what was billed, not the amortized cost": EXACT.subtract(effective, billed),
            "the figure takes refunds of commitments off what was used": refunded,
        }
    reasons = {"the figure is the amortized cost, not what was billed": EXACT.subtract(billed, effective)}
    invoices = sorted({one.invoice for one in parts if one.invoice})
    for invoice in invoices if len({one.invoice for one in parts}) > 1 else ():
        reasons[f"the figure is that of the invoice {invoice} alone"] = total(
            one.sums.billed for one in parts if one.invoice != invoice
        )
    return reasons
