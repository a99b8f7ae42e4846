"""`costs resources`: what discovery found, what it costs, and how much of it is used."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
TOP = 50


@click.group(invoke_without_command=True)
@click.option("--provider", multiple=True, help="aws, azure or gcp; this and the next ones may be given several times.")
@click.option("--account", multiple=True, help="A name or an id.")
@click.option("--region", multiple=True)
@click.option("--type", "kind", multiple=True, help="machine, disk, database, …")
@click.option("--state", multiple=True, help="running, stopped, attached, unattached, …")
@click.option("--tag", "tags", multiple=True, metavar="KEY[=VALUE]", help="Of several, all have to be there.")
@click.option("--all", "everything", is_flag=True, help="Also what is gone from the cloud.")
@click.option("--top", type=click.IntRange(min=1), help=f"How many; in words {TOP} by default, as JSON all.")
@AS_JSON
@click.pass_context
def resources(
    context: click.Context, /, *, kind: tuple[str, ...], tags: tuple[str, ...], everything: bool, top: int | None,
    as_json: bool, **columns: tuple[str, ...],
) -> None:  # fmt: skip
    """List what the clouds' inventories hold, the dearest first."""
    if context.invoked_subcommand:
        return
    from jobs.resources import held, values, wording  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415
    from storage.holdings import Wanted  # noqa: PLC0415

    migrate.ensure()
    wanted = Wanted({**columns, "type": kind}, _pairs(tags), closed=everything)
    found = held.find(wanted, top=top or (None if as_json else TOP))
    _say(values.listing(found) if as_json else list(wording.lines(found)))


@resources.command()
@click.argument("id")
@AS_JSON
def show(*, id: str, as_json: bool) -> None:  # noqa: A002  what people call it
    """Tell everything of one: the key, id or name of it, or how one of these begins."""
    from jobs.resources import held, values, wording  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    found = held.one(id)
    _say(values.portrait(found) if as_json else list(wording.portrait(found)))


def _pairs(tags: tuple[str, ...]) -> list[tuple[str, str | None]]:
    return [(key, value if equals else None) for key, equals, value in (tag.partition("=") for tag in tags)]


def _say(found: Mapping[str, object] | list[str]) -> None:
    click.echo("\n".join(found) if isinstance(found, list) else json.dumps(found, indent=2))
