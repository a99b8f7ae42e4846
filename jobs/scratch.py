"""Folders to work in for a while: each is locked by who works there, so what killed processes left is known at once."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from finops.errors import UnavailableError


@contextmanager
def folder(parent: Path) -> Iterator[Path]:
    """Lend a new folder beneath `parent`; it is gone afterwards. Those whose users were killed are removed before.

    The system drops a lock with its process, however that ended. Raises UnavailableError where the disk does not take
    it.
    """
    try:
        lent, held = _lent(parent)
    except OSError as error:
        message = f"{parent} cannot be written ({error.strerror}): free disk space or set COSTS_HOME to another folder."
        raise UnavailableError(message) from error
    try:
        yield lent
    finally:
        shutil.rmtree(lent, ignore_errors=True)
        os.close(held)


def _lent(parent: Path) -> tuple[Path, int]:
    """Make a folder, and return it with its open lock."""
    parent.mkdir(parents=True, exist_ok=True)
    with _locked(parent):  # so that nobody takes a new folder for one that was left, before it is locked
        _sweep(parent)
        made = Path(tempfile.mkdtemp(dir=parent))
        held = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(held, fcntl.LOCK_EX)
    return made, held


@contextmanager
def _locked(place: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    held = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, how)
        yield
    finally:
        os.close(held)


def _sweep(parent: Path) -> None:
    """Remove the folders that nobody holds."""
    for left in parent.iterdir():
        # Held by somebody at work, no folder, or just gone: none of it is ours to remove.
        with suppress(OSError), _locked(left, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(left, ignore_errors=True)
