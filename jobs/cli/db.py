"""`costs db`: the embedded database by hand."""

from __future__ import annotations

import json

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def db() -> None:
    """Start, stop, locate and upgrade the database."""


def _say(sentence: str, *, as_json: bool, **values: object) -> None:
    click.echo(json.dumps(values) if as_json else sentence)


@db.command()
@AS_JSON
def start(*, as_json: bool) -> None:
    """Start the embedded database and keep it running until `costs db stop`."""
    from storage import postgres  # noqa: PLC0415  a cold start imports only what it needs
    from storage.database import libpq  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    address = libpq(postgres.start(settings().home, keep=True))
    _say(f"Running: {address}", as_json=as_json, url=address)


@db.command()
@AS_JSON
def stop(*, as_json: bool) -> None:
    """Stop the embedded database, whoever uses it."""
    from storage import postgres  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    stopped = postgres.stop(settings().home)
    _say("Stopped." if stopped else "It was not running.", as_json=as_json, stopped=stopped)


@db.command()
@AS_JSON
def url(*, as_json: bool) -> None:
    """Print the database's address; the embedded one answers there while it is used, or after `costs db start`."""
    from storage import postgres  # noqa: PLC0415
    from storage.database import libpq  # noqa: PLC0415
    from storage.database import url as address  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    lasting = settings().database_url is not None or postgres.is_running(settings().home)
    found = libpq(address())
    _say(found, as_json=as_json, url=found)
    if not lasting:
        click.echo("Nothing uses it now, so it stops again: `costs db start` keeps it running.", err=True)


@db.command()
@AS_JSON
def upgrade(*, as_json: bool) -> None:
    """Bring the database to the newest schema (the Procfile's release)."""
    from storage import migrate  # noqa: PLC0415

    migrate.upgrade()
    _say("The schema is the newest.", as_json=as_json, upgraded=True)
