"""Stops the embedded database should the demo be killed: nobody hears of `kill -9`, but the system tells a child."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.demo.children import PATIENCE, Children
from storage.database import engine


@contextmanager
def keeping(home: Path) -> Iterator[None]:
    """Have a process beside us that uses the database too, and so ends it if it is the last."""
    children = Children()
    command = [sys.executable, "-m", "jobs.demo.keeper"]
    children.start("keeper", command, environment=dict(os.environ), log=home / "logs" / "keeper.log")
    try:
        yield
    finally:
        children.stop()


def main() -> None:
    """Use the database until we are told to end; leaving, the last user stops it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    demo = os.getppid()
    watched = os.pidfd_open(demo)
    engine()
    signal.sigwait({signal.SIGTERM})
    if _dies(demo):  # its threads may hold its files, and so its use of the database, for some moments yet
        select.select([watched], [], [], PATIENCE)


def _dies(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


if __name__ == "__main__":
    main()
