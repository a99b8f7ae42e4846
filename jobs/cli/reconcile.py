"""`costs reconcile`: our totals beside the provider's own, and the residual by cause."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--period", required=True, help="Billing period, for example 2026-09.")
@click.option("--source", default=None, help="Only this source.")
@click.option(
    "--figure",
    "figures",
    multiple=True,
    metavar="SOURCE[/INVOICE]=AMOUNT[CUR]",
    help="What the provider says it cost, typed from the invoice; may be given several times.",
)
@click.option("--live", is_flag=True, help="Ask the providers of the list of sources for their own sums.")
@click.option("--quick", is_flag=True, help="Do not read the bills' files again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reconcile(
    *, period: str, source: str | None, figures: tuple[str, ...], live: bool, quick: bool, as_json: bool
) -> None:
    """Hold our totals against the provider's own. Exit 1 if a difference is left unexplained."""
    from finops.periods import Period  # noqa: PLC0415  a cold start imports only what it needs
    from finops.reconcile import parse  # noqa: PLC0415

    month, typed = Period.billing(period), [parse(one) for one in figures]
    from jobs.reconcile import wording  # noqa: PLC0415  DuckDB and SQLAlchemy are slow to import
    from jobs.reconcile.statements import statements  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    if live:
        from jobs.reconcile.live import figures as ask  # noqa: PLC0415  only for those who ask a cloud

        typed += ask(month, source)
    found = statements(month, source=source, figures=typed, reread=not quick)
    if as_json:
        click.echo(json.dumps([wording.values(one) for one in found], indent=2))
    else:
        click.echo("\n\n".join(wording.words(one) for one in found))
    if not all(one.explained for one in found):
        raise SystemExit(1)
