"""The official validator as a gate: what we export must pass for FOCUS 1.2, but for the validator's own faults.

`focus-validator` always exits 0, knows only version 1.2 without a network, and wants Python 3.12 and old packages; so
it has an environment of its own, made from requirements-focus.lock, and its report is read here. Run by `make focus`;
given files, those are checked instead of the demo's export.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import click

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements-focus.lock"
HOME = Path(os.environ.get("FOCUS_VENV", ROOT / ".venv" / "focus"))
"""Where the validator lives: inside the project's own environment, so that it goes when that goes."""
WANTED = (3, 12)
LEAST = 350
"""Rules that have to have run; of 578 the validator leaves 210 to a person."""
INVERTED = "the model's condition is inverted: it asks for a status where there is no commitment"
CONDITION = "the model lost the condition: it asks for a status where there is no capacity reservation"
PURCHASES = "the model takes every purchase for one that is paid ahead; a support fee of the month is none"
INVOICES = "the model lost the conditions: it asks for an invoice's number and for none at the same time"
CONTAINS = "it contains rules of this list, and nothing else that fails"
ALLOWED = {
    "CapacityReservationStatus-C-004-C": CONDITION,
    "CapacityReservationStatus-C-002-C": CONTAINS,
    "CapacityReservationStatus-C-000-C": CONTAINS,
    "CommitmentDiscountStatus-C-004-C": INVERTED,
    "CommitmentDiscountStatus-C-002-C": CONTAINS,
    "CommitmentDiscountStatus-C-000-C": CONTAINS,
    "EffectiveCost-C-005-C": PURCHASES,
    "EffectiveCost-C-000-M": CONTAINS,
    "InvoiceId-C-004-C": INVOICES,
    "InvoiceId-C-005-C": INVOICES,
    "InvoiceId-C-003-C": CONTAINS,
    "InvoiceId-C-000-O": CONTAINS,
    "CostAndUsage-D-000-M": CONTAINS,
    "CostAndUsage-D-002-M": CONTAINS,
}
"""Rule of model 1.2.0.1 (focus-validator 2.2.1): why data that is right cannot pass it. Each was read in the model."""


class GateError(Exception):
    """The gate could not judge."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a report says: rules that ran, and those that failed, by name."""

    ran: int
    failed: frozenset[str]

    @property
    def unexpected(self) -> list[str]:
        """Return the rules that failed without a reason."""
        return sorted(self.failed - ALLOWED.keys())


def read(report: Path) -> Verdict:
    """Read the validator's report. Raises GateError for one that says too little to be believed."""
    try:
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314  written by the validator just now
    except (OSError, ET.ParseError) as error:
        message = f"The validator left no report that can be read ({error})."
        raise GateError(message) from error
    ran = [one for one in cases if one.find("skipped") is None]
    if len(ran) < LEAST:
        message = f"Only {len(ran)} rules ran, at least {LEAST} should: was the validator or its model changed?"
        raise GateError(message)
    bad = [one for one in ran if one.find("failure") is not None or one.find("error") is not None]
    return Verdict(len(ran), frozenset(str(one.get("name")).partition(" ")[0] for one in bad))


def python() -> str:
    """Return a Python 3.12. Raises GateError if there is none: the gate never passes unasked."""
    for candidate in _candidates():
        said = f"import sys; sys.exit(sys.version_info[:2] != {WANTED})"
        try:
            if subprocess.run([candidate, "-c", said], check=False, capture_output=True).returncode == 0:
                return candidate
        except OSError:
            continue
    message = "focus-validator needs Python 3.12, and there is none: install it, or name it with FOCUS_PYTHON."
    raise GateError(message)


def _candidates() -> Iterator[str]:
    if given := os.environ.get("FOCUS_PYTHON"):
        yield given
        return
    yield "python3.12"
    yield from (str(one) for one in sorted(Path.home().glob(".pyenv/versions/3.12*/bin/python"), reverse=True))
    if uv := shutil.which("uv"):
        found = subprocess.run([uv, "python", "find", "3.12"], check=False, capture_output=True, text=True)
        yield from found.stdout.split()


