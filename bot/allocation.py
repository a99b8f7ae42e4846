"""`costs allocation`: who a month's costs belong to, what is shared, and what nobody claims."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from finops.allocation import Allocation, Rule
    from finops.focus import Metric
    from finops.periods import Period

METRICS = ("effective", "billed", "list", "contracted")
CONTRIBUTORS = 5
NAME = 36


@click.command()
@click.argument("name", default="team")
@click.option("--period", metavar="MONTH", help="A month, as 2026-09; without it the month to date.")
@click.option("--metric", type=click.Choice(METRICS), default="effective", show_default=True)
@click.option("--currency", metavar="CUR", help="Without it the one with most spend.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def allocation(*, name: str, period: str | None, metric: str, currency: str | None, as_json: bool) -> None:
    """Divide a month's costs by NAME (team, owner, environment) and the rules of `allocation.yaml`."""
    from finops.focus import Metric  # noqa: PLC0415  a cold start imports only what it needs
    from finops.periods import Period  # noqa: PLC0415
    from finops.trend import NoChargesError, complete_through, month_to_date  # noqa: PLC0415
    from storage import charges, migrate  # noqa: PLC0415
    from storage.allocation import rules  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    ordered = rules(settings().home, name)
    asked = Period.billing(period) if period else None
    migrate.ensure()
    with transaction() as session:
        when = asked or month_to_date(complete_through(charges.settled_through(session)))[0]
        found = currency or charges.currency(session)
        if found is None:
            raise NoChargesError
        divided, without = _divide(session, ordered, when, found.upper(), Metric(f"{metric}_cost"))
    scope = {"by": name, "start": str(when.start), "end": str(when.end), "currency": found.upper(), "metric": metric}
    shown = json.dumps({**scope, **_values(divided, without)}, indent=2) if as_json else _words(scope, divided, without)
    click.echo(shown)


def _divide(
    session: Session, ordered: tuple[Rule, ...], when: Period, currency: str, metric: Metric
) -> tuple[Allocation, list[tuple[str, Decimal]]]:
    from finops import allocated  # noqa: PLC0415  as above
    from finops import allocation as rules  # noqa: PLC0415
    from storage import accounts, charges  # noqa: PLC0415

    by = allocated.grouping(ordered)
    sums = charges.sums(session, period=when, currency=currency, metric=metric, group_by=by)
    divided = rules.allocate(ordered, ((one.key, one.cost) for one in sums))
    return divided, rules.unclaimed(
        ordered,
        ((one.key, one.cost) for one in sums),
        about=allocated.ABOUT,
        top=CONTRIBUTORS,
        called=accounts.labels(session),
    )


def _values(divided: Allocation, without: list[tuple[str, Decimal]]) -> dict[str, object]:
    parts = [*divided.parts, divided.unallocated]
    return {
        "total": f"{divided.total:f}",
        "parts": [
            {
                "name": one.name,
                "cost": f"{one.cost:f}",
                "direct": f"{one.direct:f}",
                "shared": f"{one.shared:f}",
                "share": None if one.share is None else f"{one.share:.6f}",
            }
            for one in parts
        ],
        "shared": {name: f"{cost:f}" for name, cost in divided.pools.items()},
        "unallocated": [{"what": what, "cost": f"{cost:f}"} for what, cost in without],
    }


def _words(scope: dict[str, str], divided: Allocation, without: list[tuple[str, Decimal]]) -> str:
    from finops.foreign import middle  # noqa: PLC0415  as above
    from finops.money import Money  # noqa: PLC0415
    from finops.tables import Percent  # noqa: PLC0415

    currency = scope["currency"]
    lines = [f"{Money(divided.total, currency)} from {scope['start']} until {scope['end']}, by {scope['by']}:", ""]
    for one in (*divided.parts, divided.unallocated):
        shared = f"  of which shared {Money(one.shared, currency)}" if one.shared else ""
        cost = str(Money(one.cost, currency))
        lines.append(f"  {middle(one.name, NAME):<{NAME}}  {cost:>16}  {Percent(one.share)!s:>7}{shared}")
    if divided.pools:
        pools = ", ".join(f"{middle(name, NAME)} {Money(cost, currency)}" for name, cost in divided.pools.items())
        lines += ["", f"Shared and split: {pools}."]
    if without:
        lines += ["", "Most of what nobody claims (rules in allocation.yaml, or tags, would):"]
        lines += [f"  {Money(cost, currency)!s:>16}  {middle(what, 2 * NAME)}" for what, cost in without]
    return "\n".join(lines)
