"""A statement in words and figures, for a person who is tired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from finops.reconcile import Balance, Cause, Comparison, Statement

WIDTH, COLUMN = 40, 25
DIGITS = 12
"""Decimals that are shown where there are any: as far as totals have to agree."""
MARKS = {True: "✓", False: "✗"}
LONGEST = 60
"""Characters of a commitment's id that are shown; its end tells it from others."""


def words(found: Statement) -> str:
    """Return the whole statement: the verdict first, then what it rests on, then what does not agree."""
    lines = (
        _verdict(found),
        *_held(found),
        *_bridge(found),
        *_balances(found.balances),
        *_invoices(found),
        *_comparisons(found),
    )
    return "\n".join(line.rstrip() for line in lines)


def _verdict(found: Statement) -> str:
    where = f"{found.source}, {found.period.start:%B %Y}, {found.currency}"
    if not found.explained:
        return f"✗ {where}: a difference is left unexplained"
    said = "reconciled" if found.comparisons else "consistent; no figure of the provider's to hold it against"
    note = f" (open: days from {found.open_since} on were not complete when it was read)" if found.open_since else ""
    return f"✓ {where}: {said}{note}"


def _held(found: Statement) -> Iterator[str]:
    yield f"{_heads('what each place holds', 'billed', 'effective')}{'charges':>11}"
    for one in found.held:
        count = f"{one.charges:>11,}" if one.charges is not None else ""
        yield f"    {one.place:<{WIDTH - 2}}{_money(one.billed)}{_money(one.effective)}{count}"
    if found.unread:
        yield f"    the files were not read again: {found.unread}"
    if not found.breaks:
        yield "    ✓ equal to 1e-12"
    yield from (_cause(one) for one in found.breaks)
    if found.hidden:
        yield "      where:"
        yield from (f"        {one.name:<{WIDTH - 6}}{_money(one.amount)}" for one in found.hidden)


def _bridge(found: Statement) -> Iterator[str]:
    bridge = found.bridge
    if bridge.assumed == bridge.charges:
        yield "  no bridge: this source gives no EffectiveCost, so billed cost stands in for it"
        return
    yield "  from billed to effective"
    steps = (
        ("billed", bridge.billed),
        ("- commitment purchases", -bridge.purchases),
        *((("+ their refunds", bridge.refunds),) if bridge.refunds else ()),
        ("+ used commitment", bridge.used),
        ("+ unused commitment", bridge.unused),
    )
    yield from (f"    {name:<{WIDTH - 2}}{_money(amount)}" for name, amount in steps)
    yield from (_cause(one) for one in bridge.causes)
    yield f"    {'= effective':<{WIDTH - 2}}{_money(bridge.effective)}  {MARKS[bridge.explained]}"
    if bridge.assumed:
        few = f"{bridge.assumed:,} of {bridge.charges:,} charges"
        yield f"    of {few} the source gives no EffectiveCost: billed cost stands in for it"


def _balances(balances: Sequence[Balance]) -> Iterator[str]:
    if balances:
        yield _heads("commitments, all months up to this one", "purchases", "used", "unused")
    for one in balances:
        known = one.commitment
        yield f"    …{known.id[-LONGEST:]}" if len(known.id) > LONGEST else f"    {known.id}"
        if known.assumed:
            yield f"    {'':<{WIDTH - 2}}{_money(known.purchases)}   what of it is used is not in this source"
            continue
        yield f"    {'':<{WIDTH - 2}}{_money(known.purchases)}{_money(known.used)}{_money(known.unused)}"
        less = " less refunds" if known.refunded else ""
        if known.refunded:
            yield f"    {'less refunds':<{WIDTH - 2}}{_money(-known.refunded)}"
        yield _cause(one.cause) if one.cause else f"    ✓ used + unused = purchases{less}"


def _invoices(found: Statement) -> Iterator[str]:
    yield _heads("invoices", "billed")
    for one in found.invoices:
        yield f"    {one.id or 'on no invoice':<{WIDTH - 2}}{_money(one.billed)}"


