"""What the system lets us hold a process by: its parent's death, its orphans, its memory.

On Linux all of it; elsewhere a process whose starter was killed may live on until its kernel notices, a second later.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
from contextlib import suppress
from subprocess import Popen, TimeoutExpired

import psutil  # type: ignore[import-untyped]  # published without types

_SET_PARENT_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36


def _process_control(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with(parent: int) -> None:
    """Have the system kill this process when the thread that started it ends, however it ends."""
    _process_control(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we could ask
        os._exit(1)


def adopt_orphans() -> None:
    """Keep what our children started beneath us, even where it leaves its own parent and session behind."""
    _process_control(_SET_CHILD_SUBREAPER, 1)


def limit_memory(count: int) -> None:
    """Refuse this process, and each that it starts, more than `count` bytes of private memory.

    RLIMIT_DATA counts what can be written and is not shared (heap, anonymous maps, stacks of threads). RLIMIT_AS would
    count addresses too, of which the libraries reserve gigabytes without using them; RLIMIT_RSS does nothing on Linux.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (count, count))


def _running(one: psutil.Process) -> bool:
    try:
        return bool(one.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait(child: Popen[str], seconds: float) -> int:
    """Wait for a child's end and hear of it at once; Popen looks twenty times a second. Raises TimeoutExpired."""
    if sys.platform != "linux" or child.poll() is not None:
        return child.wait(seconds)
    try:
        handle = os.pidfd_open(child.pid)
    except ProcessLookupError:  # it has just ended, and another thread was told
        return child.wait()
    try:
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        if not ended.poll(seconds * 1000):
            raise TimeoutExpired(child.args, seconds)
    finally:
        os.close(handle)
    return child.wait()


def has_descendants(pid: int) -> bool:
    """Whether anything beneath a process is alive."""
    with suppress(psutil.NoSuchProcess):
        return any(_running(one) for one in psutil.Process(pid).children(recursive=True))
    return False


def end_descendants(process: psutil.Process) -> None:
    """Kill everything beneath a process. New ones may be born meanwhile, so look again until there is none."""
    while alive := [one for one in process.children(recursive=True) if _running(one)]:
        for one in alive:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(alive, timeout=0.05)


def end_tree(pid: int) -> None:
    """Kill a process and everything beneath it: it is frozen first, so that it neither starts nor loses any."""
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        top.suspend()
        end_descendants(top)
        top.kill()
