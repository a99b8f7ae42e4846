"""`costs run`, `jobs`, `clock`, `worker`: starting work by hand, seeing the timetable, and the processes that work."""

from __future__ import annotations

import json
import logging
import signal
from typing import Any

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _parameters(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read `key=value` pairs; a value that is JSON (a number, true, a list) is taken as such, else as text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            message = f"“{pair}” is no parameter: write --param name=value."
            raise click.BadParameter(message)
        try:
            found[key] = json.loads(value, parse_float=str)
        except ValueError:
            found[key] = value
    return found


@click.command()
@click.argument("job")
@click.option("--param", "pairs", multiple=True, metavar="NAME=VALUE", help="A parameter of the job; repeatable.")
@AS_JSON
def run(job: str, pairs: tuple[str, ...], *, as_json: bool) -> None:
    """Run one JOB of the timetable now, in this process."""
    from jobs import runner, schedule  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415

    entry = schedule.find(job)
    parameters = _parameters(pairs)
    migrate.ensure()
    _log_to_stderr(logging.ERROR)
    done = runner.run(entry.name, parameters)
    if as_json:
        click.echo(json.dumps({"job": entry.name, "run": str(done.run_id), "result": done.result}, default=str))
        return
    click.echo(f"{entry.name}: done, run {done.run_id}")
    for key, value in done.result.items():
        click.echo(f"  {key.replace('_', ' ')}: {_plain(value)}")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


@click.command()
@AS_JSON
def jobs(*, as_json: bool) -> None:
    """Show the timetable: what runs when, and how it went the last time."""
    from jobs import overview  # noqa: PLC0415  a cold start imports only what it needs
    from storage import migrate  # noqa: PLC0415

    migrate.ensure()
    lines = overview.lines()
    click.echo(json.dumps(lines, default=str) if as_json else overview.table(lines))


@click.command()
@click.option("--no-worker", is_flag=True, help="Only decide when; `costs worker` processes do the work.")
@AS_JSON
def clock(*, no_worker: bool, as_json: bool) -> None:
    """Keep the timetable, and do its work as well. Runs until it is stopped; two at once are safe."""
    from jobs import clock as ticking_clock  # noqa: PLC0415  a cold start imports only what it needs
    from jobs import worker as workers  # noqa: PLC0415

    _start("clock", as_json=as_json)
    with ticking_clock.ticking():
        workers.stay() if no_worker else workers.serve()


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 64), default=None, help="Jobs at a time.")
@AS_JSON
def worker(*, concurrency: int | None, as_json: bool) -> None:
    """Do the work of the timetable. Runs until it is stopped; start as many as there is work for."""
    from jobs import worker as workers  # noqa: PLC0415  a cold start imports only what it needs

    _start("worker", as_json=as_json)
    workers.serve(concurrency=concurrency or workers.CONCURRENCY)


def _start(process: str, *, as_json: bool) -> None:
    from storage import migrate  # noqa: PLC0415  a cold start imports only what it needs

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until the loop listens, TERM ends it as Ctrl-C does
    _log_to_stderr(logging.INFO)
    migrate.ensure()
    click.echo(json.dumps({"process": process, "ready": True}) if as_json else f"{process}: ready, Ctrl-C stops it")


def _log_to_stderr(level: int) -> None:
    logging.basicConfig(level=max(level, logging.WARNING), format="%(asctime)s %(levelname)-7s %(message)s")
    for ours in ("finops", "storage", "jobs"):  # the libraries talk much
        logging.getLogger(ours).setLevel(level)
