"""`costs doctor`: what may be read, what permission is missing, and what will therefore not be collected."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from jobs.doctor import Check


@click.command()
@click.option("--sources", type=click.Path(path_type=Path), help="The list of sources; else COSTS_SOURCES.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(sources: Path | None, *, as_json: bool) -> None:
    """Try what the list of sources needs of each cloud, and tell whom alert rules do not reach. Exit 1 if it lacks."""
    from jobs.alerting import reached  # noqa: PLC0415  as below
    from jobs.doctor import examine  # noqa: PLC0415  a cold start imports only what it needs
    from jobs.sources import entries  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    found = []
    for check in chain(examine(entries(sources or settings().sources_file)), reached.checks()):
        found.append(check)
        if not as_json:
            click.echo(_told(check))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    elif not found:
        click.echo("No source of the list asks a cloud: there is nothing to try.")
    if not all(one.well for one in found):
        raise SystemExit(1)


def _told(check: Check) -> str:
    if check.well:
        return f"✓ {check.provider}: {check.what}"
    lines = [f"✗ {check.provider}: {check.what}"]
    lines += [f"    missing: {check.missing}"] if check.missing else []
    lines += [f"    not collected: {check.lost}"] if check.lost else []
    lines += [f"    {check.advice}"] if check.advice else []
    return "\n".join(lines)
