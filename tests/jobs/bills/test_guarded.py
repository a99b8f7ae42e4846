"""Bills are read in a process of its own: what a file does to it ends in a sentence, and here nothing grows."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # published without types
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from finops.errors import BadDeliveryError, BadSettingError
from jobs.bills import guarded
from jobs.bills.told import Told
from storage.database import transaction
from storage.models import CostRecord, Delivery, Outcome, Run
from tests.jobs.bills.test_limits import _bomb, _footer, _wide

MEBIBYTE = 1 << 20
GROWTH = 64 * 1024
"""Kibibytes that this process may grow by; the file's reader may need a gigabyte."""
PATIENCE = 10
"""Seconds in which the system ends a process."""
READING = """
import sys; from pathlib import Path; from jobs.bills.guarded import ingest
ingest("auto", [Path(sys.argv[1])], source="payer", progress=lambda step: print(step, flush=True))
"""
HEADER = "BilledCost,BillingPeriodStart,BillingCurrency,ProviderName"


@pytest.fixture(autouse=True)
def reader() -> None:
    """Read bills as everywhere but in other tests: in a process of their own."""


def _lines(file: Path) -> str:
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.write(f"{HEADER}\n".encode())
        for _ in range(120):
            packed.write(b"\n" * MEBIBYTE)
    return "it has more than 100,000,000 lines"


def _blanks(file: Path) -> str:
    with gzip.open(file, "wb", compresslevel=1) as packed:
        for _ in range(240):
            packed.write(b" " * MEBIBYTE)
    return r"its first line is longer than 8 MiB|a cell is longer"


def _deep(file: Path) -> str:
    file.write_text('{"a":' * 200_000 + "1" + "}" * 200_000)
    return "nested deeper than any bill's|as JSON objects"


def _huge_cell(file: Path) -> str:
    row = {"BilledCost": ["1"], "BillingPeriodStart": ["2026-09-01"], "ServiceName": ["x" * 100 * MEBIBYTE]}
    pq.write_table(pa.table(row), file)
    return "takes more memory than the reader may have|broke the reader|a name of at most"


def _lying(file: Path) -> str:
    """Write a Parquet file whose pages are noise under a footer that is sound."""
    pq.write_table(pa.table({"BilledCost": ["1"] * 9999, "BillingPeriodStart": ["2026-09-01"] * 9999}), file)
    content = bytearray(file.read_bytes())
    content[4:64] = b"\xff" * 60
    file.write_bytes(content)
    return "it is damaged|broke the reader"


@pytest.mark.parametrize("make", [_bomb, _wide, _footer, _lines, _blanks, _deep, _huge_cell, _lying])
def test_what_is_made_to_hurt_does_not_reach_us(make: Callable[[Path], str], tmp_path: Path, database: Path) -> None:
    """One sentence with the file's name, and a run that failed; nothing is left behind."""
    file = tmp_path / "hurts.data"
    told = make(file)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadDeliveryError, match=rf"hurts\.data.*({told})"):
        guarded.ingest("auto", [file], source="hostile")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH
    assert not list((database / "tmp").iterdir())
    with transaction() as session:
        assert [run.outcome for run in session.scalars(select(Run))] == [Outcome.FAILED]


def _bill(folder: Path, *costs: str) -> Path:
    file = folder / "bill.csv"
    file.write_text("\n".join([HEADER, *(f"{cost},2026-09-01,EUR,AWS" for cost in costs), ""]))
    return file


def test_what_was_read_there_is_known_here(tmp_path: Path, database: Path) -> None:
    """Amounts exact, steps told, and what manifests told handed over."""
    del database
    file, steps = _bill(tmp_path, "1.000000000000000001", "2"), []
    made = {file: Told(datetime(2026, 9, 9, tzinfo=UTC), "ActualCost", 2)}
    done = guarded.ingest("focus", [file], source="payer", progress=steps.append, told=made)
    assert done.periods[0].billed_cost == {"EUR": Decimal("3.000000000000000001")}
    assert (done.periods[0].status, steps) == ("loaded", ["opening", "normalizing", "loading"])
    with transaction() as session:
        assert session.scalars(select(Delivery.made_at)).one() == datetime(2026, 9, 9, tzinfo=UTC)


def test_errors_keep_their_kind_words_and_place(tmp_path: Path, database: Path) -> None:
    """As if they had been raised here."""
    del database
    with pytest.raises(BadDeliveryError, match="found “twelve”") as raised:
        guarded.ingest("auto", [_bill(tmp_path, "1", "twelve")], source="payer")
    assert (raised.value.row, raised.value.column) == (2, "BilledCost")
    with pytest.raises(BadSettingError, match="is no name for a source"):
        guarded.ingest("auto", [tmp_path], source="no name")
    with pytest.raises(BadDeliveryError, match="expected at least one file, found none"):
        guarded.ingest("auto", [], source="payer")


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({"memory_limit": 64 * MEBIBYTE}, r"bill\.csv: reading it needed more than 0\.0625 GiB of memory"),
        ({"time_limit": 0.0}, r"bill\.csv: reading it took too long"),
    ],
)
def test_a_reader_that_takes_too_much_is_ended(
    limits: dict[str, float], problem: str, tmp_path: Path, database: Path
) -> None:
    """And nothing is half loaded; the failure is told once, as any other."""
    del database
    with pytest.raises(BadDeliveryError, match=problem):
        guarded.ingest("auto", [_bill(tmp_path, "1")], source="payer", **limits)  # type: ignore[arg-type]
    with transaction() as session:
        assert session.scalars(select(CostRecord)).all() == []
        assert [run.outcome for run in session.scalars(select(Run))] == [Outcome.FAILED]


def test_the_reader_leaves_without_a_word(tmp_path: Path, database: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Whether it read the bill or refused it: people see what became of it, and nothing of how it ended."""
    del database
    for _ in range(3):
        guarded.ingest("auto", [_bill(tmp_path, "1")], source="payer")
        with pytest.raises(BadDeliveryError):
            guarded.ingest("auto", [_bill(tmp_path, "twelve")], source="payer")
    assert capfd.readouterr() == ("", "")


def test_nothing_of_it_outlives_who_waits_for_it(tmp_path: Path, database: Path) -> None:
    """SIGKILL leaves no moment to tidy up: the system ends the reader, and the next one clears its folder away."""
    file = tmp_path / "large.csv"
    rows = (f"0.1,2026-09-01,EUR,AWS,vm-{number}" for number in range(200_000))
    file.write_text("\n".join([f"{HEADER},ResourceId", *rows, ""]))
    words = [sys.executable, "-c", READING, str(file)]
    with subprocess.Popen(words, cwd=guarded.ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        assert [parent.stdout.readline() for _ in range(3)][-1] == "loading\n"
        (reader,) = psutil.Process(parent.pid).children()
        parent.kill()
    assert not psutil.wait_procs([reader], timeout=PATIENCE)[1]
    assert len(list((database / "tmp").iterdir())) == 1
    with transaction() as session:
        assert session.scalars(select(Delivery)).all() == []
    assert guarded.ingest("auto", [_bill(tmp_path, "1")], source="other").periods[0].status == "loaded"
    assert not list((database / "tmp").iterdir())
