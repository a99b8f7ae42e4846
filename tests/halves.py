"""`python -m tests.halves [ARGS]`: all tests in two processes side by side, or by one process those that ARGS name.

Half of the time is spent waiting for servers and children, and one process leaves half of two cores idle. Each half has
a folder for temporary files of its own: pytest closes its folder to others, among them those whom tests start.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

JOBS, OTHERS = Path("tests/jobs"), "providers"
"""Where half of the time goes, and what of it goes with the rest."""
LEFT = sorted(f"--ignore={each}" for each in JOBS.iterdir() if each.name not in {OTHERS, "conftest.py"})
HALVES = ((str(JOBS), f"--ignore={JOBS / OTHERS}"), ("tests", *LEFT))
PYTEST = (sys.executable, "-m", "pytest")


def _started(half: tuple[str, ...], folder: Path, written: Path | None) -> subprocess.Popen[bytes]:
    folder.chmod(0o755)  # the embedded database runs as a user of its own
    environment = {**os.environ, "TMPDIR": str(folder)}
    out = written.open("wb") if written else None
    return subprocess.Popen([*PYTEST, *half], env=environment, stdout=out, stderr=subprocess.STDOUT if out else None)


def main(arguments: list[str]) -> int:
    """Return 0 if all tests passed. The first half is shown while it runs, the second one when it has ended."""
    if arguments:
        return subprocess.call([*PYTEST, *arguments])
    with ExitStack() as held:
        shown, hidden = (Path(held.enter_context(tempfile.TemporaryDirectory(prefix="t-"))) for _ in HALVES)
        told = hidden / "told.txt"
        halves = [_started(HALVES[0], shown, None), _started(HALVES[1], hidden, told)]
        try:
            codes = [half.wait() for half in halves]
        except KeyboardInterrupt:  # both were told, too, and clean up
            codes = [half.wait() for half in halves]
        sys.stdout.write(told.read_text(errors="replace"))
    return max(map(abs, codes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
