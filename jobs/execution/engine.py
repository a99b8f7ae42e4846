"""A kernel that answers, and papermill's engine that runs a notebook on it without asking for that again.

nbclient takes a fifth of a second to find out whether a kernel answers. A child that stands ready has done so before.
"""

from __future__ import annotations

from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

NAME = "connected"
UNBORN = "Kernel died before replying"
"""What jupyter_client says of a kernel that ends before the first cell."""


def connected(manager: AsyncKernelManager) -> NotebookClient | None:
    """Wait until the kernel answers; nothing if it ends before."""
    client = NotebookClient(nbformat.v4.new_notebook(), km=manager)  # type: ignore[no-untyped-call]
    try:
        client.start_new_kernel_client()
    except RuntimeError as error:
        if not str(error).startswith(UNBORN):
            raise
        return None
    return client


class ConnectedEngine(NBClientEngine):  # type: ignore[misc]  # published without types
    """Papermill's own engine, with the connection that there is already."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        connection: NotebookClient,
        **_: Any,  # noqa: ANN401  papermill's own: where to log, and how long to wait for a kernel
    ) -> None:
        """Run the cells; no cell has a time limit of its own, the child has one."""
        client = PapermillNotebookClient(nb_man, km=connection.km, kernel_name=kernel_name)
        client.kc = connection.kc
        client.execute()


papermill_engines.register(NAME, ConnectedEngine)
