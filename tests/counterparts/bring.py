"""Brings the servers that tests talk to and that are no libraries of ours: azurite, and a BigQuery emulator.

Each is installed from a lock, once for as long as the lock stays. What a machine cannot bring is told in a line, and
the tests that need it say so, too. Under CI what can be brought has to be: there a failure fails, and no such test
skips.
Run by `make test`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tests.counterparts.absent import absent

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A server, and how it comes here."""

    what: str
    needs: str
    """The program that installs it."""
    lock: Path
    home: Path
    """Git-ignored; whatever is in it goes when the lock changes."""
    program: Path
    variable: str
    """The environment's name for another program instead."""
    tested: str
    """What is tested with it."""
    steps: Sequence[Sequence[str]]
    own_home: bool = False

    @property
    def mark(self) -> Path:
        """Where the lock's digest is written once it is all there."""
        return self.home / "ready"

    @property
    def digest(self) -> str:
        """Today's lock."""
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    def is_here(self) -> bool:
        """Whether it was installed from the very lock of today."""
        return self.mark.is_file() and self.mark.read_text() == self.digest and self.program.exists()

    def bring(self) -> str | None:
        """Install it if it is not there; return why it cannot be, if so."""
        if self.is_here():
            return None
        if not shutil.which(self.needs):
            return f"there is no {self.needs}"
        shutil.rmtree(self.home, ignore_errors=True)
        for step in self.steps:
            given = {"env": self.environment(), "stdin": subprocess.DEVNULL}
            done = subprocess.run(step, cwd=HERE, check=False, capture_output=True, text=True, **given)  # type: ignore[call-overload]
            if done.returncode:
                said = [line for line in (done.stderr or done.stdout).splitlines() if "error" in line.lower()]
                return f"{' '.join(step[:2])} failed ({said[0] if said else f'it ended with {done.returncode}'})"
        self.mark.write_text(self.digest)
        return None

    def environment(self) -> dict[str, str]:
        """Return what it is installed with, and started with: engines keep their extensions beneath one's home."""
        return {**os.environ, **({"HOME": str(self.home)} if self.own_home else {})}

    def command(self) -> str:
        """Return the program; skip the test where there is none, see `absent`."""
        found = os.environ.get(self.variable) or (str(self.program) if self.is_here() else None)
        found = found or shutil.which(self.program.name)
        if not found:
            reason = f"{self.program.name} is not there: `make test` brings it where there is {self.needs}"
            absent(reason, reachable=shutil.which(self.needs) is not None)
        return found


EXTENSIONS = "from duckdb_extensions import import_extension as take; take('icu'); take('spatial')"
_MODULES, _BIGQUERY = HERE / "node_modules", ROOT / ".venv" / "bigquery"
AZURITE = Counterpart(
    what="azurite",
    needs="npm",
    lock=HERE / "package-lock.json",
    home=_MODULES,
    program=_MODULES / ".bin" / "azurite-blob",
    variable="AZURITE",
    tested="exports on Azure Blob Storage",
    steps=[("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")],
)
BIGQUERY = Counterpart(
    what="a BigQuery emulator",
    needs=sys.executable,
    lock=HERE / "bigquery.lock",
    home=_BIGQUERY,
    program=_BIGQUERY / "bin" / "bqemulator",
    variable="BIGQUERY_EMULATOR",
    tested="the SQL that fetches Google's bills",
    steps=[
        (sys.executable, "-m", "venv", str(_BIGQUERY)),
        (str(_BIGQUERY / "bin" / "pip"), "install", "-qq", "--no-deps", "--require-hashes", "-r", "bigquery.lock"),
        (str(_BIGQUERY / "bin" / "python"), "-c", EXTENSIONS),
    ],
    own_home=True,
)


def main() -> int:
    """Bring them all; return 1 if one that this machine can bring did not come, and CI is set."""
    failed = False
    for one in (AZURITE, BIGQUERY):
        if reason := one.bring():
            click.echo(f"tests: without {one.what} no test of {one.tested} runs: {reason}.", err=True)
            failed |= shutil.which(one.needs) is not None
    return int(failed and bool(os.environ.get("CI")))


if __name__ == "__main__":
    sys.exit(main())
