"""`costs forecast`: the days ahead, and the same for series that somebody brings along."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jobs.cli import forecast_models

if TYPE_CHECKING:
    from finops.forecasting.results import ForecastResult

NAME = 48
DAY = click.DateTime(["%Y-%m-%d"])


@click.group(invoke_without_command=True)
@click.option("--days", type=int, default=30, show_default=True, help="Days ahead, at least to the end of the month.")
@click.option("--by", default="service", show_default=True, help="Parts told apart: service, account, team, tag:KEY, …")
@click.option("--where", "where", multiple=True, help="Only these charges, as account=payments-prod; repeatable.")
@click.option("--currency", default=None, help="Only charges in it; by default the one with most spend.")
@click.option("--budget", default=None, help="Of the month, as 12000.00: how probably it is exceeded.")
@click.option("--models", default=None, help="Members, comma-separated; else those of the version in use.")
@click.option("--series", "file", type=click.Path(path_type=Path), help="Instead: a Parquet file of unique_id, ds, y.")
@click.option("--horizon", type=int, default=30, show_default=True, help="With --series: days ahead of each cutoff.")
@click.option("--cutoff", "cutoffs", type=DAY, multiple=True, help="With --series: the last known day; repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="With --series: where its forecasts go, as Parquet.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def forecast(
    context: click.Context,
    /,
    *,
    days: int,
    by: str,
    where: tuple[str, ...],
    currency: str | None,
    budget: str | None,
    models: str | None,
    file: Path | None,
    horizon: int,
    cutoffs: tuple[datetime, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Tell what the days ahead will cost, with intervals, and how wrong such forecasts have been."""
    if context.invoked_subcommand is not None:
        return
    names = _names(models)
    if file is None:
        asked = {"days": days, "by": by, "where": where, "currency": currency, "budget": _money(budget)}
        _of_ledger(asked, names if models else None, as_json=as_json)
        return
    if out is None or not cutoffs:
        message = "--series needs --out and at least one --cutoff."
        raise click.UsageError(message)
    _of_series(file, horizon, [cutoff.date() for cutoff in cutoffs], names, out, as_json=as_json)


def _money(text: str | None) -> str | None:
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415

    try:
        amount = None if text is None else Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is not None and not amount.is_finite():
        message = f"“{text}” is no amount: write it as 12000.00."
        raise click.BadParameter(message)
    return text


def _of_ledger(asked: dict[str, Any], names: tuple[str, ...] | None, *, as_json: bool) -> None:
    from finops.forecasting import results  # noqa: PLC0415  a cold start imports only what it needs
    from jobs import forecast as job  # noqa: PLC0415
    from storage import migrate  # noqa: PLC0415
    from storage.artifacts import link  # noqa: PLC0415

    migrate.ensure()
    done = job.make(**asked, models=list(names) if names else None)
    found = job.result(done)
    if as_json:
        shown = {"run": str(done.run_id), "evidence": link(done.page)} | found.model_dump(mode="json")
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(results.headline(found))
    _show_parts(found)
    for what, figure in results.measured(found):
        click.echo(f"{what}: {figure}")
    click.echo(f"Model: {results.made_by(found.whole)}.")
    click.echo(f"Evidence: {link(done.page)}")


def _show_parts(found: ForecastResult) -> None:
    from finops.foreign import shortened  # noqa: PLC0415  as above
    from finops.money import Money  # noqa: PLC0415

    rows = (found.whole, *found.parts)
    names = [shortened(one.name, NAME) for one in rows]
    for name, one in zip(names, rows, strict=True):
        amounts = [str(Money(cost, found.currency)) for cost in (one.whole.expected, *one.whole.between(80))]
        click.echo(f"  {name:<{max(map(len, names))}}  {amounts[0]:>14}  ({amounts[1]} to {amounts[2]})")


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


forecast.add_command(forecast_models.models)
