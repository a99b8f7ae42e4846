"""`costs restatements`: days that a newer delivery told otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from storage.models import Restatement

WIDTH = 16


@click.command()
@click.option("--source", help="Only of this source.")
@click.option("--period", help="Only of this billing period, for example 2026-09.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restatements(*, source: str | None, period: str | None, as_json: bool) -> None:
    """List the days that a newer delivery told otherwise, the latest first."""
    from finops.money import total  # noqa: PLC0415  a cold start imports only what it needs
    from finops.periods import Period  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415
    from storage import restatements as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    month = Period.billing(period) if period else None
    migrate.ensure()
    with transaction() as session:
        found = kept.listed(session, source=source, period=month)
    if as_json:
        click.echo(json.dumps([_values(row, name) for row, name in found], indent=2))
        return
    if not found:
        click.echo("No day was told otherwise by a newer delivery.")
        return
    click.echo(
        f"{'WHEN (UTC)':<17} {'SOURCE':<20} {'PERIOD':<8} {'DAY':<11}{'WAS':>{WIDTH}}{'IS':>{WIDTH}}{'CHANGE':>{WIDTH}}"
    )
    for row, name in found:
        click.echo(_line(row, name))
    for currency in sorted({row.currency for row, _ in found}):
        changed = total(row.billed_after - row.billed_before for row, _ in found if row.currency == currency)
        click.echo(f"{'billed in all':<59}{_signed(changed, currency):>{3 * WIDTH}}")


def _line(row: Restatement, name: str) -> str:
    from finops.money import Money  # noqa: PLC0415  as above

    figures = [str(Money(each, row.currency)) for each in (row.billed_before, row.billed_after)]
    figures.append(_signed(row.billed_after - row.billed_before, row.currency))
    shown = "".join(f"{each:>{WIDTH}}" for each in figures)
    return f"{row.at:%Y-%m-%d %H:%M}  {name[:20]:<20} {row.billing_period:%Y-%m}  {row.day} {shown}"


def _signed(change: object, currency: str) -> str:
    from decimal import Decimal  # noqa: PLC0415  as above

    from finops.money import Money  # noqa: PLC0415

    amount = Decimal(str(change))
    return f"{'+' if amount >= 0 else ''}{Money(amount, currency)}"


def _values(row: Restatement, name: str) -> dict[str, str]:
    amounts = ("billed_before", "billed_after", "effective_before", "effective_after")
    known = {"source": name, "billing_period": f"{row.billing_period:%Y-%m}", "day": str(row.day)}
    known |= {"currency": row.currency, "at": row.at.isoformat()}
    return known | {each: f"{getattr(row, each):f}" for each in amounts}
