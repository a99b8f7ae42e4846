"""`costs subscriptions`: which digests go where, from the command line."""

from __future__ import annotations

import json
import uuid

import click

from finops.errors import UnknownWordError


@click.command()
@click.option("--end", "ended", metavar="ID", help="End one of them; the first letters of its id will do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def subscriptions(*, ended: str | None, as_json: bool) -> None:
    """List the daily and weekly digests that go out, and those that could not any more; or end one."""
    from bot.drafts.subscriptions import line, values  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415
    from storage import subscriptions as known  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        if ended is not None:
            known.end_one(session, _chosen([one.id for one in known.alive(session)], ended))
        rows = [*known.alive(session), *known.ended(session)]
        told, lines = [values(one) for one in rows], [line(one) for one in rows]
    click.echo(json.dumps(told, indent=2) if as_json else "\n".join(lines or [EMPTY]))


EMPTY = "No digests go anywhere yet: `/cost subscribe daily` in Slack begins one."


def _chosen(known: list[uuid.UUID], text: str) -> uuid.UUID:
    found = [one for one in known if text and str(one).startswith(text.lower())]
    if len(found) != 1:
        raise UnknownWordError(text[:60], None, "`costs subscriptions` lists the ids of those there are.")
    return found[0]
