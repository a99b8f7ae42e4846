"""The command line's front door: names and where each command lives. Nothing is imported until it is chosen."""

from __future__ import annotations

import importlib
import sys

import click

from finops.errors import CostsError, was_stopped

COMMANDS = {
    "ask": "bot.cli:ask",
    "bot": "bot.cli:bot",
    "clock": "jobs.cli.work:clock",
    "db": "jobs.cli.db:db",
    "demo": "jobs.cli.demo:demo",
    "doctor": "jobs.cli.doctor:doctor",
    "export": "jobs.cli.bills:export",
    "ingest": "jobs.cli.bills:ingest",
    "jobs": "jobs.cli.work:jobs",
    "prices": "jobs.cli.prices:prices",
    "rates": "jobs.cli.rates:rates",
    "recommendations": "bot.cli:recommendations",
    "reconcile": "jobs.cli.reconcile:reconcile",
    "restatements": "jobs.cli.restatements:restatements",
    "run": "jobs.cli.work:run",
    "web": "bot.cli:web",
    "worker": "jobs.cli.work:worker",
}


class Lazy(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them all."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        del ctx
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


def main() -> None:
    """Run a command. A known error is one sentence on stderr and exit 1; Ctrl-C is exit 130."""
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
        click.echo("Stopped.", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
