"""`costs anomalies`: what was out of order on each day of series that somebody brings along."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click


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


@click.command()
@click.option("--series", "file", type=click.Path(path_type=Path), required=True,
              help="A Parquet or CSV file of unique_id, ds, y.")  # fmt: skip
@click.option("--last", type=int, default=120, show_default=True, help="Days judged of each series.")
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="Where the days go, as Parquet or CSV by its ending.")  # fmt: skip
@click.option("--rate", type=Number(), default="0.25", show_default=True, help="False alarms put up with a month.")
@click.option("--share", type=Number(), default="0.10", show_default=True, help="Of the daily level: less is no alarm.")
@click.option("--amount", type=Number(), default="0", show_default=True, help="A day: less is no alarm.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def anomalies(
    *, file: Path, last: int, out: Path, rate: Decimal, share: Decimal, amount: Decimal, as_json: bool
) -> None:
    """Judge each of the last days of every series by what was known on that day."""
    from finops.anomalies.series import Sensitivity  # noqa: PLC0415  numpy and Arrow are slow to import
    from jobs.anomalies import judged  # noqa: PLC0415
    from jobs.forecasting import files  # noqa: PLC0415

    wanted = Sensitivity(rate=rate, share=share, amount=amount)
    found, count, refused = judged.days(files.brought(file), last, wanted)
    for problem in refused:
        click.echo(problem, err=True)
    if not count:
        click.echo(f"{file} holds no series that can be judged, so nothing was written.", err=True)
        raise SystemExit(1)
    judged.take_away(out, found)
    alarms = sum(row["alarm"] for row in found)
    told = {"series": count, "refused": len(refused), "days": len(found), "alarms": alarms, "file": str(out)}
    click.echo(json.dumps(told) if as_json else f"{count} series, {len(found)} days, {alarms} alarms, in {out}")
