"""`costs outlets`: other ways out than Slack, and whether they work."""

from __future__ import annotations

import json

import click

TEXT = "This is a test of Costs: whoever reads it will be told of costs here."


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def outlets(ctx: click.Context, *, as_json: bool) -> None:
    """List the outlets of outlets.yaml in COSTS_HOME: what each is and is told, and nothing of its address."""
    if ctx.invoked_subcommand:
        return
    from storage import outlets as known  # noqa: PLC0415  a cold start imports only what it needs
    from storage.settings import settings  # noqa: PLC0415

    found = known.outlets(settings().home)
    if as_json:
        values = [{"name": one.name, "kind": one.kind, "tells": list(one.tells), "where": one.where} for one in found]
        click.echo(json.dumps(values, indent=2))
        return
    for one in found:
        click.echo(f"{one.name:<20} {one.kind:<12} {', '.join(one.tells) or 'nothing by itself'}")
    if not found:
        click.echo(f"There are no outlets: write {known.FILE} into COSTS_HOME. {known.EXAMPLE}")


@outlets.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def test(*, name: str, as_json: bool) -> None:
    """Send a line to one of them, at once."""
    from jobs import deliver  # noqa: PLC0415  as above
    from storage import outlets as known  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    outlet = known.named(settings().home, name)
    receipt = deliver.to_outlet(outlet, key=f"test of {name}", title="Costs: a test", text=TEXT)
    if as_json:
        click.echo(json.dumps({"outlet": name, "kind": outlet.kind, "taken": True}))
        return
    where = f": {receipt['file']}" if "file" in receipt else ""
    click.echo(f"The outlet {name} ({outlet.kind}) took it{where}.")
