"""`costs workspaces`: which Slack workspaces may ask, and the keys that guard their tokens."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING, Any

import click

from finops.errors import BadSettingError
from finops.foreign import plain

if TYPE_CHECKING:
    from storage.models import Workspace

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def workspaces() -> None:
    """Say which Slack workspaces may ask, where there is more than SLACK_BOT_TOKEN's own."""


def _values(row: Workspace) -> dict[str, Any]:
    return {
        "workspace": row.workspace, "name": row.name, "state": row.state.value, "installed_by": row.installed_by,
        "installed_at": row.installed_at.isoformat(), "admitted_by": row.admitted_by,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }  # fmt: skip


def _line(row: Workspace) -> str:
    by = f" by {plain(row.admitted_by)}" if row.admitted_by else ""
    at = f"installed by {plain(row.installed_by)} on {row.installed_at:%-d %b %Y}"
    return f"{row.workspace:<12} {row.state.value + by:<24} {plain(row.name)}, {at}"


@workspaces.command("list")
@AS_JSON
def listed(*, as_json: bool) -> None:
    """List the workspaces that installed the app, and which of them may ask."""
    from storage import migrate  # noqa: PLC0415  a cold start imports only what it needs
    from storage import workspaces as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        rows = kept.known(session)
    if as_json:
        click.echo(json.dumps([_values(row) for row in rows], ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(_line(row))
    if not rows:
        click.echo("No workspace was installed by OAuth; SLACK_BOT_TOKEN's own needs no entry here.")


@workspaces.command()
@AS_JSON
def connect(*, as_json: bool) -> None:
    """Print an address, good for one hour and one workspace: what is installed there is admitted at once."""
    from bot import oauth  # noqa: PLC0415  as above
    from storage import migrate, tokens  # noqa: PLC0415
    from storage import workspaces as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    if not oauth.is_set_up():
        message = (
            "SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and COSTS_TOKEN_KEYS are needed to connect further workspaces: the "
            "first two are on the Slack app's page, `costs workspaces new-key` makes the third."
        )
        raise BadSettingError(message)
    tokens.seal("")  # tells of a key that is none before anybody comes back from Slack
    migrate.ensure()
    with transaction() as session:
        ticket = kept.ticket(session, by=getpass.getuser())
    address = f"{settings().public_url}{oauth.INSTALL}?ticket={ticket}"
    click.echo(json.dumps({"address": address}) if as_json else address)


@workspaces.command()
@click.argument("workspace")
@AS_JSON
def admit(*, workspace: str, as_json: bool) -> None:
    """Let an installed WORKSPACE ask; until then it is told that it waits."""
    from storage import migrate  # noqa: PLC0415  as above
    from storage import workspaces as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        row = kept.admit(session, workspace.strip(), by=getpass.getuser())
    click.echo(json.dumps(_values(row)) if as_json else f"{plain(row.name)} may ask now.")


@workspaces.command()
@click.argument("workspace")
@AS_JSON
def remove(*, workspace: str, as_json: bool) -> None:
    """Answer a WORKSPACE no more and forget its tokens."""
    from storage import migrate  # noqa: PLC0415  as above
    from storage import workspaces as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        if not kept.end(session, workspace.strip()):
            message = f"No workspace “{workspace}” is installed: `costs workspaces list` shows those that are."
            raise kept.UnknownWorkspaceError(message)
    told = {"workspace": workspace.strip(), "state": "ended"}
    click.echo(json.dumps(told) if as_json else "Removed; its tokens are gone. Uninstall the app there, too.")


@workspaces.command("new-key")
@AS_JSON
def new_key(*, as_json: bool) -> None:
    """Print a new key for COSTS_TOKEN_KEYS; put it before the others, then run `rotate-key`."""
    from storage import tokens  # noqa: PLC0415  as above

    key = tokens.new_key()
    click.echo(json.dumps({"key": key}) if as_json else key)


@workspaces.command("rotate-key")
@AS_JSON
def rotate_key(*, as_json: bool) -> None:
    """Encrypt all tokens anew with the first key of COSTS_TOKEN_KEYS; then the others may be taken out."""
    from storage import migrate, tokens  # noqa: PLC0415  as above
    from storage import workspaces as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    tokens.seal("")
    migrate.ensure()
    with transaction() as session:
        count = kept.rotate_key(session)
    told = f"The tokens of {count} workspaces are under the first key now."
    click.echo(json.dumps({"workspaces": count}) if as_json else told)
