"""The process that runs one notebook through papermill and makes its page. It writes into its own folder only.

It reads its order as a line of JSON on stdin (one that stands ready reads a first line that tells its limits, and its
order when there is one), leaves `executed.ipynb`, `page.html` and, where it failed, `problem.txt` (one
sentence), and says by its exit code whether the notebook ran to its end.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]  # published without types
from jupyter_client.manager import AsyncKernelManager

from jobs.execution import kernel, reins

if TYPE_CHECKING:
    from nbclient import NotebookClient

KERNEL = "costs"
EXECUTED, PAGE, PROBLEM, READY = "executed.ipynb", "page.html", "problem.txt", "ready"
RAISED = "raised.txt"
"""The name of what a cell raised, and on the lines after it what that said."""
MEBIBYTE = 2**20


def _start_kernel(folder: Path) -> AsyncKernelManager:
    """Describe our kernel where kernels are looked for (JUPYTER_PATH is our folder), and start it.

    It boots while papermill, which would start it otherwise, is still being imported.
    """
    home = folder / "kernels" / KERNEL
    home.mkdir(parents=True)
    quiet = ["--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor"]
    command = [sys.executable, "-m", "jobs.execution.kernel", "-f", "{connection_file}", *quiet]
    described = {"argv": command, "display_name": "costs", "language": "python"}
    (home / "kernel.json").write_text(json.dumps(described))
    # Sockets in the folder, which is both processes' own: of two that look for a free port at once, one may lose it.
    manager = AsyncKernelManager(kernel_name=KERNEL, transport="ipc", ip=KERNEL)
    asyncio.run(_boot(manager, folder))
    return manager


async def _boot(manager: AsyncKernelManager, folder: Path) -> None:
    await manager.start_kernel(cwd=str(folder))


def _connect(manager: AsyncKernelManager) -> NotebookClient | None:
    from jobs.execution import engine  # noqa: PLC0415  papermill is slow to import: only after the reins

    return engine.connected(manager)


def _run(order: dict[str, Any], folder: Path, connection: NotebookClient | None) -> str | None:
    """Run the notebook; return what went wrong as a sentence, or None."""
    from nbclient.exceptions import DeadKernelError  # noqa: PLC0415  as above
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415
    from papermill.execute import execute_notebook  # noqa: PLC0415

    from jobs.execution import engine  # noqa: PLC0415

    name, limit = order["name"], order["memory_limit"] // MEBIBYTE
    lost = f"The notebook {name} lost its kernel: it was ended, or needed more than its {limit} MiB of memory."
    if connection is None:
        return lost
    try:
        execute_notebook(
            order["notebook"],
            folder / EXECUTED,
            parameters=order["parameters"],
            engine_name=engine.NAME,
            kernel_name=KERNEL,
            progress_bar=False,
            autosave_cell_every=0,
            connection=connection,
            cwd=folder,
        )
    except DeadKernelError:
        return lost
    except PapermillExecutionError as error:
        (folder / RAISED).write_text(f"{error.ename}\n{error.evalue}", encoding="utf-8", errors="replace")
        return _sentence(name, order["memory_limit"], error.ename, error.evalue, error.exec_count)
    return None


def _sentence(name: str, limit: int, kind: str, words: str, cell: int | None) -> str:
    if kind in {"MemoryError", "_ArrayMemoryError"}:
        return f"The notebook {name} needed more than its {limit // MEBIBYTE} MiB of memory in cell {cell}."
    first = words.strip().splitlines()[0] if words.strip() else ""
    return f"The notebook {name} failed in cell {cell}: {kind}{': ' if first else ''}{first}"


def _warm_page() -> None:
    from jobs.execution import page  # noqa: PLC0415  here, beside the kernel's work

    page.warm()


def _next_order() -> dict[str, Any]:
    """Say that everything is loaded, then wait for the notebook. Nobody may ever ask for one."""
    Path(READY).touch()
    if not (words := sys.stdin.readline()):
        reins.end_descendants(psutil.Process())
        sys.exit(0)
    given: dict[str, Any] = json.loads(words)
    return given


def main() -> None:
    """Do what stdin orders."""
    order = json.loads(sys.stdin.readline())
    reins.die_with(order["parent"])
    reins.adopt_orphans()
    os.environ["COSTS_KERNEL_MEMORY"] = str(order["memory_limit"])
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    folder = Path.cwd()
    if order.get("spare"):
        os.environ[kernel.AHEAD] = "yes"
    manager = _start_kernel(folder)
    # The page's libraries load while the kernel works.
    warming = threading.Thread(target=_warm_page, daemon=True)
    warming.start()
    connection = _connect(manager)
    if order.get("spare"):
        warming.join()
        order |= _next_order()
    try:
        problem = _run(order, folder, connection)
    finally:
        reins.end_descendants(psutil.Process())  # what the notebook may have started and left
    if problem:
        (folder / PROBLEM).write_text(problem, encoding="utf-8")
    warming.join()
    from jobs.execution import page  # noqa: PLC0415  see the thread above

    if (folder / EXECUTED).exists():  # not where the kernel ended before the first cell
        page.write(folder / EXECUTED, folder / PAGE, parameters=order["shown"], problem=problem)
    _leave(1 if problem else 0)


def _leave(code: int) -> None:
    """End at once. All is written and nothing runs beneath; taking the libraries down takes a fifth of a second."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
