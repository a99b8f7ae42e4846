"""What must hold before the demo may start (a home of its own, no second demo, a port, room), and how it is stopped."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import select

from finops.errors import UnavailableError
from storage.database import transaction
from storage.models import Source

PREFIX = "demo-"
NEEDED_BYTES = 400 * 1024 * 1024
"""Database, lake, bills and the local Slack of a demo took 330 MB when this was measured."""


class Stop:
    """Ctrl-C and its like, remembered: one that comes within a destructor, or while DuckDB imports pandas, is lost."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        """From now on TERM and HUP are as Ctrl-C: the database is stopped, no process is left behind."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                signal.signal(number, self._told)
        before = sys.unraisablehook
        sys.unraisablehook = lambda told: None if told.exc_type is KeyboardInterrupt else before(told)

    def _told(self, *_: object) -> None:
        self.asked = True
        raise KeyboardInterrupt

    def check(self, _: object = None) -> None:
        """Raise KeyboardInterrupt if somebody asked."""
        if self.asked:
            raise KeyboardInterrupt


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the home's demo lock; the system drops it with the process. Raises UnavailableError."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "demo.lock").open("a+")
    except OSError as error:
        message = f"{home} cannot be written ({error.strerror}): set COSTS_HOME to a folder that can."
        raise UnavailableError(message) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            message = (
                f"A demo already runs in {home} (process {lock.read().strip() or 'unknown'}): "
                "stop it with Ctrl-C, or set COSTS_HOME to another folder."
            )
            raise UnavailableError(message) from None
        with suppress(OSError):  # on a full disk it goes without; `room` tells of that in a sentence
            os.ftruncate(lock.fileno(), 0)
            os.write(lock.fileno(), str(os.getpid()).encode())
        yield


def only_demo_data() -> None:
    """Refuse to mix the fictional company into somebody's real ledger. Raises UnavailableError."""
    with transaction() as session:
        real = [name for name in session.scalars(select(Source.name)) if not name.startswith(PREFIX)]
    if real:
        message = (
            f"This ledger holds real bills ({', '.join(sorted(real)[:3])}): the demo stays out of it. "
            "Start it in a home of its own, for example COSTS_HOME=.costs-demo costs demo."
        )
        raise UnavailableError(message)


def room(home: Path) -> None:
    """Raise UnavailableError unless the disk has room for a demo."""
    free = shutil.disk_usage(home).free
    if free < NEEDED_BYTES and not (home / "postgres").exists():
        message = (
            f"{home} has {free // 2**20} MB free and the demo needs {NEEDED_BYTES // 2**20}: "
            "free disk space or set COSTS_HOME to another disk."
        )
        raise UnavailableError(message)


def hold(wanted: int, *, chosen: bool, host: str = "127.0.0.1") -> socket.socket:
    """Take a port and keep it from others until it is closed: the wanted one, or any if a person did not insist.

    Whoever is asked for it meanwhile is not answered. Raises UnavailableError.
    """
    for candidate in (wanted, 0):
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, candidate))
            held.listen()
        except OSError:
            held.close()
            if chosen:
                break
            continue
        return held
    message = f"Port {wanted} is taken: stop what listens there, or set PORT to another one."
    raise UnavailableError(message)


def number(held: socket.socket) -> int:
    """Return a held port's number."""
    return int(held.getsockname()[1])


def port(wanted: int, *, chosen: bool) -> int:
    """Return a port to listen on at once: the wanted one, or any other if a person did not insist.

    Raises UnavailableError.
    """
    with hold(wanted, chosen=chosen) as held:
        return number(held)
