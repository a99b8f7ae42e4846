"""`costs alerts`: what is open, the rules that opened it, and trying a rule on the past before it is kept."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from finops.alerting.rules import AlertRule

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _show(found: list[tuple[str, dict[str, Any]]], nothing: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([values for _, values in found], ensure_ascii=False, indent=2))
        return
    click.echo("\n".join(line for line, _ in found) or nothing)


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@AS_JSON
@click.pass_context
def alerts(context: click.Context, /, *, everything: bool, as_json: bool) -> None:
    """List the alerts that are open."""
    if context.invoked_subcommand is not None:
        return
    from jobs.alerting import listed  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    nothing = "No alert was ever opened." if everything else "No alert is open. `costs alerts evaluate` looks again."
    _show(listed.alerts(everything=everything), nothing, as_json=as_json)


@alerts.command()
@AS_JSON
def rules(*, as_json: bool) -> None:
    """List the rules, each in a sentence."""
    from jobs.alerting import listed  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    nothing = "There are no rules yet: `costs alerts add --name all --kind threshold --amount 500` makes one."
    _show(listed.rules(), nothing, as_json=as_json)


@alerts.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--name", help="What it is called.")
@click.option("--kind", help="threshold, change, forecast_over_budget, anomaly, new_service, …")
@click.option("--where", multiple=True, metavar="WORD=VALUE", help="Whose costs: team=web; repeatable.")
@click.option("--grain", help="daily, weekly or monthly.")
@click.option("--comparison", help="above or below.")
@click.option("--amount", help="As 500.")
@click.option("--currency", help="As USD.")
@click.option("--share", help="As 0.2 for 20 %.")
@click.option("--days", help="As 7.")
@click.option("--budget", help="A budget's name.")
@click.option("--tag", help="Of untagged: the key.")
@click.option("--severity", help="info, warning or critical.")
@click.option("--to", help="#channel, @person, a mail address or an outlet.")
@click.option("--cool-down", help="As 12h.")
@click.option("--dry-run", is_flag=True, help="Only tell how often it would have fired.")
@AS_JSON
def add(*, file: Path | None, where: tuple[str, ...], dry_run: bool, as_json: bool, **options: str | None) -> None:
    """Keep the rules that FILE lists, or one of these options, and tell how often each would have fired."""
    from jobs.alerting import kept  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415

    chosen = _read(file, where, options)
    migrate.ensure()
    _show(kept.add(chosen, by=getpass.getuser(), dry_run=dry_run), "The file lists no rule.", as_json=as_json)


def _read(file: Path | None, where: tuple[str, ...], options: dict[str, str | None]) -> tuple[AlertRule, ...]:
    from storage import alert_files  # noqa: PLC0415  as above

    given: dict[str, object] = {name: value for name, value in options.items() if value is not None}
    if file is not None and (given or where):
        message = "give a file, or options, not both."
        raise click.UsageError(message)
    if file is not None:
        return alert_files.read(file)
    found: dict[str, list[str]] = {}
    for one in where:
        word, _, value = one.partition("=")
        found.setdefault(word.strip(), []).append(value.strip())
    return (alert_files.rule("The rule", {**given, **({"where": found} if found else {})}),)


@alerts.command()
@click.argument("name")
@AS_JSON
def replay(*, name: str, as_json: bool) -> None:
    """Tell on which days of the last 12 months the rule NAME would have fired."""
    from jobs.alerting import kept  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    found = kept.replayed(name)
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else found["sentence"])


@alerts.command()
@click.argument("name")
@click.option("--until", required=True, help="2d, 8h, 2026-12-24, 2026-12-24T08:00 (UTC), or now to hear it again.")
@AS_JSON
def mute(*, name: str, until: str, as_json: bool) -> None:
    """Tell nothing of the rule NAME for a while; what goes on is told afterwards."""
    from jobs.alerting import kept  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    _show([kept.mute(name, until)], "", as_json=as_json)


@alerts.command()
@click.argument("name")
@AS_JSON
def remove(*, name: str, as_json: bool) -> None:
    """Take the rule NAME out, and close what it opened."""
    from jobs.alerting import kept  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    closed = kept.remove(name)
    told = f"“{name}” is removed; open alerts that this closed: {closed}."
    click.echo(json.dumps({"removed": name, "closed": closed}, ensure_ascii=False) if as_json else told)


@alerts.command()
@AS_JSON
def evaluate(*, as_json: bool) -> None:
    """Judge every rule now, as the timetable does every hour."""
    from jobs.alerting import evaluate as evaluating  # noqa: PLC0415  as above
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    counts = evaluating.run()
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(json.dumps(counts) if as_json else f"{told}.")
