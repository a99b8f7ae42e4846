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
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

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
"""Bytes of private memory, 1.5 GiB; the engine is told to stay at half of it, and spills beyond."""
PATIENCE = 10
"""Seconds in which the child may roll back and tidy up once it is told to end."""


def ingest(
    format: str,  # noqa: A002  the command's word
    paths: Sequence[Path],
    *,
    source: str,
    allow_shrunk: bool = False,
    progress: Callable[[str], None] | None = None,
    told: Mapping[Path, Told] = MappingProxyType({}),
    time_limit: float = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
) -> Ingested:
    """Read a delivery as `jobs.bills.ingest.ingest` does, in a guarded process. Raises what that raises.

    A process that needs too much memory or time, or dies, raises BadDeliveryError.
    """
    errand = Errand(format, list(paths), source, allow_shrunk=allow_shrunk, told=dict(told), memory=memory_limit)
    with _child() as child:
        for what, value in _said(child, errand, time.monotonic() + time_limit):
            if what == "progress" and progress:
                progress(value)
            if what == "done":
                return unpacked(value)
            if what == "error":
                raise raised(value)
    reason = _why(child, time_limit, memory_limit)
    error = BadDeliveryError(str(paths[0]) if paths else source, reason)
    with suppress(CostsError, SQLAlchemyError):  # the error itself matters more than its trace
        trace.failed(source, format, paths, str(error))
    raise error


@contextmanager
def _child() -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "jobs.bills.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
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


def _said(child: subprocess.Popen[str], errand: Errand, until: float) -> Iterator[tuple[str, Any]]:
    """Give the child its errand, and return what it says, until it ends or time is up."""
    assert child.stdin  # noqa: S101  it was asked for
    assert child.stdout  # noqa: S101  as above
    with suppress(BrokenPipeError):
        child.stdin.write(errand.written(parent=os.getpid()))
        child.stdin.close()
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(child.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=max(until - time.monotonic(), 0))
        except queue.Empty:
            child.kill()
            return
        if line is None:
            return
        yield from json.loads(line).items()


def _listen(pipe: IO[str], lines: queue.Queue[str | None]) -> None:
    with suppress(ValueError, OSError):  # closed, since nobody listens any more
        for line in pipe:
            lines.put(line)
    lines.put(None)


def _why(child: subprocess.Popen[str], time_limit: float, memory_limit: int) -> str:
    if child.returncode == -signal.SIGKILL:
        return f"reading it took longer than {time_limit:,.0f} seconds, or was ended from outside: look at what it is."
    size = f"{memory_limit / 2**30:.3g} GiB"
    return f"reading it needed more than {size} of memory, or broke the reader: look at what it is."
