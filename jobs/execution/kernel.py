"""The kernel that runs a notebook's cells: ipykernel, with a limit on its memory, that ends with whoever started it."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal

from jobs.execution import reins

AHEAD = "COSTS_KERNEL_AHEAD"
"""Set for a kernel that stands ready before its notebook is known."""


def main() -> None:
    """Take the reins, then become the kernel. The child process says how in the environment."""
    reins.die_with(int(os.environ["JPY_PARENT_PID"]))
    reins.limit_memory(int(os.environ["COSTS_KERNEL_MEMORY"]))
    from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415  nothing may be loaded before the limit holds

    from finops import charts  # noqa: F401, PLC0415  what nearly every notebook needs is loaded while papermill starts
    from storage import charges  # noqa: F401, PLC0415

    if os.environ.pop(AHEAD, ""):
        _draw()
    launch_new_instance()


def _draw() -> None:
    """Draw a chart that nobody sees: the first one looks for the fonts and takes a third of a second."""
    from finops import charts  # noqa: PLC0415  as above

    figure = charts.daily({"": {date(2000, 1, 1): Decimal(1)}}, title="-", currency="USD")
    charts.png(figure)
    charts.svg(figure)


if __name__ == "__main__":
    main()
