"""`costs roles`: who may what, from the command line: how the first admin is made."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING

import click

from finops.errors import BadSettingError, NotAllowedError, UnknownWordError
from finops.people import Person
from finops.roles import Role, Standing

if TYPE_CHECKING:
    from slack_sdk import WebClient

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
WORKSPACE = click.option("--workspace", metavar="T…", help="Slack's team id; by default the bot token's own.")
ENTERPRISE = click.option(
    "--enterprise",
    metavar="E…",
    default="",
    help="Slack's id of the organization, if any; by default what Slack said of it.",
)
ROLE = click.argument("role", type=click.Choice([role.value for role in Role]))


@click.group()
def roles() -> None:
    """List, grant and revoke roles: who may approve savings, and who grants that."""


@roles.command("list")
@WORKSPACE
@ENTERPRISE
@AS_JSON
def listed(*, workspace: str | None, enterprise: str, as_json: bool) -> None:
    """List who was granted what, and by whom."""
    from storage import migrate  # noqa: PLC0415  a command line that starts quickly imports what it needs
    from storage import roles as known  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    by, _ = _whom(workspace, enterprise)
    migrate.ensure()
    with transaction() as session:
        granted = known.grants(session, workspace=by.workspace, enterprise=by.enterprise)
    if as_json:
        values = [
            {"subject": one.subject, "role": one.role.value, "granted_by": one.granted_by, "at": str(one.granted_at)}
            for one in granted
        ]
        click.echo(json.dumps(values, indent=2))
        return
    for one in granted:
        click.echo(f"{one.role:<9} {one.subject:<12} by {one.granted_by} on {one.granted_at:%Y-%m-%d}")
    if not granted:
        click.echo(f"Nobody was granted a role in {by.workspace}: `costs roles grant admin U…` makes the first admin.")


@roles.command()
@ROLE
@click.argument("subject")
@WORKSPACE
@ENTERPRISE
@AS_JSON
def grant(*, role: str, subject: str, workspace: str | None, enterprise: str, as_json: bool) -> None:
    """Give a member (U…) or a user group (S…) of the workspace a role."""
    from storage import migrate  # noqa: PLC0415  as above
    from storage import roles as known  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    by, client = _whom(workspace, enterprise)
    _check(client, subject, by)
    migrate.ensure()
    with transaction() as session:
        changed = known.grant(session, subject, Role(role), by=by)
    told = f"{subject} {'is' if changed else 'was already'} {role} in {by.workspace}."
    click.echo(json.dumps({"subject": subject, "role": role, "changed": changed}) if as_json else told)


@roles.command()
@click.argument("subject")
@WORKSPACE
@ENTERPRISE
@AS_JSON
def revoke(*, subject: str, workspace: str | None, enterprise: str, as_json: bool) -> None:
    """Take the role of a member or a user group away."""
    from storage import migrate  # noqa: PLC0415  as above
    from storage import roles as known  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    by, _ = _whom(workspace, enterprise)
    migrate.ensure()
    with transaction() as session:
        before = known.revoke(session, subject, by=by)
    told = f"{subject} is no {before} any more." if before else f"{subject} was granted no role in {by.workspace}."
    click.echo(json.dumps({"subject": subject, "before": before}) if as_json else told)


def _whom(workspace: str | None, enterprise: str) -> tuple[Person, WebClient | None]:
    """Return who grants, in which workspace, and a client that can look there, if there is one."""
    from bot.app import client  # noqa: PLC0415  as above
    from storage.settings import settings  # noqa: PLC0415

    user = f"{getpass.getuser()} (command line)"
    if settings().slack_bot_token is None:
        if workspace:
            return Person(workspace, user, enterprise or _organization(workspace)), None
        message = (
            "Which workspace? Set SLACK_BOT_TOKEN, or add --workspace with Slack's team id (T…, in the web address)."
        )
        raise BadSettingError(message)
    slack = client()
    own = slack.auth_test()
    if workspace and workspace != own["team_id"]:
        return Person(workspace, user, enterprise or _organization(workspace)), None
    return Person(str(own["team_id"]), user, enterprise or str(own.get("enterprise_id") or "")), slack


def _organization(workspace: str) -> str:
    """Return Slack's id of the organization that an installed workspace belongs to; '' of none."""
    from storage import migrate, workspaces  # noqa: PLC0415  as above
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        row = workspaces.find(session, workspace)
        return (row.enterprise or "") if row else ""


def _check(client: WebClient | None, subject: str, by: Person) -> None:
    """Refuse who could not use the role, as far as Slack can be asked. Raises UnknownWordError, NotAllowedError."""
    from bot import members  # noqa: PLC0415  as above

    if not members.is_id(subject):
        raise UnknownWordError(subject[:60], None, "costs roles grant admin U0123456789 (a member ID, in a profile)")
    if client is None or subject.startswith("S"):
        return
    is_a = members.standing(client, Person(by.workspace, subject, by.enterprise))
    if is_a is not Standing.MEMBER:
        message = f"Only members of {by.workspace} can have a role, and for Slack {subject} is a {is_a}."
        raise NotAllowedError(message)
