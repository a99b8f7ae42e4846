"""`costs anomalies`: what is out of order in the ledger, and on each day of series that somebody brings along."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from jobs.cli import anomaly_rules


class Number(click.ParamType[Decimal]):
    """A plain number, as 0.25."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Read it, or say what was expected."""
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            self.fail(f"“{value}” is no number: write it as 0.25.", param, ctx)
        return found


AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="All that was ever found, not only of the last 30 days.")
@click.option("--series", "file", type=click.Path(path_type=Path), help="A Parquet or CSV file of unique_id, ds, y.")
@click.option("--last", type=int, default=120, show_default=True, help="With --series: days judged of each.")
@click.option("--out", type=click.Path(path_type=Path),
              help="With --series: where the days go, as Parquet or CSV by its ending.")  # fmt: skip
@click.option("--rate", type=Number(), default="0.25", show_default=True,
              help="With --series: false alarms put up with a month.")  # fmt: skip
@click.option("--share", type=Number(), default="0.10", show_default=True,
              help="With --series: of the daily level; less is no alarm.")  # fmt: skip
@click.option("--amount", type=Number(), default="0", show_default=True,
              help="With --series: a day; less is no alarm.")  # fmt: skip
@AS_JSON
@click.pass_context
def anomalies(
    context: click.Context, /, *, everything: bool, file: Path | None, last: int, out: Path | None, rate: Decimal,
    share: Decimal, amount: Decimal, as_json: bool,
) -> None:  # fmt: skip
    """List what is out of order, or judge each of the last days of series of your own by what was known that day."""
    if context.invoked_subcommand is not None:
        return
    if file is None and out is None:
        _listed(everything=everything, as_json=as_json)
        return
    if file is None or out is None:
        message = "--series and --out belong together: a file of series, and where their judged days go."
        raise click.UsageError(message)
    _judge(file, last, out, {"rate": rate, "share": share, "amount": amount}, as_json=as_json)


@anomalies.command()
@click.argument("anomaly")
@AS_JSON
def show(*, anomaly: str, as_json: bool) -> None:
    """Tell all of one event: its id, or how that begins, as `costs anomalies` lists it."""
    from jobs.anomalies import listed  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    found = listed.one(anomaly)
    click.echo(json.dumps(found.values(), ensure_ascii=False, indent=2) if as_json else found.told())


def _listed(*, everything: bool, as_json: bool) -> None:
    from jobs.anomalies import listed  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    found = listed.known(everything=everything)
    if as_json:
        click.echo(json.dumps([one.values() for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(one.line())
    if not found:
        days = "" if everything else f" in the last {listed.DAYS} days; --all lists what was before"
        click.echo(f"Nothing was out of order{days}. `costs run anomalies` looks again.")


def _judge(file: Path, last: int, out: Path, floors: dict[str, Decimal], *, as_json: bool) -> None:
    from finops.anomalies.series import Sensitivity  # noqa: PLC0415  numpy and Arrow are slow to import
    from jobs.anomalies import judged  # noqa: PLC0415
    from jobs.forecasting import files  # noqa: PLC0415

    found, count, refused = judged.days(files.brought(file), last, Sensitivity(**floors))
    for problem in refused:
        click.echo(problem, err=True)
    if not count:
        click.echo(f"{file} holds no series that can be judged, so nothing was written.", err=True)
        raise SystemExit(1)
    judged.take_away(out, found)
    alarms = sum(row["alarm"] for row in found)
    told = {"series": count, "refused": len(refused), "days": len(found), "alarms": alarms, "file": str(out)}
    click.echo(json.dumps(told) if as_json else f"{count} series, {len(found)} days, {alarms} alarms, in {out}")


for command in (anomaly_rules.replay, anomaly_rules.feedback, anomaly_rules.precision):
    anomalies.add_command(command)
