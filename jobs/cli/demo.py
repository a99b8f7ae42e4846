"""`costs demo`: the whole product on a fictional company."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from jobs.demo.guard import Stop
    from jobs.demo.run import Progress, Summary


@click.command()
@click.option("--once", is_flag=True, help="Do all the work, print a summary and exit.")
@click.option(
    "--transport",
    type=click.Choice(["socket", "http"]),
    default="socket",
    show_default=True,
    help="How the local Slack reaches the bot: Socket Mode, or signed HTTP requests.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (with --once).")
def demo(*, once: bool, transport: str, as_json: bool) -> None:
    """Build a fictional company's three clouds and show the whole product on it."""
    from jobs.demo import guard, run  # noqa: PLC0415  a cold start imports only what it needs
    from storage.settings import settings  # noqa: PLC0415

    began, home = time.monotonic(), settings().home
    stop = guard.Stop()
    stop.listen()
    with guard.alone(home):
        if once:
            with run.environment(home, port=settings().port):
                _print(_work(home, stop), seconds=time.monotonic() - began, as_json=as_json)
            return
        from jobs.demo import live  # noqa: PLC0415

        insisted = "port" in settings().model_fields_set
        with guard.hold(settings().port, chosen=insisted, host=settings().host) as held:  # before a minute's work
            port = guard.number(held)
            with run.environment(home, port=port):
                _print(_work(home, stop), seconds=time.monotonic() - began, as_json=as_json)
                live.show(home, transport=transport, held=held)


def _work(home: Path, stop: Stop) -> Summary:
    from jobs.demo import guard, keeper, run  # noqa: PLC0415

    guard.room(home)
    with _progress(len(run.JOBS) + 1) as bar:

        def progress(sentence: str) -> None:
            stop.check()
            bar(sentence)

        with keeper.keeping(home):
            run.build(home, progress, stop.check)
            run.prepare()
            run.work(progress)
    stop.check()
    return run.summary()


@contextmanager
def _progress(steps: int) -> Iterator[Progress]:
    """Draw a bar for a person at a terminal, and plain lines for a log."""
    if not sys.stderr.isatty():
        yield lambda sentence: click.echo(f"· {sentence}", err=True)
        return
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Starting", total=steps)
        done = -1

        def step(sentence: str) -> None:
            nonlocal done
            done += 1
            bar.update(task, description=sentence, completed=done)

        yield step
        bar.update(task, description="Done", completed=steps)


def _memory() -> int:
    """Return the largest process's peak so far, in MB."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) // 1024


def _print(made: Summary, *, seconds: float, as_json: bool) -> None:
    if as_json:
        values = asdict(made) | {"billed": str(made.billed.amount), "saving": str(made.saving.amount)}
        click.echo(json.dumps(values | {"currency": made.billed.currency, "seconds": round(seconds, 1)}))
        return
    click.echo(
        f"\nThe ledger holds {made.charges:,} charges of {made.periods} billing periods, {made.billed} in all, "
        f"and {made.resources} resources.\n"
        f"{made.recommendations} recommendations would save {made.saving} a month."
    )
    for page in made.evidence:
        click.echo(f"  evidence      {page}")
    click.echo("                (served while the demo or `costs web` runs)")
    if made.mail:
        click.echo(f"  weekly mail   {made.mail}")
    click.echo(
        '  ask           .venv/bin/costs ask "by service last 7 days"\n'
        f"Took {seconds:.0f} s; the largest process used {_memory()} MB."
    )
