"""What became of promised savings, in words: of one after some days, and of all together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.money import Money, share, total
from finops.periods import ONE_DAY
from finops.recommendations.measuring import Saved, Unmeasured, Why, Windows
from finops.tables import days as shown
from finops.tables import percent

NOTHING = Decimal("0.005")
"""Less than half a cent is nothing."""


def sentence(windows: Windows, found: Saved | Unmeasured) -> str:
    """Say it: 7 days on: $412.00 saved of $450.00 promised (92 %)."""
    on = f"{windows.days} days on"
    if isinstance(found, Unmeasured):
        return f"{on}: {because(windows, found)}"
    return f"{on}: {achieved(found.saved, found.promised)}; {_costs(windows, found)}"


def achieved(saved: Money, promised: Money) -> str:
    """Hold what was saved against what was promised."""
    if abs(saved.amount) < NOTHING:
        return f"nothing saved of {promised} promised"
    if saved.amount < 0:
        return f"costs {-saved} more, and {promised} of saving was promised"
    part = share(saved.amount, promised.amount)
    return f"{saved} saved of {promised} promised" + (f" ({percent(part)})" if part is not None else "")


def _costs(windows: Windows, found: Saved) -> str:
    told = f"it cost {found.before} on {shown(windows.before)} and {found.after} on {shown(windows.after)}"
    if found.unused.amount < NOTHING:
        return told
    return f"{told}, and {found.unused} of commitments that covered it is used by nothing else"


def because(windows: Windows, found: Unmeasured) -> str:
    """Say why there is no number, and what it waits for."""
    before, after = shown(windows.before), shown(windows.after)
    last = shown_day(windows.after.end - ONE_DAY)
    if found.why is Why.NOT_SETTLED:
        now = f" (now {shown_day(date.fromisoformat(found.detail))})" if found.detail else ""
        return f"measured once its bills are settled through {last}{now}"
    if found.why is Why.NOT_COLLECTED:
        day = shown_day(date.fromisoformat(found.detail))
        return f"not measured, as no bill of {day} was collected: {before} is compared with {after}"
    if found.why is Why.NOT_BILLED:
        return f"not measured, as no bill names a cost of this resource on {before}"
    if found.why is Why.CURRENCY:
        return f"not measured, as it is billed in {found.detail}, too, and the promise was made in another currency"
    change = Decimal(found.detail)
    more = "longer" if change > 0 else "shorter"
    ran = f"it ran {percent(abs(change))} {more} on {after} than on {before}"
    return f"not measured, as {ran}, so that the costs say nothing about its size"


def shown_day(day: date) -> str:
    """Show a day: 1 Nov 2026."""
    return f"{day:%-d %b %Y}"


@dataclass(frozen=True, slots=True)
class Record:
    """One carried-out saving: what was promised a month, and the longest window that was measured."""

    monthly: Money
    days: int = 0
    saved: Money | None = None
    promised: Money | None = None
    """Of the same days."""


def together(records: Iterable[Record]) -> list[str]:
    """Say what became of all that was carried out, a line a currency; nothing where nothing was."""
    known = list(records)
    return [_line([one for one in known if one.monthly.currency == each]) for each in _currencies(known)]


def _currencies(records: Iterable[Record]) -> list[str]:
    return sorted({one.monthly.currency for one in records})


def _line(records: list[Record]) -> str:
    currency = records[0].monthly.currency
    monthly = Money(total(one.monthly.amount for one in records), currency)
    many = f"{len(records)} saving{'s' if len(records) > 1 else ''} carried out, {monthly} a month promised"
    done = [(one.days, one.saved, one.promised) for one in records if one.saved and one.promised]
    if not done:
        return f"{many}; none is measured yet"
    saved, promised = (Money(total(one.amount for one in each), currency) for each in list(zip(*done, strict=True))[1:])
    spans = sorted({days for days, _, _ in done})
    over = f"{spans[0]} days" if len(spans) == 1 else f"{spans[0]} to {spans[-1]} days"
    some = f"{len(done)} " if len(records) > len(done) else ""
    return f"{many}; {some}measured over {over}: {achieved(saved, promised)}"
