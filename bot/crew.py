"""Processes that work off the inbox and post the outbox, apart from the one that acknowledges.

Threads of one process wait for each other's Python: beside a crowd of questions an acknowledgement came seconds late.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Event, Semaphore

from bot import app, deliver, warming
from bot.working import Workers

PROCESSES = 4
"""Twice the cores of a small machine: as one waits for the database or Slack, another one works."""
PAUSE = 0.2
COURTESY = 5
"""On a busy machine what acknowledges goes first: Slack gives it three seconds, a person gives an answer more."""
AGAIN = 1.0
"""Seconds before a process that ended is followed by another: it may end again at once."""
log = logging.getLogger(__name__)


class Crew:
    """Processes that are started anew when they die, and end with the one that started them, however that ends."""

    def __init__(self, processes: int = PROCESSES) -> None:
        self._context: SpawnContext = multiprocessing.get_context("spawn")
        self._bell, self._stop = self._context.Semaphore(0), self._context.Event()
        self._members = [self._member() for _ in range(processes)]
        self._watch = threading.Thread(target=self._keep, name="crew", daemon=True)

    def _member(self) -> SpawnProcess:
        return self._context.Process(target=_work, args=(self._bell, self._stop), name="inbox", daemon=True)

    def start(self) -> Crew:
        """Start them."""
        for member in self._members:
            member.start()
        self._watch.start()
        return self

    def pids(self) -> list[int]:
        """Return the processes' numbers, as they are now."""
        return [member.pid for member in self._members if member.pid]

    def ring(self) -> None:
        """Say that there is something to do."""
        self._bell.release()

    def stop(self, within: float = 10.0) -> None:
        """Let each finish what it works on, and wait that long for it; what is left stays in the inbox."""
        self._stop.set()
        self._watch.join()
        for member in self._members:
            member.join(within / len(self._members))
            if member.is_alive():
                member.kill()

    def _keep(self) -> None:
        while not self._stop.is_set():
            wait([member.sentinel for member in self._members], timeout=PAUSE)
            for place, member in enumerate(self._members):
                if not member.is_alive() and not self._stop.wait(AGAIN):
                    log.error("a process that answers ended with %s: another one follows", member.exitcode)
                    self._members[place] = self._member()
                    self._members[place].start()


def _work(bell: Semaphore, stop: Event) -> None:
    """Work until told to stop, or until nobody is there who could tell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches all; the one that started this tells it
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    os.nice(COURTESY)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    warming.in_background()
    workers = Workers(app.build(), bell=bell).start()
    postman = deliver.run_in_background()
    starter = multiprocessing.parent_process()
    while not stop.is_set() and (starter is None or not wait([starter.sentinel], timeout=PAUSE)):
        pass
    postman.set()
    workers.stop()
