"""A command that is told to end does so in order: one word, no traceback, and no database left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import postgres

WAITING = """
import threading
import click, costs
from storage.database import engine

@click.command()
def wait():
    engine().connect().close()
    print("ready", flush=True)
    threading.Event().wait(60)

costs.Lazy.get_command = lambda *_: wait
costs.main()
"""
USING = """
import click, costs
from storage.database import engine

@click.command()
def use():
    engine().connect().close()
    print("used")

costs.Lazy.get_command = lambda *_: use
costs.main()
"""
LOSING = """
import click, costs, time

class Destroyed:
    def __del__(self):
        raise KeyboardInterrupt

@click.command()
def lose():
    Destroyed()
    time.sleep(60)

costs.Lazy.get_command = lambda *_: lose
costs.main()
"""


HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
"""
"""Under nohup, or in the background of a script, a command would inherit that these are ignored."""


def _start(home: Path, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEARING + code, "command"],
        env={**os.environ, "COSTS_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_stops_its_database(tmp_path: Path, number: signal.Signals) -> None:
    """By Ctrl-C, by TERM, or because its terminal was closed; an impatient second one changes nothing."""
    command = _start(tmp_path, WAITING)
    assert command.stdout is not None
    assert command.stdout.readline() == "ready\n"
    command.send_signal(number)
    assert command.stderr is not None
    assert (command.stderr.readline(), command.stderr.readline()) == (
        "\n",
        "Stopped.\n",
    )  # the first ends the line of ^C
    command.send_signal(signal.SIGINT)
    _, rest = command.communicate(timeout=30)
    assert (command.returncode, rest) == (130, "")
    assert not postgres.is_running(tmp_path)


def test_what_a_killed_command_left_running_the_next_one_stops(tmp_path: Path) -> None:
    """Of `kill -9` nobody hears, so the database waits for its next user, who is its last."""
    command = _start(tmp_path, WAITING)
    assert command.stdout is not None
    assert command.stdout.readline() == "ready\n"
    command.kill()
    command.communicate(timeout=30)
    assert postgres.is_running(tmp_path)
    following = _start(tmp_path, USING)
    assert following.communicate(timeout=30) == ("used\n", "")
    assert not postgres.is_running(tmp_path)


def test_a_ctrl_c_that_a_destructor_swallows_still_ends_the_command(tmp_path: Path) -> None:
    """Python cannot raise there: it would print a traceback and go on."""
    command = _start(tmp_path, LOSING)
    said, told = command.communicate(timeout=30)
    assert (command.returncode, said, told) == (130, "", "\nStopped.\n")
