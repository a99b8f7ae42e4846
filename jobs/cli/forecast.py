"""`costs forecast`: the days ahead, and the same for series that somebody brings along."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import click

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--series", "file", type=click.Path(path_type=Path), help="Parquet of unique_id, ds, y: forecast these instead."
)
@click.option("--horizon", type=int, default=30, show_default=True, help="Days ahead of each cutoff, 1 to 365.")
@click.option("--cutoff", "cutoffs", type=DAY, multiple=True, help="Last known day, as 2026-09-30; repeatable.")
@click.option("--models", default=None, help="Members, comma-separated; all by default.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the forecasts of --series go, as Parquet.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def forecast(
    *,
    file: Path | None,
    horizon: int,
    cutoffs: tuple[datetime, ...],
    models: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Tell what the days ahead will cost, with intervals, and how wrong such forecasts have been."""
    if file is None or out is None or not cutoffs:
        message = "--series needs --out and at least one --cutoff."
        raise click.UsageError(message)
    _of_series(file, horizon, [cutoff.date() for cutoff in cutoffs], _names(models), out, as_json=as_json)


def _names(models: str | None) -> tuple[str, ...]:
    from finops.forecasting.members import ALL, chosen  # noqa: PLC0415  a cold start imports only what it needs

    return ALL if models is None else chosen([name.strip() for name in models.split(",")])


def _of_series(
    file: Path, horizon: int, cutoffs: list[date], names: tuple[str, ...], out: Path, *, as_json: bool
) -> None:
    from jobs.forecasting import files, judged  # noqa: PLC0415  numpy and Arrow are slow to import

    made, refused = judged.forecasts(files.brought(file), horizon, cutoffs, names)
    rows = files.take_away(out, made)
    for problem in refused:
        click.echo(problem, err=True)
    for note in dict.fromkeys(one.note for _, one in made if one.note):
        click.echo(note, err=True)
    found = {"forecasts": len(made), "refused": len(refused), "rows": rows, "file": str(out)}
    click.echo(json.dumps(found) if as_json else f"{len(made)} forecasts, {rows} days, in {out}")
    if not made:
        raise SystemExit(1)
