"""`costs events`: releases, holidays and migrations, so that charts and anomalies tell of them."""

from __future__ import annotations

import getpass
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.known_events import KnownEvent
    from storage.models import KnownEventRow

SHORT = 8
"""Letters of an id that tell it apart from all others."""
TITLE = 60
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def events() -> None:
    """Record what is known of some days: releases, holidays, migrations."""


@events.command()
@click.argument("title")
@click.option("--first", metavar="DAY", help="As 2026-11-12; without it today (UTC).")
@click.option("--last", metavar="DAY", help="Its last day, if it took more than one.")
@click.option("--kind", type=click.Choice(["release", "holiday", "migration", "other"]), default="other")
@click.option("--where", multiple=True, metavar="WORD=VALUE", help="Whose costs, as team=payments; again for more.")
@click.option("--link", metavar="URL", help="Where one reads on.")
@AS_JSON
def add(
    *, title: str, first: str | None, last: str | None, kind: str, where: tuple[str, ...], link: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Record one event."""
    from jobs.known_events.files import event, narrowed  # noqa: PLC0415  a cold start imports only what it needs
    from storage import known_events, migrate  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    day = first or str(datetime.now(UTC).date())
    given: dict[object, object] = {"title": title, "first": day, "last": last, "kind": kind, "link": link}
    made = event(given | {"where": narrowed(where)}, "The event")
    migrate.ensure()
    with transaction() as session:
        row, new = known_events.add(session, made, by=_user())
    told = f"{str(row.id)[:SHORT]}  {made.name()}{'' if new else ', which is recorded already'}"
    click.echo(json.dumps(_values(row), ensure_ascii=False, indent=2) if as_json else told)


@events.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@AS_JSON
def load(*, file: Path, as_json: bool) -> None:
    """Read a YAML, CSV or iCalendar file; read again, it replaces what it brought before."""
    from jobs.known_events.files import read  # noqa: PLC0415  as above

    _keep(file.name, read(file), as_json=as_json)


@events.command()
@click.argument("country")
@click.option("--part", help="A part of it, as BY of DE or CA of US.")
@click.option("--year", "years", type=click.IntRange(1900, 2200), multiple=True,
              help="Again for more; without it last year, this one and the next.")  # fmt: skip
@AS_JSON
def holidays(*, country: str, part: str | None, years: tuple[int, ...], as_json: bool) -> None:
    """Record the public holidays of a COUNTRY, as DE; asked again, they replace what was recorded of it."""
    from jobs.known_events.calendars import holidays_of  # noqa: PLC0415  as above

    code, region = country.strip().upper(), part.strip().upper() if part else None
    this = datetime.now(UTC).year
    found = holidays_of(code, region, years or (this - 1, this, this + 1))
    _keep(f"holidays {code}{f'-{region}' if region else ''}", found, as_json=as_json)


def _keep(source: str, found: Sequence[KnownEvent], *, as_json: bool) -> None:
    from storage import known_events, migrate  # noqa: PLC0415  as above
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        new, gone = known_events.replace(session, source, found, by=_user())
    told = {"source": source, "events": len(found), "new": new, "gone": gone}
    many = "1 event" if len(found) == 1 else f"{len(found):,} events"
    words = f"{source}: {many}, {new:,} of them new, {gone:,} gone"
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else words)


@events.command(name="list")
@click.option("--since", metavar="DAY", help="Only what was not over before.")
@AS_JSON
def listed(*, since: str | None, as_json: bool) -> None:
    """List what is recorded, in the order of its days."""
    from finops.periods import Period  # noqa: PLC0415  as above
    from jobs.known_events.files import day  # noqa: PLC0415
    from storage import known_events, migrate  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    period = Period(day(since, "--since"), date.max) if since else None
    migrate.ensure()
    with transaction() as session:
        rows = known_events.listed(session, period)
    if as_json:
        click.echo(json.dumps([_values(row) for row in rows], ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(_line(row))
    if not rows:
        click.echo('No event is recorded. For example: costs events add "Checkout 4.2" --where team=payments')


@events.command()
@click.argument("event")
@AS_JSON
def remove(*, event: str, as_json: bool) -> None:
    """Take one out: its id, or how that begins."""
    from storage import known_events, migrate  # noqa: PLC0415  as above
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        row = known_events.remove(session, event)
        told = known_events.value(row).name()
        values = _values(row)
    click.echo(json.dumps(values, ensure_ascii=False, indent=2) if as_json else f"Taken out: {told}")


def _line(row: KnownEventRow) -> str:
    from storage import known_events  # noqa: PLC0415  as above

    found = known_events.value(row)
    by = f"by {row.added_by}" if row.source is None else f"from {row.source}"
    return f"{str(row.id)[:SHORT]}  {found.first}  {found.kind.value:<9}  {found.name()}, {by}" + (
        f"\n{'':>{SHORT + 2}}{found.link}" if found.link else ""
    )


def _values(row: KnownEventRow) -> dict[str, object]:
    from finops.periods import ONE_DAY  # noqa: PLC0415  as above

    return {
        "id": str(row.id),
        "title": row.title,
        "kind": row.kind.value,
        "first": str(row.first_day),
        "last": str(row.end_day - ONE_DAY),
        "where": row.scope,
        "link": row.link,
        "source": row.source,
        "added_by": row.added_by,
        "added_at": row.added_at.isoformat(),
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        return f"user {os.getuid()}"
