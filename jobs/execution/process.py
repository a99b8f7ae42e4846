"""Starting the child process with nothing but what it needs, and ending it, its kernel included, when time is up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from finops.errors import CostsError, UnavailableError
from jobs import scratch
from jobs.execution import reins
from storage.database import reader_url
from storage.settings import settings

ROOT = Path(__file__).resolve().parents[2]
LOG = "words.log"
MEMORY_LIMIT = 1024 * 2**20
"""Bytes of private memory of a kernel; the notebooks here take a third of it."""
_alive: set[int] = set()
_PASSED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE")


class NotebookFailedError(CostsError):
    """A notebook did not run to its end, or did not hand back what it promised."""


class NotebookRefusedError(NotebookFailedError):
    """A notebook ended with a known error, which a person can act on: its message is that error's."""


@contextmanager
def workspace() -> Iterator[Path]:
    """Lend a folder to one run. Those of workers that were killed are cleared away before.

    Raises UnavailableError where the disk does not take it.
    """
    parent = settings().home / "cache" / "notebooks"
    try:
        with scratch.folder(parent) as folder:
            yield folder
    except OSError as error:
        message = f"A notebook cannot work in {parent} ({error.strerror}): free disk space or check its permissions."
        raise UnavailableError(message) from error


def bare(folder: Path) -> dict[str, str]:
    """Return what any child sees: how to find programs, a home of its own, one thread for numbers; no database."""
    return {
        **{name: os.environ[name] for name in _PASSED if name in os.environ},
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "TZ": "UTC",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def environment(folder: Path) -> dict[str, str]:
    """Return all that the child and its kernel see: no token, no cloud credential, no owner of the database.

    The database's address names a role that can only read. The embedded PostgreSQL trusts whoever reaches its socket,
    so there the role protects against mistakes, not against a notebook that names another role on purpose: for that,
    give DATABASE_URL and DATABASE_READER_URL with passwords of their own. Without the latter the owner's address is
    given with the reader's role set, which a hostile notebook could set back.

    The folder is the child's home and where it works, so neither a `.env` nor a cloud's credentials file is in sight.
    """
    home = settings().home
    pictures = home / "cache" / "matplotlib"
    pictures.mkdir(parents=True, exist_ok=True)
    return {
        **bare(folder),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "COSTS_HOME": str(home),
        "DATABASE_READER_URL": reader_url(),
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": str(pictures),
        **{f"JUPYTER_{kind}": str(folder) for kind in ("PATH", "CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")},
        "IPYTHONDIR": str(folder / "ipython"),
    }


def run(
    order: Mapping[str, Any],
    folder: Path,
    *,
    name: str,
    time_limit: float,
    module: str = "jobs.execution.child",
    environ: Mapping[str, str] | None = None,
    waiting: subprocess.Popen[str] | None = None,
) -> bool:
    """Run the child in the folder; return whether it ended well. Raises NotebookFailedError when time is up.

    Whatever happens, Ctrl-C included, nothing of it is left running. `module` is what the child runs where that is not
    a notebook, `environ` all that it sees; one that is `waiting` already is given its order.
    """
    words = json.dumps({**order, "parent": os.getpid()})
    child = waiting or started(folder, module, environment(folder) if environ is None else environ)
    _alive.add(child.pid)
    try:
        # In a thread: one that reads nothing holds up whoever writes to it, beyond its time.
        threading.Thread(target=_give, args=(child, words), daemon=True, name="order").start()
        reins.wait(child, time_limit)
    except subprocess.TimeoutExpired:
        message = f"{name} was stopped: it took longer than {time_limit:g} seconds."
        raise NotebookFailedError(message) from None
    finally:
        if child.poll() is None:  # once it was waited for, its number may already be somebody else's
            reins.end_tree(child.pid)
            child.wait()
        _alive.discard(child.pid)
    return child.returncode == 0


def _give(child: subprocess.Popen[str], words: str) -> None:
    """Write a child's order on its pipe and close it. One that has ended already is told by its exit code."""
    assert child.stdin is not None  # noqa: S101  started with a pipe
    with suppress(BrokenPipeError), child.stdin:
        child.stdin.write(words)


def started(folder: Path, module: str, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a child in its folder; it waits for its order on a pipe."""
    with (folder / LOG).open("wb") as log:
        return subprocess.Popen(  # noqa: S603  one of our own modules
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=dict(environ),
            start_new_session=True,  # Ctrl-C reaches us; the child is ended by us
            text=True,
        )


def stop_all() -> None:
    """End every notebook that other threads of this process wait for: they then fail as killed."""
    for pid in list(_alive):
        reins.end_tree(pid)
