"""`costs ingest` and `costs export`: bills in, FOCUS out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.errors import CostsError

if TYPE_CHECKING:
    from jobs.bills.ingest import Ingested

FORMATS = ("auto", "focus", "aws-cur", "aws-cur2", "azure-export", "gcp-export")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("format", type=click.Choice(FORMATS))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", required=True, help="Name of where these bills come from, for example `payer`.")
@click.option("--allow-shrunk", is_flag=True, help="Accept a delivery with far fewer rows than the one it replaces.")
@AS_JSON
def ingest(*, format: str, paths: tuple[Path, ...], source: str, allow_shrunk: bool, as_json: bool) -> None:  # noqa: A002
    """Read bills: files or folders of one source, each billing period replaced as a whole."""
    from jobs.bills.ingest import ingest as read  # noqa: PLC0415  DuckDB is slow to import
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    show = (lambda step: click.echo(f"· {step}", err=True)) if sys.stderr.isatty() else None
    done = read(format, paths, source=source, allow_shrunk=allow_shrunk, progress=show)
    click.echo(json.dumps(_values(done), indent=2) if as_json else _words(done))
    if done.rejected:
        first = done.rejected[0]
        message = (
            f"{source}, {first.billing_period}: rejected, {first.reason}. The ledger is as it was; "
            "give all files of the month together, or --allow-shrunk if the month really became smaller."
        )
        raise CostsError(message)


def _values(done: Ingested) -> dict[str, object]:
    from jobs.bills.ingest import plain  # noqa: PLC0415

    return {
        "source": done.source,
        "format": done.format,
        "periods": [
            {
                "billing_period": each.billing_period,
                "rows": each.rows,
                "billed_cost": {currency: plain(amount) for currency, amount in each.billed_cost.items()},
                "effective_cost": {currency: plain(amount) for currency, amount in each.effective_cost.items()},
                "fingerprint": each.fingerprint,
                "status": each.status,
                **({"reason": each.reason} if each.reason else {}),
            }
            for each in done.periods
        ],
        **({"lacks": list(done.lacks)} if done.lacks else {}),
    }


def _words(done: Ingested) -> str:
    from finops.money import Money  # noqa: PLC0415

    lines = [f"{done.source}: {done.format}"]
    for each in done.periods:
        amounts = ", ".join(str(Money(amount, currency)) for currency, amount in each.billed_cost.items())
        why = f" ({each.reason})" if each.reason else ""
        lines.append(f"  {each.billing_period}  {each.status:<9} {each.rows:>9,} rows  {amounts}{why}")
    if not done.periods:
        lines.append("  no charges in it; nothing to load")
    lines += [f"  this format has no {name}: billed cost stands in for it" for name in done.lacks]
    return "\n".join(lines)


@click.group()
def export() -> None:
    """Write what the lake holds in an open format."""


@export.command()
@click.option("--period", required=True, help="Billing period, for example 2026-09.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .parquet or .csv.")
@click.option("--source", default=None, help="Only this source.")
@AS_JSON
def focus(*, period: str, out: Path, source: str | None, as_json: bool) -> None:
    """Write a billing period as FOCUS 1.2."""
    from jobs.bills.export import focus as write  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    rows = write(period, out, source=source)
    click.echo(json.dumps({"file": str(out), "rows": rows}) if as_json else f"{out}: {rows:,} rows")
