"""Child processes that never outlive us: ended in order when we end, and by the system when we are killed."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
PATIENCE = 10
"""Seconds that a child gets to end by itself."""
LAST_LINES = 5
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with(parent: int) -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)


class Children:
    """The processes that were started, newest first to be ended."""

    def __init__(self) -> None:
        self._started: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._logs: dict[str, Path] = {}

    def start(self, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        """Start one in a process group of its own, so that Ctrl-C reaches us first; its words go to `log`, anew."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self._logs[name] = log
        us = os.getpid()
        with log.open("wb") as words:
            child = subprocess.Popen(  # noqa: S603  our own commands
                list(command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: _die_with(us),  # noqa: PLW1509  the only way to set it, and we start no threads before
            )
        self._started.append((name, child))

    def ended(self) -> str | None:
        """Name one that has ended, if any."""
        return next((name for name, child in self._started if child.poll() is not None), None)

    def last_words(self, name: str) -> str:
        """Return the end of what one wrote, and where the rest is."""
        log = self._logs[name]
        lines = log.read_text(errors="replace").strip().splitlines()[-LAST_LINES:]
        return "\n".join([*(lines or ["(it wrote nothing)"]), f"({log})"])

    def stop(self) -> None:
        """End them all, first politely."""
        for _, child in reversed(self._started):
            if child.poll() is None:
                child.terminate()
        for _, child in reversed(self._started):
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._started.clear()
