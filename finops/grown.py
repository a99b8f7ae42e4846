"""Why costs grew, as a table that a manager reads: each reason in money, with the services that it is most of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from finops.growth import WORDS, Growth, Use, by_service, overall, services
from finops.money import EXACT, Money
from finops.periods import Period
from finops.tables import TOO_FEW, Cell, Change, Table, Titled, days, missing
from finops.trend import ONE_OFF

NAMED = 3
"""Services named beneath a reason."""
NEW, GONE = "new", "gone"
SAID = {
    ("usage", True): "more used",
    ("usage", False): "less used",
    ("price", True): "the same at a higher price",
    ("price", False): "the same at a lower price",
    ("mix", True): "dearer items instead of cheaper ones",
    ("mix", False): "cheaper items instead of dearer ones",
}
"""By whether it costs more for it."""
ALTOGETHER = {NEW: " (a new service)", GONE: " (all of that service)"}
CENT = Decimal("0.005")
"""What is less is shown as nothing, so it is not shown."""


def table(before: Use, now: Use, change: Decimal, *, period: Period, currency: str, comparable: bool = True) -> Table:
    """Show the reasons of a change of all costs, which they add up to: what is no usage is one of them."""
    head = (f"Why it changed against {days(period)}", "Change")
    if not comparable:
        return Table(head, [(TOO_FEW, "")])
    whole, each = overall(before, now), by_service(before, now)
    wholly = dict(zip((NEW, GONE), services(before, now), strict=True))
    rows = [
        (Titled(_title(name, amount), _named(name, each, wholly, currency)), amount)
        for name, amount in whole.parts().items()
        if abs(amount) >= CENT
    ]
    rows.append((Titled(ONE_OFF, ""), EXACT.subtract(change, whole.change)))
    ranked = sorted(rows, key=lambda row: -abs(row[1]))
    return Table(head, [_row(title, amount, currency) for title, amount in ranked if abs(amount) >= CENT])


def _row(title: Titled, amount: Decimal, currency: str) -> tuple[Cell, Cell]:
    return title, Change(Money(amount, currency))


def _title(name: str, amount: Decimal) -> str:
    told = SAID.get((name, amount > 0), WORDS[name])
    return told[0].upper() + told[1:]


def _named(name: str, each: Mapping[str, Growth], wholly: Mapping[str, Mapping[str, Decimal]], currency: str) -> str:
    """Name the services that most of it is; of what is new or gone, those that are so altogether come first."""
    found = {service: growth.parts()[name] for service, growth in each.items()}
    known = wholly.get(name, {})
    ranked = sorted(found, key=lambda service: (service not in known, -abs(found[service]), service))
    marks = dict.fromkeys(known, ALTOGETHER.get(name, ""))
    told = [
        f"{service or missing('service')} {Change(Money(found[service], currency))}{marks.get(service, '')}"
        for service in ranked[:NAMED]
        if abs(found[service]) >= CENT
    ]
    more = sum(abs(amount) >= CENT for amount in found.values()) - len(told)
    return ", ".join([*told, *([f"{more} more services"] if more > 0 else [])])
