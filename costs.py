"""The command line's front door: names and where each command lives. Nothing is imported until it is chosen."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from contextlib import redirect_stdout
from typing import Any, TextIO, cast

import click

from finops.errors import CostsError, was_stopped
from finops.foreign import harmless

COMMANDS = {
    "alerts": "jobs.cli.alerts:alerts",
    "allocation": "bot.allocation:allocation",
    "anomalies": "jobs.cli.anomalies:anomalies",
    "ask": "bot.cli:ask",
    "bot": "bot.cli:bot",
    "budgets": "jobs.cli.budgets:budgets",
    "clock": "jobs.cli.work:clock",
    "db": "jobs.cli.db:db",
    "demo": "jobs.cli.demo:demo",
    "doctor": "jobs.cli.doctor:doctor",
    "events": "jobs.cli.events:events",
    "errors": "bot.cli_errors:errors",
    "export": "jobs.cli.bills:export",
    "forecast": "jobs.cli.forecast:forecast",
    "ingest": "jobs.cli.bills:ingest",
    "jobs": "jobs.cli.work:jobs",
    "outbox": "bot.cli_errors:outbox",
    "outlets": "jobs.cli.outlets:outlets",
    "prices": "jobs.cli.prices:prices",
    "rates": "jobs.cli.rates:rates",
    "recommendations": "bot.recommendations_cli:recommendations",
    "reconcile": "jobs.cli.reconcile:reconcile",
    "resources": "jobs.cli.resources:resources",
    "restatements": "jobs.cli.restatements:restatements",
    "roles": "bot.roles_cli:roles",
    "run": "jobs.cli.work:run",
    "subscriptions": "bot.subscriptions_cli:subscriptions",
    "web": "bot.cli:web",
    "worker": "jobs.cli.work:worker",
    "workspaces": "bot.cli_workspaces:workspaces",
}


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SOON = 0.05
"""Seconds after which a Ctrl-C that got lost is repeated."""


class Harmless:
    """Standard output as people read it: what others named gives a terminal no orders, whichever command shows it."""

    def __init__(self, stream: TextIO) -> None:
        """Write to this."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what is harmless of a text."""
        self._stream.write(harmless(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever else the stream can do
        """Leave all else to the stream."""
        return getattr(self._stream, name)


class Lazy(click.Group):
    """A group that imports a command when it is asked for."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  as Click has it
        """Run the command. JSON is for scripts and has its own escapes."""
        if "--json" in (*ctx._protected_args, *ctx.args):  # noqa: SLF001  Click tells the command's words nowhere else
            return super().invoke(ctx)
        with redirect_stdout(cast("TextIO", Harmless(sys.stdout))):
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them all."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        del ctx
        if cmd_name == "help":
            return help_
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101  a programming error, not a person's
        return command


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="costs")
def cli() -> None:
    """Ask what your clouds cost, and run the service that answers."""


@click.command("help")
@click.argument("name", required=False)
@click.pass_context
def help_(ctx: click.Context, name: str | None) -> None:
    """Print what --help prints, of all commands or of one."""
    whole = ctx.find_root()
    if name is None:
        click.echo(whole.get_help())
        return
    command = cli.get_command(whole, name)
    if command is None:
        whole.fail(f"No such command '{name}'.")
    click.echo(command.get_help(click.Context(command, parent=whole, info_name=name)))


def _listen() -> None:
    """Have TERM and a closed terminal end a command as Ctrl-C does: in order, the database stopped by its last user."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    before = sys.unraisablehook
    sys.unraisablehook = lambda told: _repeat() if told.exc_type is KeyboardInterrupt else before(told)


def _repeat() -> None:
    """Interrupt again: a Ctrl-C that comes within a destructor is lost."""
    main = threading.main_thread().ident or 0
    again = threading.Timer(SOON, signal.pthread_kill, [main, signal.SIGINT])  # it ends what the thread waits for, too
    again.daemon = True
    again.start()


def _end_in_peace() -> None:
    """Hear no further signal: an impatient second Ctrl-C must not leave the database behind."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def main() -> None:
    """Run a command. A known error is one sentence on stderr and exit 1; Ctrl-C is exit 130."""
    _listen()
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CostsError as error:
        click.echo(f"costs: {error}", err=True)
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not (isinstance(error, click.Abort) or was_stopped(error)):
            raise
        _end_in_peace()
        click.echo("Stopped.", err=True)
        sys.exit(130)
    finally:
        _end_in_peace()
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
