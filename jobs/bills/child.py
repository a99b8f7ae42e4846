"""The process that reads one delivery: told on stdin what, tells on stdout, a JSON object a line, what became of it."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from finops.errors import CostsError
from jobs.bills.errand import Errand, packed_error
from jobs.execution import reins

RESERVED = 8 * 2**30
"""Bytes that this process may reserve: far more than it may hold, which the one that waits for it watches."""


def main() -> None:
    """Do the errand; whoever waits for it hears of every step."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is undone
    given = json.load(sys.stdin)
    reins.die_with(given["parent"])
    errand = Errand.read(given)
    # Only we write there: a library that prints, prints among the errors.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(what: str, value: Any) -> None:  # noqa: ANN401  whatever JSON holds
        out.write(json.dumps({what: value}) + "\n")

    from jobs.bills.ingest import ingest  # noqa: PLC0415  slow, and only after the reins
    from jobs.bills.results import packed  # noqa: PLC0415

    reins.limit_memory(RESERVED)
    last: tuple[str, Any]
    try:
        done = ingest(
            errand.format,
            errand.paths,
            source=errand.source,
            anyway=errand.anyway,
            progress=lambda step: say("progress", step),
            told=errand.told,
        )
    except CostsError as error:
        last = ("error", packed_error(error))
    else:
        last = ("done", packed(done))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # nothing is left to be undone, and whoever hears this says good-bye
    say(*last)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(1)
