"""`costs rates`: exchange rates, for answers in another currency."""

from __future__ import annotations

import json
from pathlib import Path

import click

from finops.foreign import plain

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def rates() -> None:
    """Keep the exchange rates that `costs ask --in EUR` converts with."""


@rates.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--anyway", is_flag=True, help="Take its rates though others are kept of the same days, or they jump.")
@AS_JSON
def load(*, file: Path, anyway: bool, as_json: bool) -> None:
    """Read the ECB's eurofxref-hist.csv (or .zip), or a CSV file with date,base,quote,rate."""
    from jobs.rates import load as read  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    count = read(file, anyway=anyway)
    click.echo(json.dumps({"file": str(file), "rates": count}) if as_json else f"{file}: {count:,} rates")


@rates.command()
@AS_JSON
def show(*, as_json: bool) -> None:
    """List the newest rate of every pair, with its day and source."""
    from storage import migrate  # noqa: PLC0415
    from storage import rates as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        found = kept.newest(session)
    if as_json:
        values = [
            {"day": str(one.day), "base": one.base, "quote": one.quote, "rate": f"{one.value:f}", "source": one.source}
            for one in found
        ]
        click.echo(json.dumps(values, indent=2))
        return
    for one in found:
        click.echo(f"1 {one.base} = {one.value.normalize():>14f} {one.quote}  {one.day}  {plain(one.source)}")
    if not found:
        click.echo("No rates are kept: `costs rates import FILE` brings the ECB's eurofxref-hist.csv.")
