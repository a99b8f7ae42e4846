"""Everything that can be said of one source, billing period and currency, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.freshness import complete_through
from finops.periods import ONE_DAY, Period
from finops.reconcile.bridge import Bridge
from finops.reconcile.chain import Held
from finops.reconcile.commitments import Balance
from finops.reconcile.figures import Comparison
from finops.reconcile.parts import Cause


@dataclass(frozen=True, slots=True)
class Invoice:
    """What was billed on one invoice; `id` is empty for charges that are on none yet."""

    id: str | None
    billed: Decimal
    charges: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Our side, the provider's, and every difference by its cause."""

    source: str
    provider: str | None
    period: Period
    currency: str
    settled_through: date | None
    open_since: date | None
    """The first day that was not complete yet when it was loaded, if the billing period had one."""
    held: tuple[Held, ...]
    unread: str | None
    """Why the files were not read again, if they were not."""
    breaks: tuple[Cause, ...]
    hidden: tuple[Cause, ...]
    """Where ledger and lake differ most: day and service."""
    bridge: Bridge
    balances: tuple[Balance, ...]
    invoices: tuple[Invoice, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def explained(self) -> bool:
        """Whether no difference is left that needs a person."""
        judged: list[Cause | Bridge | Balance | Comparison] = [self.bridge, *self.breaks]
        judged += [*self.balances, *self.comparisons]
        return all(one.explained for one in judged)


def open_since(provider: str | None, period: Period, *, loaded: date) -> date | None:
    """Return the first day of a billing period that was not complete yet when it was loaded; nothing if all were."""
    complete = complete_through(provider, period.end - ONE_DAY, today=loaded)
    first = max(period.start, complete + ONE_DAY)
    return first if first < period.end else None
