"""`costs budgets`: those there are, and those that the clouds know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from finops.foreign import plain

if TYPE_CHECKING:
    from finops.budgets import Budget


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def budgets(ctx: click.Context, *, as_json: bool) -> None:
    """List the budgets of COSTS_HOME: `/cost budget` tells what is spent of each."""
    if ctx.invoked_subcommand:
        return
    from storage import budgets as kept  # noqa: PLC0415  a cold start imports only what it needs
    from storage.settings import settings  # noqa: PLC0415

    found = kept.budgets(settings().home)
    if as_json:
        click.echo(json.dumps([_values(one) for one in found], indent=2))
        return
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo(
            f"There is no budget yet: `costs budgets fetch`, or write {kept.YAML} into COSTS_HOME: {kept.EXAMPLE}"
        )


@budgets.command()
@click.option("--sources", type=click.Path(path_type=Path), help="The list of sources; else COSTS_SOURCES.")
@click.option("--save", is_flag=True, help="Add them to budgets.yaml; those that are there stay as they are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def fetch(sources: Path | None, *, save: bool, as_json: bool) -> None:
    """Ask Azure and Google Cloud for the budgets that were set there."""
    from jobs import limits  # noqa: PLC0415  as above
    from jobs.sources import entries  # noqa: PLC0415
    from storage import budgets as kept  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    found = [(one, one.budget) for one in limits.fetch(entries(sources or settings().sources_file))]
    taken = [budget for _, budget in found if budget]
    left = [(one, one.lacking or "it has no amount") for one, budget in found if not budget]
    added = kept.add(settings().home, taken) if save else []
    if as_json:
        told = {"budgets": [_values(one) for one in taken], "added": added}
        told["left_out"] = [{"source": one.source, "name": one.name, "because": why} for one, why in left]
        click.echo(json.dumps(told, indent=2))
        return
    for one in taken:
        click.echo(_line(one))
    for limit, why in left:
        click.echo(f"{plain(limit.name)} of {limit.source} is left out: {plain(why)}.")
    click.echo(_end(len(taken), added, save=save))


def _end(many: int, added: list[str], *, save: bool) -> str:
    if not many:
        return "No budget was found that can be kept here."
    if not save:
        return "Nothing is kept yet: --save adds them to budgets.yaml."
    return f"{len(added)} added to budgets.yaml; {many - len(added)} were there already."


def _line(one: Budget) -> str:
    whose = " and ".join(f"{word}={' or '.join(map(plain, values))}" for word, values in one.where.items())
    amount = f"{one.amount:,f} {one.currency or ''}".strip()
    return f"{plain(one.name):<24} {amount:>18} a month, {one.metric}  {whose or 'all costs'}"


def _values(one: Budget) -> dict[str, Any]:
    return one.model_dump(mode="json", exclude_defaults=True)
