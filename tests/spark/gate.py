"""The same rules on Spark as a gate: the test that compares the two ledgers has to run, and none of it may be skipped.

Spark weighs more than all else together, so its libraries are no part of the project's environment: they are installed
from requirements-spark.lock into a folder of their own, and seen by this one test only. Run by `make spark`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements-spark.lock"
HOME = Path(os.environ.get("SPARK_LIBRARIES", ROOT / ".venv" / "spark"))
"""Where Spark lives: inside the project's own environment, so that it goes when that goes."""
TEST = "tests/jobs/bills/test_spark.py"
NO_JAVA = 2
"""This status says that the machine cannot judge."""


OLDEST = 17


class GateError(Exception):
    """The gate could not judge."""


def java() -> int:
    """Return the version of the Java that is there, 0 if there is none."""
    if not shutil.which("java"):
        return 0
    said = subprocess.run(["java", "-version"], check=False, capture_output=True, text=True)
    return version(said.stderr)


def version(said: str) -> int:
    """Read the version out of what Java says of itself: 8 of `1.8.0_392`, 17 of `17.0.9`."""
    found = re.search(r'version "(?:1[.])?(\d+)', said)
    return int(found.group(1)) if found else 0


def prepare() -> None:
    """Install Spark, if the very one of today's lock is not there. Raises GateError."""
    digest, mark = hashlib.sha256(LOCK.read_bytes()).hexdigest(), HOME / "ready"
    if mark.is_file() and mark.read_text() == digest:
        return
    shutil.rmtree(HOME, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--require-hashes", "--target", str(HOME)]
    try:
        subprocess.run([*pip, "--requirement", str(LOCK)], check=True)
    except subprocess.CalledProcessError as error:
        message = f"Spark could not be installed: {error}."
        raise GateError(message) from error
    mark.write_text(digest)


def judge(said: str, status: int) -> bool:
    """Tell of a test run's last line and status whether everything was compared. Raises GateError if nothing was."""
    counted = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", said)}
    if not counted.get("passed") and not counted.get("failed"):
        message = "no test ran: was it renamed, or are its libraries broken?"
        raise GateError(message)
    return status == 0 and not counted.keys() & {"failed", "skipped", "error", "errors"}


def main() -> int:
    """Return 0 if both ledgers are the same, 1 if they are not, 2 without a Java to run Spark with."""
    if java() < OLDEST:
        click.echo(f"spark: Spark needs Java {OLDEST} or newer, and there is none: install it.", err=True)
        return NO_JAVA
    try:
        prepare()
        known = {**os.environ, "PYTHONPATH": str(HOME)}
        pytest = [sys.executable, "-m", "pytest", "-ra", "-o", "addopts=", TEST]
        done = subprocess.run(pytest, cwd=ROOT, env=known, check=False, capture_output=True, text=True)
        last = done.stdout.strip().rpartition("\n")[2]
        click.echo(f"spark: {last.strip('= ')}")
        if judge(last, done.returncode):
            return 0
        click.echo(done.stdout + done.stderr, err=True)
    except GateError as error:
        click.echo(f"spark: {error}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
