"""`costs errors` and `costs outbox`: what went wrong, under the id that was told, and what did not get out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from finops.foreign import plain, shortened

if TYPE_CHECKING:
    from storage.models import Outbox, SurpriseError

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
WIDE = 90


def _values(row: SurpriseError) -> dict[str, Any]:
    return {
        "id": row.id, "at": row.at.isoformat(), "place": row.place, "workspace": row.workspace, "who": row.who,
        "asked": row.asked, "summary": row.summary, "traceback": row.traceback,
    }  # fmt: skip


def _told(row: SurpriseError) -> str:
    who = f" by {row.who}" if row.who else ""
    where = f" in the workspace {row.workspace}" if row.workspace else ""
    return (
        f"{row.id}, on {row.at:%-d %b %Y at %H:%M:%S} UTC, in {row.place}\n"
        f"Asked{who}{where}: {plain(row.asked) or 'nothing that was kept'}\n"
        f"What happened: {plain(row.summary)}\n\n{row.traceback.rstrip()}\n\n"
        "This should not have happened: please report it with all of the above. Secrets were taken out."
    )


@click.command()
@click.argument("error_id", metavar="[ID]", required=False)
@AS_JSON
def errors(*, error_id: str | None, as_json: bool) -> None:
    """Explain the error of an ID that somebody was told to quote; without one list the latest."""
    from storage import migrate, surprises  # noqa: PLC0415  a cold start imports only what it needs
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        rows = [surprises.find(session, error_id)] if error_id else surprises.latest(session)
    if as_json:
        found = [_values(row) for row in rows]
        click.echo(json.dumps(found[0] if error_id else found, ensure_ascii=False, indent=2))
    elif error_id:
        click.echo(_told(rows[0]))
    else:
        for row in rows:
            click.echo(f"{row.id}  {row.at:%Y-%m-%d %H:%M}  {row.place:<18} {shortened(row.summary, WIDE)}")
        if not rows:
            click.echo(f"No errors in the last {surprises.KEEP.days} days.")


def _message(row: Outbox) -> dict[str, Any]:
    return {
        "id": row.id, "workspace": row.workspace, "key": row.key, "kind": row.kind, "state": row.state.value,
        "attempts": row.attempts, "error": row.error, "next_attempt_at": row.next_attempt_at.isoformat(),
    }  # fmt: skip


@click.command()
@AS_JSON
def outbox(*, as_json: bool) -> None:
    """List messages that wait, that were given up, and those of which nobody knows whether they arrived (ambiguous)."""
    from storage import migrate  # noqa: PLC0415  as above
    from storage import outbox as kept  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        rows = kept.unsent(session)
    if as_json:
        click.echo(json.dumps([_message(row) for row in rows], ensure_ascii=False, indent=2))
        return
    for row in rows:
        why = f": {shortened(row.error, WIDE)}" if row.error else ""
        click.echo(f"{row.state.value:<10} {row.kind:<14} “{plain(row.key)}”, {row.attempts} attempts{why}")
    if not rows:
        click.echo("Everything was delivered.")
