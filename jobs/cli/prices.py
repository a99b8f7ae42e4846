"""`costs prices`: list prices, and what the customer's own bill says instead."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.errors import CostsError

if TYPE_CHECKING:
    from finops.prices import Price

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
AMOUNTS = {
    "on_demand": "on demand",
    "spot": "spot",
    "commitment_1y": "commitment, 1 year",
    "commitment_3y": "commitment, 3 years",
}


@click.group()
def prices() -> None:
    """Keep list prices; the rates of one's own bill always come before them."""


@prices.command(name="import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@AS_JSON
def load(*, paths: tuple[Path, ...], as_json: bool) -> None:
    """Read price lists of AWS (offer files), Azure (Retail Prices) or Google (SKUs); without PATHS the shipped ones."""
    from jobs.prices import files, snapshot  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415
    from storage import prices as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    if paths:
        count = files.load(paths)
    else:
        with transaction() as session:
            count = kept.save(session, snapshot.read())
    click.echo(json.dumps({"prices": count}) if as_json else f"{count:,} prices")


@prices.command()
@click.argument("provider", type=click.Choice(["aws", "azure", "gcp"]))
@click.argument("region")
@click.argument("name", metavar="TYPE")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As of this day; else today.")
@AS_JSON
def show(*, provider: str, region: str, name: str, at: datetime | None, as_json: bool) -> None:
    """Say what an instance type (or SKU) costs in a region, and who says so."""
    from jobs.prices import snapshot  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415
    from storage import prices as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    day: date = (at or datetime.now(UTC)).date()
    with transaction() as session:
        snapshot.ensure(session)
        found = kept.price(session, provider, region, name, day)
    if found is None:
        message = f"No price of {name} in {region} is known as of {day}: `costs prices import` reads price lists."
        raise CostsError(message)
    click.echo(json.dumps(_values(found), indent=2) if as_json else _words(found))


def _values(found: Price) -> dict[str, object]:
    amounts = {name: getattr(found, name) for name in (*AMOUNTS, "vcpu", "memory_gib")}
    return {
        "provider": found.provider,
        "region": found.region,
        "sku": found.sku,
        "instance_type": found.instance_type,
        **{name: None if value is None else f"{value:f}" for name, value in amounts.items()},
        "currency": found.currency,
        "unit": found.unit,
        "valid_from": str(found.valid_from),
        "source": found.source,
        "billed": found.billed,
    }


def _words(found: Price) -> str:
    size = [f"{found.vcpu.normalize():f} vCPU"] if found.vcpu else []
    size += [f"{found.memory_gib.normalize():f} GiB"] if found.memory_gib else []
    head = f"{found.instance_type or found.sku} in {found.region}" + (f" ({', '.join(size)})" if size else "")
    lines = [f"{head}, {found.currency} per {found.unit}:"]
    for name, words in AMOUNTS.items():
        value = getattr(found, name)
        own = "  your own bill's rate" if found.billed and name == "on_demand" else ""
        lines.append(f"  {words:<20} {'not known' if value is None else f'{value.normalize():f}'}{own}")
    return "\n".join([*lines, f"From {found.valid_from}, by {found.source}."])