def ready() -> bool:
    """Whether the validator's environment is there, made from the very lock of today."""
    mark = HOME / "ready"
    return mark.is_file() and mark.read_text() == hashlib.sha256(LOCK.read_bytes()).hexdigest()


def prepare() -> None:
    """Make the validator's environment, if it is not there. Raises GateError."""
    if ready():
        return
    shutil.rmtree(HOME, ignore_errors=True)
    try:
        subprocess.run([python(), "-m", "venv", str(HOME)], check=True)
        pip = [str(HOME / "bin" / "pip"), "install", "-qq", "--no-deps", "--require-hashes", "--requirement", str(LOCK)]
        subprocess.run(pip, check=True)
    except subprocess.CalledProcessError as error:
        message = f"The validator's environment could not be made: {error}."
        raise GateError(message) from error
    (HOME / "ready").write_text(hashlib.sha256(LOCK.read_bytes()).hexdigest())


def validate(file: Path) -> Verdict:
    """Run the validator on a FOCUS file. Raises GateError."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [str(HOME / "bin" / "focus-validator"), "--data-file", str(file.resolve())]
        command += ["--validate-version", "1.2", "--focus-dataset", "CostAndUsage", "--block-download"]
        command += ["--applicability-criteria", "ALL", "--output-type", "unittest"]
        # It opens a file of its own relative to the folder that it runs in.
        packages = next(HOME.glob("lib/python3.12/site-packages"))
        done = subprocess.run(
            [*command, "--output-destination", str(report)], cwd=packages, check=False, capture_output=True, text=True
        )
        if not report.is_file():
            message = f"The validator left no report: {(done.stderr or done.stdout).strip()[-500:]}"
            raise GateError(message)
        return read(report)


def export(folder: Path) -> list[Path]:
    """Write the demo's August as FOCUS, a file a cloud, from a home of its own."""
    os.environ["COSTS_HOME"] = str(folder / "home")
    for name in ("DATABASE_URL", "DATABASE_READER_URL", "COSTS_LAKE"):
        os.environ.pop(name, None)
    from jobs.bills.export import focus  # noqa: PLC0415  the settings are read when it is imported
    from jobs.bills.ingest import ingest  # noqa: PLC0415
    from jobs.demo import estate  # noqa: PLC0415
    from storage import migrate, postgres  # noqa: PLC0415

    built = estate.build(folder / "estate", today=date(2026, 9, 18))
    migrate.ensure()
    try:
        files = []
        for name in ("aws", "azure", "gcp"):
            bills = [one for one in (built.folder / "bills" / name).rglob("*.gz") if "202608" in str(one)]
            august = [one for one in bills if "20260801-" in str(one) or one.name.endswith("202608.json.gz")]
            ingest("auto", sorted(august), source=name)
            files.append(folder / f"{name}.parquet")
            focus("2026-08", files[-1], source=name)
    finally:
        postgres.release(folder / "home")
    return files


def judge(files: Iterable[Path]) -> bool:
    """Check each file and say what came of it; whether all are well."""
    well, needed = True, set[str]()
    for file in files:
        began = time.monotonic()
        verdict = validate(file)
        needed |= verdict.failed & ALLOWED.keys()
        well = well and not verdict.unexpected
        mark = "✗" if verdict.unexpected else "✓"
        excused = len(verdict.failed) - len(verdict.unexpected)
        took = time.monotonic() - began
        click.echo(f"{mark} {file.name}: {verdict.ran} rules, {excused} failures with a reason, {took:.0f} s")
        for rule in verdict.unexpected:
            click.echo(f"    {rule}: fails, and no reason is known")
    click.echo("Failures with a reason:")
    for rule in sorted(needed):
        click.echo(f"    {rule}: {ALLOWED[rule]}")
    return well


def main(arguments: list[str]) -> int:
    """Return 0 if all is well, 1 if a rule failed, 2 if nothing could be judged."""
    try:
        prepare()
        if arguments:
            return 0 if judge(Path(one) for one in arguments) else 1
        with tempfile.TemporaryDirectory(prefix="focus-") as folder:
            return 0 if judge(export(Path(folder))) else 1
    except GateError as error:
        click.echo(f"focus: {error}", err=True)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
