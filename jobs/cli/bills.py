"""`costs ingest` and `costs export`: bills in, FOCUS out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.errors import CostsError

if TYPE_CHECKING:
    from jobs.bills.results import Ingested

FORMATS = ("auto", "focus", "aws-cur", "aws-cur2", "azure-export", "gcp-export")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("format", type=click.Choice(FORMATS))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", required=True, help="Name of where these bills come from, for example `payer`.")
@click.option(
    "--anyway", is_flag=True, help="Load it though it is smaller, older, loaded before or of another account."
)
@AS_JSON
def ingest(*, format: str, paths: tuple[Path, ...], source: str, anyway: bool, as_json: bool) -> None:  # noqa: A002
    """Read bills: files or folders of one source, each billing period replaced as a whole."""
    from jobs.bills.guarded import ingest as read  # noqa: PLC0415  SQLAlchemy is slow to import
    from jobs.names import note  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    with _shown() as show:
        done = read(format, paths, source=source, anyway=anyway, progress=show)
    note(done)
    click.echo(json.dumps(_values(done), indent=2) if as_json else _words(done))
    if done.rejected:
        first = done.rejected[0]
        message = (
            f"{source}, {first.billing_period}: rejected, {first.reason}. What was loaded of it stays; "
            "give all files of the month together, or --anyway if this is what the month really is."
        )
        raise CostsError(message)


@contextmanager
def _shown() -> Iterator[Callable[[str], None] | None]:
    """Show the step that is being worked on, where somebody looks on."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  only for people

    with Console(stderr=True).status("opening") as status:
        yield status.update


def _values(done: Ingested) -> dict[str, object]:
    from jobs.bills.results import texts  # noqa: PLC0415  SQLAlchemy is slow to import

    return {
        "source": done.source,
        "format": done.format,
        "periods": [
            {
                "billing_period": each.billing_period,
                "rows": each.rows,
                "billed_cost": texts(each.billed_cost),
                "effective_cost": texts(each.effective_cost),
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
@click.option("--verbatim", is_flag=True, help="In CSV, leave text as it is though a spreadsheet would run it.")
@AS_JSON
def focus(*, period: str, out: Path, source: str | None, verbatim: bool, as_json: bool) -> None:
    """Write a billing period as FOCUS 1.2."""
    from jobs.bills.export import focus as write  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    done = write(period, out, source=source, verbatim=verbatim)
    if as_json:
        click.echo(json.dumps({"file": str(out), "rows": done.rows, "marked": done.marked}))
        return
    click.echo(f"{out}: {done.rows:,} rows")
    if done.marked:
        cells = "a cell begins" if done.marked == 1 else f"{done.marked:,} cells begin"
        click.echo(f"  {cells} like a formula and got an apostrophe; --verbatim, or Parquet, leaves text as it is")
