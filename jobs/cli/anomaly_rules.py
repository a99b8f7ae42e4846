"""`costs anomalies replay`, `feedback` and `precision`: rules tried on the past, and what people say of events."""

from __future__ import annotations

import getpass
import json
import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from finops.anomalies.rules import Rule

VERDICTS = ("expected", "real", "fixed")


@click.command()
@click.argument("rule")
@click.option("--where", multiple=True, metavar="WORD=VALUE", help="Series that it decides on: team=web; repeatable.")
@click.option("--kind", "kinds", multiple=True, help="What is told: spike, drop, level shift, …; repeatable.")
@click.option("--direction", help="What is told: up or down.")
@click.option("--rate", help="False alarms a month that each series may raise, as 0.1.")
@click.option("--share", help="Of the daily level: less is never told, as 0.10.")
@click.option("--amount", help="A day: less is never told, as 50.")
@click.option("--ignore/--tell", default=None, help="Whether nothing of its series is told.")
@click.option("--currency", help="The currency replayed; by default the one with most spend.")
@click.option("--save", is_flag=True, help="Write the rule into anomalies.yaml.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replay(
    *, rule: str, where: tuple[str, ...], kinds: tuple[str, ...], currency: str | None, save: bool, as_json: bool,
    **numbers: object,
) -> None:  # fmt: skip
    """Tell what RULE would have told over the last 12 months, with these options in place of what it says."""
    from jobs.anomalies import replay as replaying  # noqa: PLC0415  a cold start imports only what it needs
    from jobs.cli import replayed  # noqa: PLC0415
    from storage import anomaly_rules, migrate  # noqa: PLC0415
    from storage.settings import settings  # noqa: PLC0415

    changed = _changed(rule, where, {"kinds": list(kinds) or None, **numbers})
    migrate.ensure()
    found = replaying.run(changed, currency=currency)
    lines = replayed.values(found) if as_json else replayed.lines(found)
    kept = anomaly_rules.save(settings().home, changed) if save else None
    if isinstance(lines, dict):
        click.echo(json.dumps(lines | {"saved": save, "kept": str(kept) if kept else None}, ensure_ascii=False))
        return
    click.echo("\n".join(lines))
    click.echo(
        f"Saved in {settings().home / anomaly_rules.FILE}." if save else "Nothing is saved: --save writes the rule."
    )
    if kept:
        click.echo(f"Comments of it were lost: the file as it was is {kept}.")


def _changed(name: str, where: tuple[str, ...], options: dict[str, object]) -> Rule:
    """Return the rule of that name with the options in place of what it says; with `where` there may be none yet."""
    from storage import anomaly_rules  # noqa: PLC0415  as above
    from storage.settings import settings  # noqa: PLC0415

    rules = anomaly_rules.rules(settings().home)
    new = bool(where) and all(one.name != name for one in rules)
    given = {"name": name} if new else anomaly_rules.written(anomaly_rules.named(rules, name))
    given |= {word: value for word, value in options.items() if value is not None}
    if where:
        held = given.get("where")
        given["where"] = (held if isinstance(held, dict) else {}) | _words(where)
    return anomaly_rules.rule(f"The rule {name[:40]}", given)


def _words(where: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in where:
        word, given, value = one.partition("=")
        if not given or not word.strip():
            message = f"“{one}” says not where: write a word and a value, as team=web."
            raise click.BadParameter(message, param_hint="--where")
        found.setdefault(word.strip(), []).append(value.strip())
    return found


@click.command()
@click.argument("anomaly")
@click.argument("verdict", type=click.Choice(VERDICTS))
@click.option("--note", help="Why, in a few words.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def feedback(*, anomaly: str, verdict: str, note: str | None, as_json: bool) -> None:
    """Say what ANOMALY was: expected, real, or real and fixed. The thresholds of its series follow."""
    from datetime import UTC, datetime  # noqa: PLC0415  as above

    from finops.anomalies.feedback import Verdict, factor  # noqa: PLC0415
    from finops.anomalies.scopes import Scope  # noqa: PLC0415
    from storage import accounts, anomalies, migrate, verdicts  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        row = anomalies.named(session, anomaly)
        anomalies.say(session, row, Verdict(verdict), who=_user(), note=note)
        said = [opinion for opinion, keys in verdicts.opinions(session) if row.scope in keys]
        times = factor(said, datetime.now(UTC))
        name = Scope.read(row.scope).name(accounts.labels(session))
        told = {"anomaly": str(row.id), "name": name, "verdict": verdict, "who": _user(), "note": note, "rarer": times}
    moved = f"By what was said of it, an alarm of it now has to be {times:.2g} times as rare."
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else f"{name} since {row.first_day}: {verdict}. {moved}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        return f"user {os.getuid()}"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def precision(*, as_json: bool) -> None:
    """Tell how often each rule was right, by what people said of its events."""
    from dataclasses import asdict  # noqa: PLC0415  as above

    from finops.anomalies import feedback as rules  # noqa: PLC0415
    from storage import migrate, verdicts  # noqa: PLC0415
    from storage.database import transaction  # noqa: PLC0415

    migrate.ensure()
    with transaction() as session:
        found = rules.precision(opinion for opinion, _ in verdicts.opinions(session))
    if as_json:
        click.echo(json.dumps({name: asdict(one) for name, one in found.items()}))
        return
    if not found:
        click.echo("Nobody has said yet what an event was: costs anomalies feedback ID expected, real or fixed.")
        return
    click.echo(f"{'RULE':<24}{'JUDGED':>8}{'RIGHT':>8}{'PRECISION':>11}  95 % INTERVAL")
    for name, one in found.items():
        between = f"{one.low:.0%} to {one.high:.0%}"
        click.echo(f"{name[:23]:<24}{one.judged:>8}{one.true:>8}{one.share:>11.0%}  {between}")
