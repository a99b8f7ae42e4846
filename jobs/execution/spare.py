"""A child that stands ready: started before its notebook is known, used for one notebook, then gone.

Its kernel has booted and loaded the libraries, its namespace is empty, and nothing of another notebook was ever in it:
a kernel is never used twice. Parameters reach it through a pipe when its turn comes, limits hold from its start, and
what it sees is what any notebook sees. One that died while it waited is not used; then the notebook starts cold.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from finops.errors import CostsError
from jobs.execution import process, reins

IDLE = 600.0
"""Seconds that one waits for its notebook: it holds some 200 MB."""
READY = "ready"
"""A file that it leaves in its folder once everything is loaded."""


@dataclass(slots=True)
class Spare:
    """A child that waits, the folder that is lent to it, and since when."""

    child: Popen[str]
    folder: Path
    memory_limit: int
    seen: dict[str, str]
    held: ExitStack
    since: float = field(default_factory=time.monotonic)

    def usable(self, memory_limit: int) -> bool:
        """Whether it lives, its kernel too, and is what a cold start would be now."""
        if self.child.poll() is not None or memory_limit != self.memory_limit:
            return False
        if self.seen != process.environment(self.folder):
            return False
        return not self.ready or reins.has_descendants(self.child.pid)

    @property
    def ready(self) -> bool:
        """Whether it has loaded everything; one that has not is used as well."""
        return (self.folder / READY).exists()

    def close(self) -> None:
        """End it, and give its folder back."""
        if self.child.poll() is None:
            reins.end_tree(self.child.pid)
        self.child.wait()
        if self.child.stdin:
            self.child.stdin.close()
        self.held.close()


class Keeper:
    """Keeps one child ready after a notebook has run, for the next one. The thread that starts it lives on with it.

    The system ends a child together with the thread that started it, so no job's thread may start one.
    """

    def __init__(self, memory_limit: int, *, idle: float = IDLE) -> None:
        self._memory_limit, self._idle = memory_limit, idle
        self._lock, self._wanted = threading.Lock(), threading.Event()
        self._spare: Spare | None = None
        self._ended, self._closed = False, threading.Event()
        self._children: list[Popen[str]] = []
        self._thread = threading.Thread(target=self._live, daemon=True, name="spare")
        self._thread.start()

    @property
    def spare(self) -> Spare | None:
        """The one that waits."""
        return self._spare

    def want(self) -> None:
        """Have one made ready."""
        self._wanted.set()

    def take(self, memory_limit: int) -> Spare | None:
        """Hand the child over, or nothing if there is none that can be used."""
        with self._lock:
            found, self._spare = self._spare, None
        if found is None:
            return None
        with ExitStack() as left:
            left.callback(found.close)  # also where the database does not say whether it can be used
            if found.usable(memory_limit):
                left.pop_all()
                return found
        return None

    def end(self) -> None:
        """Keep none any more. A child that a notebook still runs in is left to it."""
        self._ended = True
        self._wanted.set()
        self._closed.wait()
        with self._lock:
            left, self._spare = self._spare, None
        if left:
            left.close()

    def _live(self) -> None:
        self._keep()
        self._closed.set()
        for child in self._children:  # they end with this thread, and a notebook of another may still run in one
            child.wait()

    def _keep(self) -> None:
        while not self._ended:
            asked = self._wanted.wait(self._idle)
            self._wanted.clear()
            with self._lock:
                old = self._spare
                if old is not None and not asked:  # nobody came
                    self._spare = None
            if old is not None and not asked:
                old.close()
            if asked and old is None and not self._ended:
                self._put(_made(self._memory_limit))

    def _put(self, made: Spare | None) -> None:
        self._children = [child for child in self._children if child.poll() is None]
        self._children += [made.child] if made else []
        with self._lock:
            self._spare = made


def _made(memory_limit: int) -> Spare | None:
    """Start a child; nothing where the disk or the system does not take it: notebooks then start cold, and say why."""
    held = ExitStack()
    try:
        folder = held.enter_context(process.workspace())
        seen = process.environment(folder)
        child = process.started(folder, "jobs.execution.child", seen)
        assert child.stdin is not None  # noqa: S101  started with a pipe
        child.stdin.write(json.dumps({"spare": True, "parent": os.getpid(), "memory_limit": memory_limit}) + "\n")
        child.stdin.flush()
    except (CostsError, OSError):
        held.close()
        return None
    return Spare(child, folder, memory_limit, seen, held)


_keeper: Keeper | None = None


@contextmanager
def kept(memory_limit: int = process.MEMORY_LIMIT, *, idle: float = IDLE) -> Iterator[Keeper]:
    """Keep children ready for the notebooks of this process, as long as it goes on."""
    global _keeper  # noqa: PLW0603  one a process, as its notebooks are
    _keeper = Keeper(memory_limit, idle=idle)
    try:
        yield _keeper
    finally:
        keeper, _keeper = _keeper, None
        keeper.end()


@contextmanager
def workspace(memory_limit: int) -> Iterator[tuple[Path, Popen[str] | None]]:
    """Lend a folder to one run, with the child that waits in it, if one does. Raises UnavailableError."""
    keeper = _keeper
    found = keeper.take(memory_limit) if keeper else None
    try:
        if found is None:
            with process.workspace() as folder:
                yield folder, None
        else:
            try:
                yield found.folder, found.child
            finally:
                found.close()
    finally:
        if keeper:
            keeper.want()
