"""The kernel that runs a notebook's cells: ipykernel, with a limit on its memory, that ends with whoever started it."""

from __future__ import annotations

import os

from jobs.execution import reins


def main() -> None:
    """Take the reins, then become the kernel. The child process says how in the environment."""
    reins.die_with(int(os.environ["JPY_PARENT_PID"]))
    reins.limit_memory(int(os.environ["COSTS_KERNEL_MEMORY"]))
    from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415  nothing may be loaded before the limit holds

    from finops import charts  # noqa: F401, PLC0415  what nearly every notebook needs is loaded while papermill starts
    from storage import charges  # noqa: F401, PLC0415

    launch_new_instance()


if __name__ == "__main__":
    main()