def _comparisons(found: Statement) -> Iterator[str]:
    if not found.comparisons:
        typed = f"--figure {found.source}=AMOUNT{found.currency}"
        yield f"  no figure of the provider's: type the invoice's with {typed}, or ask with --live"
        return
    yield _heads("the provider says", "theirs", "ours", "residual")
    for one in found.comparisons:
        yield f"    {_asked(one):<{WIDTH - 2}}{_money(one.figure.amount)}{_money(one.ours)}{_money(one.residual)}"
        yield from (_cause(each) for each in one.causes)
        if not one.causes:
            yield "    ✓ equal to 1e-12"


def _asked(one: Comparison) -> str:
    invoice = f", invoice {one.figure.invoice}" if one.figure.invoice else ""
    return f"{one.figure.origin}{invoice}"


def _cause(one: Cause) -> str:
    return f"    {MARKS[one.explained]} {one.name:<{WIDTH - 4}}{_money(one.amount)}"


def _heads(title: str, *names: str) -> str:
    """Return a head line; a name ends where the cents below it do."""
    return f"  {title:<{WIDTH}}" + "".join(f"{name}{'':<{DIGITS - 2}}".rjust(COLUMN) for name in names)


def _money(amount: Decimal) -> str:
    """Show cents, and further digits only where there are any, the points below each other."""
    whole, _, digits = f"{amount:,.{DIGITS}f}".partition(".")
    return f"{whole}.{digits.rstrip('0').ljust(2, '0').ljust(DIGITS)}".rjust(COLUMN)


def values(found: Statement) -> dict[str, Any]:
    """Return the statement as JSON's values: amounts are text."""
    bridge = found.bridge
    return {
        "source": found.source,
        "provider": found.provider,
        "billing_period": f"{found.period.start:%Y-%m}",
        "currency": found.currency,
        "explained": found.explained,
        "settled_through": found.settled_through and found.settled_through.isoformat(),
        "held": [
            {"place": one.place, "billed": f"{one.billed:f}", "effective": f"{one.effective:f}", "charges": one.charges}
            for one in found.held
        ],
        "not_read_again": found.unread,
        "breaks": _causes(found.breaks),
        "where": _causes(found.hidden),
        "bridge": {
            "billed": f"{bridge.billed:f}",
            "purchases": f"{bridge.purchases:f}",
            "refunds": f"{bridge.refunds:f}",
            "used": f"{bridge.used:f}",
            "unused": f"{bridge.unused:f}",
            "effective": f"{bridge.effective:f}",
            "residual": f"{bridge.residual:f}",
            "causes": _causes(bridge.causes),
            "charges": bridge.charges,
            "charges_without_effective_cost": bridge.assumed,
        },
        "commitments": [_commitment(one) for one in found.balances],
        "invoices": [{"id": one.id, "billed": f"{one.billed:f}", "charges": one.charges} for one in found.invoices],
        "figures": [_comparison(one) for one in found.comparisons],
    }


def _causes(causes: Sequence[Cause]) -> list[dict[str, Any]]:
    return [{"name": one.name, "amount": f"{one.amount:f}", "explained": one.explained} for one in causes]


def _commitment(one: Balance) -> dict[str, Any]:
    known = one.commitment
    return {
        "id": known.id,
        "purchases": f"{known.purchases:f}",
        "refunds": f"{known.refunded:f}",
        "used": None if known.assumed else f"{known.used:f}",
        "unused": None if known.assumed else f"{known.unused:f}",
        "left": None if known.assumed else f"{one.left:f}",
        "causes": _causes([one.cause] if one.cause else []),
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "origin": one.figure.origin,
        "metric": one.figure.metric.value,
        "invoice": one.figure.invoice,
        "theirs": f"{one.figure.amount:f}",
        "ours": f"{one.ours:f}",
        "residual": f"{one.residual:f}",
        "causes": _causes(one.causes),
    }
