"""One statement a source and currency: asked of files, lake, ledger and provider, judged by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy.orm import Session

from finops.errors import CostsError
from finops.periods import ONE_DAY, Period
from finops.reconcile import (
    Balance,
    Cause,
    Figure,
    Held,
    Invoice,
    Part,
    Statement,
    add,
    balance,
    breaks,
    bridge,
    compare,
    hidden,
    open_since,
    worst,
)
from jobs.bills.tables import Workbench, workbench
from jobs.reconcile import held
from storage import reconcile as ledger
from storage.database import transaction
from storage.models import Delivery
from storage.reconcile import Loaded

LEDGER = "the ledger"


def statements(
    period: Period, *, source: str | None = None, figures: Sequence[Figure] = (), reread: bool = True
) -> list[Statement]:
    """Reconcile a billing period, one source after the other. Raises CostsError if there is nothing to reconcile."""
    found: list[Statement] = []
    with transaction() as session, workbench() as bench:
        sources = ledger.loaded(session, period, source)
        names = {one.source for one in sources}
        if not sources or (strange := next((one for one in figures if one.source not in names), None)) is not None:
            who = f" of the source “{strange.source if sources and strange else source}”" if sources or source else ""
            message = f"Nothing{who} is loaded for {period.start:%Y-%m}: `costs ingest` brings bills."
            raise CostsError(message)
        for one in sources:
            mine = [figure for figure in figures if figure.source == one.source]
            found += _of_source(session, bench, one, period, mine, reread=reread)
    return found


def _of_source(
    session: Session, bench: Workbench, one: Loaded, period: Period, figures: Sequence[Figure], *, reread: bool
) -> Iterator[Statement]:
    delivery = one.delivery
    parts = held.parts(bench, str(delivery.lake_address))
    read = held.reread(delivery.files, period.start, delivery.format) if reread else "it was not asked for"
    kept = ledger.totals(session, one.source_id, period.start)
    charged = _by_currency(figures, sorted(parts))
    changing = open_since(one.provider, period, loaded=delivery.loaded_at.date())
    ends = ledger.last_day(period, one.settled_through)
    last_use = ends if ends < period.end - ONE_DAY else None
    for currency in sorted(parts):
        places = _places(delivery, read, parts[currency], kept.get(currency), currency)
        broken = tuple(breaks(places))
        yield Statement(
            source=one.source,
            provider=one.provider,
            period=period,
            currency=currency,
            settled_through=one.settled_through,
            open_since=changing,
            held=places,
            unread=read if isinstance(read, str) else None,
            breaks=broken,
            hidden=_hidden(session, bench, one, currency) if any(LEDGER in each.name for each in broken) else (),
            bridge=bridge(parts[currency]),
            balances=tuple(_balances(session, one, period, parts[currency], currency)),
            invoices=tuple(_invoices(parts[currency])),
            comparisons=tuple(
                compare(each, parts[currency], open_since=changing, last_use=last_use) for each in charged[currency]
            ),
        )


def _by_currency(figures: Sequence[Figure], currencies: Sequence[str]) -> Mapping[str, list[Figure]]:
    """Sort figures by their currency; one without is of the only one there is. Raises CostsError."""
    found: dict[str, list[Figure]] = {currency: [] for currency in currencies}
    for one in figures:
        currency = one.currency or (currencies[0] if len(currencies) == 1 else "")
        if currency not in found:
            have = ", ".join(currencies)
            message = f"The figure {one.amount:f} {one.currency or ''} of {one.source} needs a currency it has: {have}."
            raise CostsError(message)
        found[currency].append(replace(one, currency=currency))
    return found


def _places(
    delivery: Delivery,
    read: held.Amounts | str,
    parts: Sequence[Part],
    kept: tuple[Decimal, Decimal, int] | None,
    currency: str,
) -> tuple[Held, ...]:
    lake, nothing = add(one.sums for one in parts), (Decimal(0), Decimal(0))
    noted, worth = (Decimal(amounts.get(currency, 0)) for amounts in (delivery.billed_cost, delivery.effective_cost))
    billed, effective, charges = kept or (*nothing, 0)
    files = [] if isinstance(read, str) else [Held("the files, read again", *read.get(currency, nothing), None)]
    return (
        *files,
        Held("the delivery's control total", noted, worth, delivery.rows if len(delivery.billed_cost) == 1 else None),
        Held("the lake", lake.billed, lake.effective, lake.charges),
        Held(LEDGER, billed, effective, charges),
    )


def _hidden(session: Session, bench: Workbench, one: Loaded, currency: str) -> tuple[Cause, ...]:
    before = held.by_day_and_service(bench, str(one.delivery.lake_address), currency)
    return hidden(before, ledger.by_day_and_service(session, one.source_id, one.delivery.billing_period, currency))


def _balances(session: Session, one: Loaded, period: Period, parts: Sequence[Part], currency: str) -> Iterator[Balance]:
    """Return the balance of every commitment that has charges in the period, or that is not settled."""
    days = ledger.span(session, one.source_id, period.end) or period
    through = ledger.last_day(period, one.settled_through)
    assumed = {part.commitment for part in parts if part.assumed}
    here = {part.commitment for part in parts}
    known = [found for of, found in ledger.commitments(session, one.source_id, period.end) if of == currency]
    judged = [balance(replace(each, assumed=each.id in assumed), ledger=days, through=through) for each in known]
    yield from worst([each for each in judged if each.commitment.id in here or not each.explained])


def _invoices(parts: Sequence[Part]) -> Iterator[Invoice]:
    for name in sorted({one.invoice for one in parts}, key=lambda name: (name is None, name)):
        sums = add(one.sums for one in parts if one.invoice == name)
        yield Invoice(name, sums.billed, sums.charges)
