"""The worker: procrastinate takes jobs from the queue and runs each in a thread, until it is told to stop.

Told to stop, it takes no new job, waits for the running ones, and gives back what is not done in time. A worker that
was killed gives nothing back; the sweep does.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from finops.errors import CostsError, UnavailableError
from jobs import queue, runner
from jobs.execution import spare
from jobs.queue import Work
from storage.database import libpq, transaction, url

CONCURRENCY = 3
"""A long collection must not keep the mails waiting. More work than that is for more workers."""
GRACE_SECONDS = 20
"""How long a stopping worker waits for its jobs: less than the 30 seconds after which platforms kill."""
RECONNECT_SECONDS = 5

log = logging.getLogger(__name__)


async def run(**arguments: Any) -> None:  # noqa: ANN401  the queue's JSON, checked by Work
    """Run one job of the queue. How it ended is in its row; the queue only hears that it was taken care of."""
    work = Work(**arguments)
    try:
        await _in_thread(lambda: runner.run(work.name, work.parameters, slot=_instant(work.slot)))
    except asyncio.CancelledError:  # the worker stops and waited long enough
        _put_back(work)
        raise
    except Exception as error:  # noqa: BLE001  the edge: the runner wrote the row and the log
        _try_again(work, error)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _put_back(work: Work, wait: timedelta | None = None) -> None:
    with transaction() as session:
        queue.defer(session, work, wait=wait)


def _try_again(work: Work, error: Exception) -> None:
    """Queue it once more, later. What a person must mend (a setting, a bill) is not tried before its next slot."""
    log.warning("%s, attempt %s: %s", work.name, work.attempt, str(error).partition("\n")[0])
    later = work.next_attempt()
    if later is not None and (isinstance(error, UnavailableError) or not isinstance(error, CostsError)):
        _put_back(later, timedelta(minutes=work.attempt**2))


async def _in_thread(work: Callable[[], object]) -> None:
    """Await work in a thread that does not keep the process alive: what is given back must not hold up the stop."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def tell(error: Exception | None) -> None:
        if not ended.done():
            ended.set_exception(error) if error else ended.set_result(None)

    def body() -> None:
        failure: Exception | None = None
        try:
            work()
        except Exception as error:  # noqa: BLE001  the edge of a thread: whoever awaits it gets the error
            failure = error
        except SystemExit as error:
            failure = RuntimeError(f"it wanted to end the whole process ({error})")
        with suppress(RuntimeError):  # the loop has ended: the job was given back, nobody listens
            loop.call_soon_threadsafe(tell, failure)

    threading.Thread(target=body, daemon=True, name="job").start()
    await ended


def app() -> App:
    """Return the queue as workers see it: one task, which runs a job of the timetable."""
    workers = App(connector=PsycopgConnector(conninfo=libpq(url()), min_size=1, max_size=CONCURRENCY + 2))
    workers.task(name=queue.TASK)(run)
    return workers


async def work(*, concurrency: int = CONCURRENCY, wait: bool = True, grace: float = GRACE_SECONDS) -> None:
    """Work until cancelled, or with `wait=False` until the queue is empty. Survives a restart of the database."""
    while True:
        try:
            workers = app()
            async with workers.open_async():
                await workers.run_worker_async(
                    concurrency=concurrency,
                    wait=wait,
                    shutdown_graceful_timeout=grace,
                    delete_jobs="always",  # what ran, and how it ended, is told by `runs`
                    install_signal_handlers=False,
                )
            if not wait:
                return
            log.warning("The worker starts again in %s s", RECONNECT_SECONDS)
        except (ConnectorException, UnavailableError) as error:
            log.warning("The worker lost its database and tries again in %s s: %s", RECONNECT_SECONDS, error)
        await asyncio.sleep(RECONNECT_SECONDS)


@contextmanager
def _stopped_by_signals(task: asyncio.Task[Any]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _until_stopped(what: Coroutine[Any, Any, object]) -> None:
    task = asyncio.create_task(what)
    with _stopped_by_signals(task), suppress(asyncio.CancelledError):
        await task


def serve(*, concurrency: int = CONCURRENCY) -> None:
    """Work until SIGTERM or SIGINT, with a kernel ready where notebooks follow each other."""
    with spare.kept():
        asyncio.run(_until_stopped(work(concurrency=concurrency)))


async def _nothing() -> None:
    await asyncio.Event().wait()


def stay() -> None:
    """Do nothing until SIGTERM or SIGINT: for a clock whose jobs are done elsewhere."""
    asyncio.run(_until_stopped(_nothing()))
