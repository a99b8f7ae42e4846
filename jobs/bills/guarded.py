"""Reading bills that came from elsewhere: in a process of their own, with limits on its memory and its time.

Whatever a file does to that process, this one stays small, and says in a sentence what happened. The child does all of
it, the transaction included, so half a reading is none.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import psutil  # type: ignore[import-untyped]  # published without types
from sqlalchemy.exc import SQLAlchemyError

from finops.errors import BadDeliveryError, CostsError
from jobs.bills import trace
from jobs.bills.errand import Errand, raised
from jobs.bills.results import Ingested, unpacked
from jobs.bills.told import Told

ROOT = Path(__file__).resolve().parents[2]
TIME_LIMIT = 2 * 60 * 60.0
"""Seconds; ten million charges take one minute."""
MEMORY_LIMIT = 3 * 2**29
"""Bytes that it may hold, 1.5 GiB; the engine is told to stay at half of it, and spills beyond. What is held counts,
not what is reserved: the engine reserves several times what it uses."""
ARENAS = "2"
"""Of the C library's allocator: each keeps some of what was freed, and more of them are of no use to two threads."""
OFTEN = 0.05
"""Seconds between two looks at it: time for some hundred megabytes."""
PATIENCE = 10
"""Seconds in which the child may roll back and tidy up once it is told to end."""


def ingest(
    format: str,  # noqa: A002  the command's word
    paths: Sequence[Path],
    *,
    source: str,
    anyway: bool = False,
    progress: Callable[[str], None] | None = None,
    told: Mapping[Path, Told] = MappingProxyType({}),
    time_limit: float = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
) -> Ingested:
    """Read a delivery as `jobs.bills.ingest.ingest` does, in a guarded process. Raises what that raises.

    A process that needs too much memory or time, or dies, raises BadDeliveryError.
    """
    errand = Errand(format, list(paths), source, anyway=anyway, told=dict(told))
    with _child() as child:
        limits = _Limits(time.monotonic() + time_limit, memory_limit)
        for what, value in _said(child, errand, limits):
            if what == "progress" and progress:
                progress(value)
            if what == "done":
                return unpacked(value)
            if what == "error":
                raise raised(value)
    error = BadDeliveryError(str(paths[0]) if paths else source, f"{limits.reason}: look at what it is.")
    with suppress(CostsError, SQLAlchemyError):  # the error itself matters more than its trace
        trace.failed(source, format, paths, str(error))
    raise error


@dataclass(slots=True)
class _Limits:
    """What a child may take, and why it was ended."""

    until: float
    memory: int
    reason: str = "reading it broke the reader"

    def broken(self, child: subprocess.Popen[str]) -> bool:
        """Look at the child; whether it takes too much."""
        if time.monotonic() >= self.until:
            self.reason = "reading it took too long"
        elif _held(child.pid) > self.memory:
            self.reason = f"reading it needed more than {self.memory / 2**30:.3g} GiB of memory"
        else:
            return False
        return True


def _held(pid: int) -> int:
    """Return the bytes of memory that a process holds; nothing if it has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


@contextmanager
def _child() -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "jobs.bills.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": ARENAS},
        start_new_session=True,  # Ctrl-C reaches us; the child is ended by us
        text=True,
    )
    try:
        yield child
    finally:
        _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            with suppress(BrokenPipeError):
                pipe.close()


def _said(child: subprocess.Popen[str], errand: Errand, limits: _Limits) -> Iterator[tuple[str, Any]]:
    """Give the child its errand, and return what it says, until it ends or takes too much."""
    assert child.stdin  # noqa: S101  it was asked for
    assert child.stdout  # noqa: S101  as above
    with suppress(BrokenPipeError):
        child.stdin.write(errand.written(parent=os.getpid()))
        child.stdin.close()
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(child.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=OFTEN)
        except queue.Empty:
            if limits.broken(child):
                child.kill()
                return
            continue
        if line is None:
            return
        yield from json.loads(line).items()


def _listen(pipe: IO[str], lines: queue.Queue[str | None]) -> None:
    with suppress(ValueError, OSError):  # closed, since nobody listens any more
        for line in pipe:
            lines.put(line)
    lines.put(None)
